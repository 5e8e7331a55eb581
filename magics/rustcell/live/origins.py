"""From a Python object to the build it came from and to its Rust source."""

from __future__ import annotations

import re
import sys
import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from rustcell.building import builds
from rustcell.building.builds import Build
from rustcell.crates import source, syntax
from rustcell.crates.files import NATIVE
from rustcell.crates.source import Item

Generation = tuple[Build, types.ModuleType]
"""A build and the module that was loaded from it."""

_OF_A_CLASS = (
    types.MethodDescriptorType,
    types.ClassMethodDescriptorType,
    types.WrapperDescriptorType,
    types.GetSetDescriptorType,
    types.MemberDescriptorType,
)
_BOUND = (types.BuiltinFunctionType, types.MethodWrapperType)


@dataclass(frozen=True)
class Origin:
    """Where an object came from: a build, and the object's path in that build's module."""

    build: Build
    path: str


@dataclass(frozen=True)
class RustSource:
    """Rust source: its text, the cell it stands in, and the line of the editor's cell."""

    text: str
    line: int
    cell: str

    @property
    def place(self) -> str:
        return f"{self.cell}, line {self.line}"


def source_of(obj: Any, generations: Iterable[Generation] | None = None) -> RustSource:
    """Return the Rust source of a module, function, class, method, property or instance.

    The counterpart of `inspect.getsource` for what was built from a Rust cell, in the kernel
    and in its child processes.

    Parameters
    ----------
    obj :
        Of a member without code of its own (a field with `get`), and of an instance, the
        class's source is returned.
    generations :
        The loaded builds, oldest first. Without them, the modules that Python has imported:
        classes of earlier builds are not found then.

    Raises
    ------
    OSError
        When the object was not built from a Rust cell, or its source was not kept.
    """
    origin = origin_of(obj, _imported() if generations is None else generations)
    if origin is None:
        raise OSError(f"not built from a Rust cell: {obj!r:.80}")
    found = find_source(origin)
    if found is None:
        raise OSError(f"no source of {origin.path or origin.build.name} was kept")
    return found


def origin_of(obj: Any, generations: Iterable[Generation]) -> Origin | None:
    """Return where `obj` came from, None if from no Rust cell. No code of its is run."""
    wanted, member = _anchor(obj)
    for build, module in reversed(list(generations)):
        for path, value in members(module):
            if value is wanted:
                return Origin(build, ".".join(filter(None, (path, member))))
    return None


def members(module: types.ModuleType) -> Iterator[tuple[str, Any]]:
    """Yield a module, its submodules, classes and functions with their paths in it."""
    native = getattr(module, module.__name__, None) or getattr(module, NATIVE, None)
    waiting: list[tuple[str, Any]] = [("", module)]
    if isinstance(native, types.ModuleType):
        waiting.append(("", native))
    seen: set[int] = set()
    while waiting:
        path, owner = waiting.pop()
        yield path, owner
        if id(owner) in seen or not _is_inside(owner, module, native):
            continue
        seen.add(id(owner))
        for name, value in vars(owner).items():
            inner = value.__func__ if isinstance(value, staticmethod | classmethod) else value
            # The wrapper package holds the native module under its own name too.
            if inner is not native:
                waiting.append((f"{path}.{name}".lstrip("."), inner))


def _is_inside(owner: Any, *modules: Any) -> bool:
    """Whether to look for members: not in what Python imported from elsewhere."""
    if isinstance(owner, types.ModuleType):
        return any(owner is one for one in modules) or getattr(owner, "__spec__", None) is None
    return isinstance(owner, type) and owner.__module__ != "builtins"


def _anchor(obj: Any) -> tuple[Any, str]:
    """Return the object by whose identity `obj` is found, and the name of `obj` in it."""
    if isinstance(obj, _OF_A_CLASS):
        return obj.__objclass__, obj.__name__
    if isinstance(obj, _BOUND):
        bound = obj.__self__
        if bound is None or isinstance(bound, types.ModuleType):
            return obj, ""
        of = bound if isinstance(bound, type) else type(bound)
        return next((c for c in of.__mro__ if obj.__name__ in vars(c)), of), obj.__name__
    if isinstance(obj, type | types.ModuleType):
        return obj, ""
    return type(obj), ""


