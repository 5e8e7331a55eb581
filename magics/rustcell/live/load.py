"""Imports a finished build into this kernel, and shows it to the kernel's children.

A library that was loaded once from a path stays loaded under it, so a new build is
always loaded from a folder of its own. Old modules and their objects live on.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import re
import sys
import traceback
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType

from rustcell.errors import LoadError
from rustcell.live import python_files

_RESTART = "The module of the previous build, if there was one, is still in place."

_NO_LABELS: Mapping[Path, str] = {}


class Overlay:
    """The folders of this kernel's current builds, first on `sys.path` and PYTHONPATH.

    Every child of the kernel (subprocess, spawn, fork, a Rust `Command`) therefore
    imports this kernel's code, whatever is installed in the environment meanwhile.
    """

    def __init__(self) -> None:
        self._folders: dict[str, str] = {}

    def show(self, name: str, folder: Path) -> None:
        """Put the build's folder in front, in place of the module's previous one."""
        old = self._folders.pop(name, None)
        self._folders[name] = str(folder)
        inherited = [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p]
        for paths in (sys.path, inherited):
            if old in paths:
                paths.remove(old)
            paths.insert(0, str(folder))
        os.environ["PYTHONPATH"] = os.pathsep.join(inherited)

    def hide(self, name: str) -> None:
        """Take the module's folder away again."""
        old = self._folders.pop(name, None)
        if old is None:
            return
        sys.path[:] = [p for p in sys.path if p != old]
        inherited = os.environ.get("PYTHONPATH", "").split(os.pathsep)
        os.environ["PYTHONPATH"] = os.pathsep.join(p for p in inherited if p and p != old)

    def folders(self) -> list[Path]:
        """Return the folders shown, the newest last."""
        return [Path(folder) for folder in self._folders.values()]


def family(name: str) -> dict[str, ModuleType]:
    """Return the loaded modules NAME and NAME.* by their names."""
    inside = f"{name}."
    return {
        key: module for key, module in sys.modules.items() if key == name or key.startswith(inside)
    }


def switch_to(name: str, modules: dict[str, ModuleType]) -> None:
    """Make `modules` the ones that `import NAME` finds, in place of all others of NAME."""
    for key in family(name):
        del sys.modules[key]
    sys.modules.update(modules)


def relocate(modules: Iterable[ModuleType], old: Path, new: Path) -> None:
    """Let loaded modules say that they lie in `new`, which has the same files as `old` and more.

    Completion looks for type stubs beside the file that a module names.
    """

    def moved(path: str) -> str:
        return str(new / Path(path).relative_to(old))

    for module in modules:
        spec = module.__spec__
        if spec is None or not spec.origin or not Path(spec.origin).is_relative_to(old):
            continue
        module.__file__ = spec.origin = moved(spec.origin)
        if spec.submodule_search_locations is not None:
            module.__path__ = [moved(path) for path in spec.submodule_search_locations]
            spec.submodule_search_locations = list(module.__path__)


def load(name: str, folder: Path, labels: Mapping[Path, str] = _NO_LABELS) -> ModuleType:
    """Import NAME from `folder`, in place of any module of that name.

    Parameters
    ----------
    labels:
        What tracebacks call the module's Python files.

    Raises
    ------
    LoadError
        When the import fails in whatever way (also by a Rust panic); the previous
        modules are then in place again.
    """
    previous = family(name)
    python_files.show_as(folder, labels)
    switch_to(name, {})
    writes_bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        module = _import_from(name, folder)
    except BaseException as error:
        switch_to(name, previous)
        if isinstance(error, KeyboardInterrupt):
            raise
        raise _load_error(name, folder, labels, error) from error
    finally:
        sys.dont_write_bytecode = writes_bytecode
    return module


def _import_from(name: str, folder: Path) -> ModuleType:
    """Import past every import hook: nothing else may answer for the name."""
    spec = importlib.machinery.PathFinder.find_spec(name, [str(folder)])
    if spec is None or spec.loader is None:
        raise ImportError(f"no package {name} in the build")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _load_error(
    name: str, folder: Path, labels: Mapping[Path, str], error: BaseException
) -> LoadError:
    # Python names the library's path in some messages: it is another one on each machine.
    text = re.sub(rf" \({re.escape(str(folder))}[^)]*\)", "", _words(error))
    what = f"{type(error).__name__}: {text}"
    if missing := re.search(r"does not define module export function \(PyInit_(\w+)\)", what):
        wanted = missing[1]
        return LoadError(
            f"the library has no PyInit_{wanted}: no #[pymodule] of that name is in it",
            f"Name the #[pymodule] {wanted}, or leave it out: then it is generated. {_RESTART}",
        )
    if type(error).__name__ == "PanicException":
        return LoadError(
            f"{name} was built, but its initialisation panicked: {error}",
            f"Mend the code that runs at import (#[pymodule_init] or the module fn). {_RESTART}",
        )
    place = _place_in_python(error, set(labels.values()))
    code = "" if place else " (#[pymodule_init] or the module fn)"
    return LoadError(
        f"{name} was built, but importing it raised {what}{place}",
        f"Mend the code that runs at import{code}. {_RESTART}",
    )


def _words(error: BaseException) -> str:
    return error.msg if isinstance(error, SyntaxError) else str(error)


def _place_in_python(error: BaseException, labels: set[str]) -> str:
    """Return the cell and line of the Python code that raised, "" if it was none of a cell."""
    if isinstance(error, SyntaxError) and error.filename in labels:
        return f", in {error.filename}, line {error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    places = [f", in {f.filename}, line {f.lineno}" for f in frames if f.filename in labels]
    return places[-1] if places else ""
