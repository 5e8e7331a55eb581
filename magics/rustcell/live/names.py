"""Which names a module may take, and which names of the user's follow a new build."""

from __future__ import annotations

import importlib.util
import re
import sys
import sysconfig
from collections.abc import MutableMapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

from rustcell.errors import NameRefusedError

HISTORY = re.compile(r"_+(i|oh|dh|ih|\d+|i\d+)?|In|Out")
"""The names under which IPython keeps what was shown: they stand for nothing of the user's."""
_IMMUTABLE = (int, float, complex, str, bytes, tuple, frozenset, bool, type(None))


def refuse_shadowing(name: str, ours: set[str]) -> None:
    """Make sure that NAME hides nothing that rustcell did not create.

    Parameters
    ----------
    ours:
        `sys.path` entries that rustcell put there.

    Raises
    ------
    NameRefusedError
        For a module of the standard library, an installed package, or a file beside the
        notebook.
    """
    if name in sys.stdlib_module_names or name in sys.builtin_module_names:
        raise _refused(name, "a module of Python's standard library", "")
    loaded = sys.modules.get(name)
    if loaded is not None and not _is_ours(loaded, ours):
        raise _refused(name, "a module that is imported already", _place(loaded))
    found = _found_elsewhere(name, ours)
    if found:
        raise _refused(name, _what_is_at(Path(found)), found)


def _what_is_at(origin: Path) -> str:
    """Say in words, the same on every machine, what stands at the path of a module."""
    for site in (sysconfig.get_path("platlib"), sysconfig.get_path("purelib")):
        if origin.is_relative_to(site):
            return "a package that is installed in this environment"
    if origin.is_relative_to(Path.cwd()):
        return f"{origin.relative_to(Path.cwd()).as_posix()} beside the notebook"
    return "a module that Python finds already"


def _found_elsewhere(name: str, ours: set[str]) -> str:
    """Return where `import NAME` would lead without us, "" if nowhere."""
    saved_path, saved_modules = list(sys.path), {}
    for key in [k for k in sys.modules if k == name]:
        saved_modules[key] = sys.modules.pop(key)
    sys.path[:] = [entry for entry in sys.path if entry not in ours]
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        spec = None
    finally:
        sys.path[:] = saved_path
        sys.modules.update(saved_modules)
    if spec is None or spec.origin is None or _installed_by_us(name, spec.origin):
        return ""
    return spec.origin


def _installed_by_us(name: str, origin: str) -> bool:
    try:
        distribution = metadata.distribution(f"rustcell-{name}")
    except metadata.PackageNotFoundError:
        return False
    home = Path(str(distribution.locate_file(""))).resolve()
    return Path(origin).resolve().is_relative_to(home)


def _is_ours(module: ModuleType, ours: set[str]) -> bool:
    place = _place(module)
    return any(place.startswith(entry) for entry in ours) or _installed_by_us(
        module.__name__, place
    )


def _place(module: ModuleType) -> str:
    return str(getattr(module, "__file__", None) or "")


def _refused(name: str, what: str, place: str) -> NameRefusedError:
    where = f"\n(It is {place}.)" if place else ""
    return NameRefusedError(
        f"a module named {name!r} would hide {what}",
        f"Choose another name, for example: %%rust_module {name}_rs{where}",
    )


@dataclass(frozen=True)
class Renewed:
    """Names of the user's that now stand for the new build's objects, and those that cannot."""

    renewed: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()


def renew(namespace: MutableMapping[str, Any], old: ModuleType, new: ModuleType) -> Renewed:
    """Rebind what came from the old build: `from geometry import area`, `import geometry as g`.

    A name counts as coming from the old build when it is, by identity, the module or one
    of its attributes; for immutable values, which Python shares, the name must agree too.
    Instances of old classes are never touched.
    """
    origin = {id(value): key for key, value in vars(old).items() if not key.startswith("__")}
    renewed: list[str] = []
    stale: list[str] = []
    for name, value in list(namespace.items()):
        if HISTORY.fullmatch(name):
            continue
        if value is old:
            namespace[name] = new
            if name != new.__name__:
                renewed.append(name)
            continue
        attribute = origin.get(id(value))
        if attribute is None or isinstance(value, ModuleType):
            continue
        if isinstance(value, _IMMUTABLE) and name not in vars(old):
            continue
        if hasattr(new, attribute):
            namespace[name] = getattr(new, attribute)
            renewed.append(name)
        else:
            stale.append(name)
    return Renewed(tuple(sorted(renewed)), tuple(sorted(stale)))


def public_names(module: ModuleType) -> list[str]:
    """Return what `from module import *` binds."""
    return list(getattr(module, "__all__", [n for n in vars(module) if not n.startswith("_")]))