def _imported() -> list[Generation]:
    """Return the builds among the imported modules."""
    found = []
    for name, module in list(sys.modules.items()):
        build = builds.of_module(module) if "." not in name and _is_built(module) else None
        if build is not None:
            found.append((build, module))
    return found


def _is_built(module: types.ModuleType) -> bool:
    place = getattr(module, "__file__", None) or ""
    return isinstance(place, str) and place.endswith("__init__.py") and "builds" in place


@dataclass(frozen=True)
class _RustCell:
    label: str
    body: str
    lines_above: int

    def excerpt(self, ranges: list[tuple[int, int]]) -> RustSource:
        lines = self.body.splitlines()
        text = "\n\n".join("\n".join(lines[first - 1 : last]) for first, last in ranges)
        return RustSource(text.rstrip(), ranges[0][0] + self.lines_above, self.label)


def find_source(origin: Origin) -> RustSource | None:
    """Return the source text of an origin, None if it was not kept or holds no such item."""
    cells = _rust_cells(origin.build)
    if not origin.path:
        return next((cell.excerpt([(1, len(cell.body.splitlines()))]) for cell in cells), None)
    parts, last = origin.path.split("."), ""
    while parts:
        for cell in cells:
            if ranges := _ranges(cell.body, parts):
                return cell.excerpt(ranges)
        last = parts.pop()
    made = ((cell, _macros(cell.body, last)) for cell in cells)
    return next((cell.excerpt(ranges) for cell, ranges in made if ranges), None)


def _rust_cells(build: Build) -> list[_RustCell]:
    """Return the cells that a build's Rust code stands in, the module's own first."""
    if not build.source:
        return []
    further = [file for file in build.given if file.path.endswith(".rs")]
    return [
        _RustCell(f"%%rust_module {build.name}", build.source, build.lines_above),
        *(_RustCell(file.label, file.body, file.lines_above) for file in further),
    ]


def _ranges(text: str, parts: list[str]) -> list[tuple[int, int]]:
    """Return the first and last lines of what Python reaches by the path `parts`."""
    found = _items(source.parse(text).items, parts)
    classes = {item.name for item in found if item.kind in ("struct", "enum")}
    return [(item.first_line, item.last_line) for item in found] + _method_blocks(text, classes)


def _items(items: Iterable[Item], parts: list[str]) -> list[Item]:
    """Return the items at a path; Rust's modules may be nested otherwise than Python's."""
    everything = list(items)
    classes = {i.qualified.split(".")[-1] for i in everything if i.kind in ("struct", "enum")}
    in_class = len(parts) > 1 and parts[-2] in classes
    fitting = [item for item in everything if (item.kind == "method") == in_class]
    path = ".".join(parts)
    return (
        [item for item in fitting if item.qualified == path]
        or [item for item in fitting if item.qualified.endswith(f".{path}")]
        or [item for item in fitting if path.endswith(f".{item.qualified}")]
    )


def _method_blocks(text: str, classes: set[str]) -> list[tuple[int, int]]:
    """Return the lines of the classes' `#[pymethods]`."""
    if not classes:
        return []
    return [
        (item.first_line, item.last_line)
        for item in _declarations(text)
        if item.node.type == "impl_item"
        and item.marked("pymethods")
        and syntax.type_name(item.node) in classes
    ]


def _macros(text: str, name: str) -> list[tuple[int, int]]:
    """Return the lines of the macro call that makes `name`, as `create_exception!` does."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    return [
        (item.first_line, item.last_line)
        for item in _declarations(text)
        if item.node.type == "macro_invocation" and word.search(syntax.text(item.node))
    ][:1]


def _declarations(text: str) -> Iterator[syntax.Declaration]:
    """Yield the items of a text and of its modules."""
    waiting = [syntax.tree(text)]
    while waiting:
        for item in syntax.declarations(waiting.pop())[0]:
            yield item
            if item.node.type == "mod_item" and item.body:
                waiting.append(item.body)
