"""What a type stub leaves open, and why: PyO3's introspection does not see everything."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

_AT_RUN_TIME = (
    "any name passes, since PyO3 does not see what is added at run time: by a `#[pymodule] fn`, "
    "a #[pymodule_init] that takes the module, or create_exception!"
)
_EXCEPTION = (
    "not in the stub: PyO3 does not see exceptions made by create_exception!. "
    "A #[pyclass(extends = PyException)] is seen"
)
_MEMBER = "not in the stub: it was added at run time"
_PARAMETER = (
    "Incomplete: PyO3 does not know what Python type this Rust type is made from. "
    "Derive FromPyObject, or write INPUT_TYPE in its `impl FromPyObject`"
)
_RESULT = (
    "Incomplete: PyO3 does not know what Python type this Rust type becomes. "
    "Derive IntoPyObject, or write OUTPUT_TYPE in its `impl IntoPyObject`"
)
_ANY = "Any: the Rust type (PyAny, PyList, …) says no more"
_UNTYPED = (
    "PyO3 has inserted no py.typed: checkers pass the package's types over. Add it: %%rust_file"
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Gap:
    """An item that a stub does not describe completely, and why."""

    item: str
    why: str

    def __str__(self) -> str:
        return f"{self.item}: {self.why}."


def gaps(stubs: Mapping[str, str], module: ModuleType, *, typed: bool) -> list[Gap]:
    """Return what the stubs of a module leave open, in the order of the stubs.

    Parameters
    ----------
    stubs:
        Texts by their paths in site-packages.
    module:
        The loaded module: what it has must be in its stub.
    typed:
        Whether the package has a `py.typed`.
    """
    found = [] if typed else [Gap(f"{module.__name__}/py.typed", _UNTYPED)]
    for path, text in stubs.items():
        _, *inside = path.removesuffix(".pyi").removesuffix("/__init__").split("/")
        name, described = module.__name__, module
        for part in inside:
            name, described = f"{name}.{part}", getattr(described, part, described)
        tree = ast.parse(text)
        found += _in_scope(name, tree.body)
        found += _absent(name, tree.body, described)
    return found


def _in_scope(owner: str, body: list[ast.stmt]) -> Iterator[Gap]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _in_scope(f"{owner}.{node.name}", node.body)
        elif isinstance(node, Function):
            if node.name == "__getattr__" and not node.decorator_list and _is_of_module(node):
                yield Gap(owner, _AT_RUN_TIME)
            else:
                yield from _in_signature(f"{owner}.{node.name}", node)
        elif isinstance(node, ast.AnnAssign):
            yield from _in_type(f"{owner}.{ast.unparse(node.target)}", node.annotation, _RESULT)


def _is_of_module(function: Function) -> bool:
    return [argument.arg for argument in function.args.args] == ["name"]


def _in_signature(name: str, function: Function) -> Iterator[Gap]:
    signature = function.args
    many = [one for one in (signature.vararg, signature.kwarg) if one]
    for argument in [*signature.posonlyargs, *signature.args, *signature.kwonlyargs, *many]:
        if argument.annotation is not None:
            place = f"{name}, parameter {argument.arg}"
            yield from _in_type(place, argument.annotation, _PARAMETER)
    if function.returns is not None:
        yield from _in_type(f"{name}, result", function.returns, _RESULT)


def _in_type(place: str, annotation: ast.expr, incomplete: str) -> Iterator[Gap]:
    names = {node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)}
    names |= {node.attr for node in ast.walk(annotation) if isinstance(node, ast.Attribute)}
    if "Incomplete" in names:
        yield Gap(place, incomplete)
    elif "Any" in names:
        yield Gap(place, _ANY)


def _absent(owner: str, body: list[ast.stmt], described: Any) -> Iterator[Gap]:
    """Yield the public members that a module or class has and its stub has not."""
    told = {name: node for node in body for name in _names(node)}
    for name, value in _public(described).items():
        node = told.get(name)
        if node is None:
            exception = isinstance(value, type) and issubclass(value, BaseException)
            yield Gap(f"{owner}.{name}", _EXCEPTION if exception else _MEMBER)
        elif isinstance(node, ast.ClassDef):
            yield from _absent(f"{owner}.{name}", node.body, value)


def _public(described: Any) -> dict[str, Any]:
    names = getattr(described, "__all__", None) if isinstance(described, ModuleType) else None
    members = vars(described)
    if names is None:
        names = [name for name in members if not name.startswith("_")]
    return {
        name: members[name]
        for name in names
        # maturin's wrapper package holds the library under its own name.
        if name in members and members[name] is not described
    }


def _names(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.ClassDef | Function):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from (alias.asname or alias.name for alias in node.names)
    elif isinstance(node, ast.AnnAssign):
        yield ast.unparse(node.target)
    elif isinstance(node, ast.Assign):
        yield from map(ast.unparse, node.targets)
