"""Which build of a Rust cell a Python callable runs."""

from __future__ import annotations

import dis
import functools
import inspect
import json
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    MethodDescriptorType,
    MethodType,
    ModuleType,
)

from rustcell.building.builds import MANIFEST

_Profile = tuple[str, str]
"""A module's name and its cargo profile."""

UNKNOWN = "unknown"
"""The profile of an earlier build, or of an installed module that this kernel did not build."""


def profiles_of(function: object) -> dict[str, str]:
    """Return the cargo profiles of the Rust modules that a callable uses, by module name.

    A Python function (a lambda, a partial) is looked through for the modules, functions and
    objects that it names, and so are the functions of its own module that it calls.
    """
    return dict(_profiles(function, set()))


def _profiles(value: object, seen: set[int], within: str | None = None) -> Iterator[_Profile]:
    """Yield a value's modules; functions of other modules than `within` are not followed."""
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, FunctionType):
        # A Python function may be a Rust module's own, in its mixed layout.
        yield from _of_file(value.__globals__.get("__file__"), str(value.__module__))
        # What libraries do inside is theirs.
        own = within in (None, value.__module__)
        within, parts = value.__module__, list(_named_in(value)) if own else []
    elif isinstance(value, ModuleType):
        yield from _of_module(value)
        return
    else:
        parts = _parts(value)
    for part in parts:
        yield from _profiles(part, seen, within)
    if not parts:
        for kind in (value if isinstance(value, type) else type(value)).__mro__:
            yield from _of_class(kind)


def _parts(value: object) -> list[object]:
    """Return what a callable made of others consists of."""
    match value:
        case functools.partial():
            return [value.func, *value.args, *value.keywords.values()]
        case MethodType():
            return [value.__func__, value.__self__]
        case BuiltinFunctionType() if value.__self__ is not None:
            # PyO3's functions know their module, its bound methods their object.
            return [value.__self__]
        case MethodDescriptorType():
            return [value.__objclass__]
    return []


def _named_in(function: FunctionType) -> Iterator[object]:
    """Yield what the names in a function's code stand for."""
    inner = inspect.unwrap(function)
    if inner is not function:
        yield inner
    yield from function.__defaults__ or ()
    yield from (function.__kwdefaults__ or {}).values()
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:
            continue
    for code in _codes(function.__code__):
        for step in dis.get_instructions(code):
            if step.opname == "IMPORT_NAME":
                yield sys.modules.get(step.argval)
            elif step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
                yield function.__globals__.get(step.argval)


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _of_class(kind: type) -> Iterator[_Profile]:
    name = str(kind.__module__)
    module = sys.modules.get(name) or sys.modules.get(_top(name))
    if module is None:
        return
    # maturin's package NAME takes its names from the library NAME.NAME.
    homes = (module, _reached(name), sys.modules.get(f"{name}.{name}"))
    same = any(getattr(home, kind.__name__, None) is kind for home in homes)
    for found, profile in _of_module(module):
        yield found, profile if same else UNKNOWN


def _of_module(module: ModuleType) -> Iterator[_Profile]:
    file = getattr(module, "__file__", None)
    top = sys.modules.get(_top(module.__name__))
    if file is None:
        # A submodule made in Rust has no file of its own.
        if top is not None and top is not module:
            for name, profile in _of_module(top):
                yield name, profile if _reached(module.__name__) is module else UNKNOWN
        return
    yield from _of_file(file, module.__name__)


def _of_file(file: str | None, module: str) -> Iterator[_Profile]:
    for folder in Path(file or "").parents:
        manifest = folder / MANIFEST
        if manifest.is_file():
            try:
                content = json.loads(manifest.read_text(encoding="utf-8"))
                yield str(content["name"]), str(content["words"]["profile"])
            except (OSError, ValueError, TypeError, KeyError):
                yield _top(module), UNKNOWN
            return
    try:
        metadata.distribution(f"rustcell-{_top(module)}")
    except (metadata.PackageNotFoundError, ValueError):
        return
    yield _top(module), UNKNOWN


def _reached(name: str) -> object:
    """Return what a dotted name stands for, from the present top module on by attributes."""
    value: object = sys.modules.get(_top(name))
    for part in name.split(".")[1:]:
        value = getattr(value, part, None)
    return value


def _top(name: str) -> str:
    return name.split(".", 1)[0]
