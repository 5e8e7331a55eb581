"""What a cell of Rust declares, and the ``#[pymodule]`` for a cell that has none."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Literal

from rustcell.crates import syntax

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from rustcell.crates.syntax import Declaration

Kind = Literal["function", "struct", "enum", "method"]

_EXPORTED: dict[str, tuple[Literal["function", "class"], str]] = {
    "function_item": ("function", "pyfunction"),
    "struct_item": ("class", "pyclass"),
    "enum_item": ("class", "pyclass"),
}
_LISTED: dict[str, tuple[Kind, str]] = {
    "function_item": ("function", "pyfunction"),
    "struct_item": ("struct", "pyclass"),
    "enum_item": ("enum", "pyclass"),
}
# What PyO3 leaves out of the names of properties.
_ACCESSORS = {"getter": "get_", "setter": "set_", "deleter": "delete_"}


@dataclass(frozen=True)
class Module:
    """A top-level ``#[pymodule]`` that Python can import.

    ``name`` is the Python name, ``line`` the 1-based line of the Rust name.
    """

    name: str
    line: int
    style: Literal["mod", "fn"]


@dataclass(frozen=True)
class Export:
    """A top-level item that a generated module exports.

    ``ident`` is the Rust identifier as written (``r#struct`` stays), ``line`` its 1-based line,
    ``cfg`` the ``#[cfg(...)]`` attributes under which Python sees the item.
    """

    ident: str
    kind: Literal["function", "class", "exception"]
    line: int
    cfg: tuple[str, ...]


@dataclass(frozen=True)
class Item:
    """A function, struct, enum or method, wherever it stands outside of function bodies.

    ``name`` is the Rust name. ``qualified`` is the path by which Python reaches the item inside
    the module: names given to PyO3 count (``#[pyo3(name = "...")]``, getters), the ``mod`` of a
    root ``#[pymodule]`` does not. The 1-based lines, both included, begin with the item's docs
    and attributes.
    """

    name: str
    qualified: str
    kind: Kind
    first_line: int
    last_line: int


@dataclass(frozen=True)
class Source:
    """The facts about one text.

    ``doc`` holds the leading ``//!`` lines without their marker. ``broken`` says that the text
    does not look like Rust, and ``error_line`` where first; rustc has the last word, for it knows
    newer syntax. ``open_end`` says that the text stops in the middle of something, be it an
    attribute without an item. Nothing may be appended then: rustc would name lines that nobody
    wrote. After any other error, appending changes nothing in what rustc says.
    """

    modules: tuple[Module, ...]
    exports: tuple[Export, ...]
    doc: tuple[str, ...]
    broken: bool
    error_line: int | None
    open_end: bool
    _root: Node = field(repr=False, compare=False)

    # A build needs neither of these, so a long cell does not wait for them.

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """The items of all scopes, in the order of the text."""
        return tuple(_items(syntax.declarations(self._root)[0]))

    @cached_property
    def identifiers(self) -> frozenset[str]:
        """All identifiers of the text, also those in macros."""
        return syntax.identifiers(self._root)


@lru_cache(maxsize=64)
def parse(text: str) -> Source:
    """Read what `text`, the body of a Rust cell, declares.

    Any text is accepted. Lines are those of `text`, counted from 1.
    """
    root = syntax.tree(text)
    top, dangling = syntax.declarations(root)
    error = next(chain(syntax.errors(root), dangling), None)
    return Source(
        modules=tuple(module for item in top if (module := _module(item))),
        exports=tuple(export for item in top if (export := _export(item))),
        doc=syntax.inner_doc(root),
        broken=error is not None,
        error_line=syntax.line(error) if error else None,
        open_end=bool(dangling) or syntax.ends_open(root),
        _root=root,
    )


def _module(item: Declaration) -> Module | None:
    if item.node.type not in ("mod_item", "function_item") or not item.marked("pymodule"):
        return None
    options = item.options("pymodule", "pyo3")
    submodule = any([syntax.text(token) for token in option] == ["submodule"] for option in options)
    if submodule or item.name is None:
        return None
    name = item.python_name("pymodule", syntax.unraw(item.name))
    return Module(name, syntax.line(item.name), "mod" if item.node.type == "mod_item" else "fn")


def _export(item: Declaration) -> Export | None:
    if item.node.type == "macro_invocation":
        name = _created_exception(item.node)
        return Export(syntax.text(name), "exception", syntax.line(name), item.cfg) if name else None
    if item.node.type not in _EXPORTED:
        return None
    kind, marker = _EXPORTED[item.node.type]
    found = item.marked(marker)
    if not found or item.name is None:
        return None
    cfg = item.cfg
    if all(attribute.when for attribute in found):
        either = [syntax.combined("all", attribute.when) for attribute in found]
        cfg += (f"#[cfg({syntax.combined('any', either)})]",)
    return Export(syntax.text(item.name), kind, syntax.line(item.name), cfg)


def _created_exception(macro: Node) -> Node | None:
    """Return the type's name in `create_exception!(module, Name, Base)`."""
    called = macro.child_by_field_name("macro")
    if called is None or syntax.last_segment(called) != "create_exception":
        return None
    match syntax.split(syntax.inside(macro.children[-1])):
        case [_, [name], _, *_] if name.type == "identifier":
            return name
    return None


def _items(top: list[Declaration]) -> list[Item]:
    """Return the items of all scopes in the order of the text."""
    found: list[Item] = []
    waiting = _scope("", top)
    roots = {item.node.id for item in top if _module(item)}
    while waiting:
        path, item, classes = waiting.pop()
        kind, marker = _LISTED.get(item.node.type, (None, "pymodule"))
        name = item.name and item.python_name(marker, syntax.unraw(item.name))
        if name and kind:
            found.append(_item(item, path + name, kind))
        elif name and item.body and item.node.type == "mod_item":
            inner = path if item.node.id in roots else f"{path}{name}."
            waiting += _scope(inner, syntax.declarations(item.body)[0])
        elif item.body and item.node.type in ("impl_item", "trait_item"):
            owner = syntax.type_name(item.node)
            found += _methods(path + classes.get(owner, owner), item)
    return found


def _scope(path: str, scope: list[Declaration]) -> list[tuple[str, Declaration, dict[str, str]]]:
    """Return a scope's items, last first, each with its path and the classes it can name."""
    classes = {
        name: item.python_name("pyclass", name)
        for item in scope
        if item.name and item.marked("pyclass") and (name := syntax.unraw(item.name))
    }
    return [(path, item, classes) for item in reversed(scope)]


def _methods(owner: str, block: Declaration) -> Iterator[Item]:
    for item in syntax.declarations(block.body)[0] if block.body else ():
        if item.name and item.node.type == "function_item":
            name = syntax.unraw(item.name)
            if block.marked("pymethods"):
                name = _method_name(item, name)
            yield _item(item, f"{owner}.{name}", "method")


def _method_name(item: Declaration, name: str) -> str:
    """Return what PyO3 calls a method in Python."""
    if item.marked("new"):
        return "__new__"
    for accessor, prefix in _ACCESSORS.items():
        for option in item.options(accessor):
            return syntax.unraw(option[0])
        if item.marked(accessor):
            name = name.removeprefix(prefix)
    return item.python_name("pyo3", name)


def _item(item: Declaration, qualified: str, kind: Kind) -> Item:
    name = syntax.unraw(item.name) if item.name else ""
    return Item(name, qualified, kind, item.first_line, item.last_line)


def generated_module(
    name: str,
    exports: Sequence[Export],
    doc: Sequence[str] = (),
    *,
    init_takes_module: bool = False,
) -> str:
    """Write the ``#[pymodule]`` that exports `exports` as the Python module `name`.

    Append the text to the body that `exports` came from: it takes the items from its parent.

    Parameters
    ----------
    name : the name by which Python imports it, of ASCII identifiers (the linker takes no other).
        Of a dotted one the last part is the `#[pymodule]`'s.
    exports : items of the body.
    doc : lines of the module's ``__doc__``, as in `Source.doc`.
    init_takes_module : PyO3 before 0.30 hands the module to a `#[pymodule_init]`.

    Raises
    ------
    ValueError : a part of `name` is not an ASCII identifier.
    """
    *_, own = parts = name.split(".")
    if not (name.isascii() and all(part.isidentifier() for part in parts)):
        message = f"a module that Python can import needs an ASCII identifier, not {name!r}"
        raise ValueError(message)
    lines = ["", f'#[::pyo3::pymodule(name = "{own}")]']
    lines += [f"#[doc = {_rust_string(text)}]" for text in doc]
    lines += ["mod __rustcell_module {"]
    lines += _each(exports, " " * 4, "#[pymodule_export]", "use super::{ident};")
    classes = [export for export in exports if export.kind == "class"]
    lines += _class_names(name, classes, _INIT_OF_MODULE if init_takes_module else _INIT)
    return "\n".join([*lines, "}", ""])


def _each(exports: Sequence[Export], indent: str, *template: str) -> Iterator[str]:
    """Fill in the template for each identifier, under its cfg; never twice for the same one."""
    for ident, cfg in dict.fromkeys((export.ident, export.cfg) for export in exports):
        for line in (*cfg, *template):
            yield indent + line.replace("{ident}", ident)


_INIT = ("fn __rustcell_init(_py: ::pyo3::Python<'_>) {", "}")
_INIT_OF_MODULE = (
    (
        "fn __rustcell_init(_module: &::pyo3::Bound<'_, ::pyo3::types::PyModule>) "
        "-> ::pyo3::PyResult<()> { let _py = _module.py();"
    ),
    "::core::result::Result::Ok(()) }",
)


def _class_names(name: str, classes: Sequence[Export], init: tuple[str, str]) -> list[str]:
    """Write the initialiser that sets the classes' ``__module__``.

    PyO3 names the module of the classes inside of a ``#[pymodule] mod``; those outside say that
    they live in ``builtins`` and cannot be pickled. Setting ``__name__`` to itself makes Python's
    own messages drop "builtins." too. The variants of an enum are classes as well. A class with
    `immutable_type` refuses and stays as it is. The initialiser takes no module, or stubs would
    call the module incomplete. Every path is absolute and no result has a destructor, so that
    this compiles under any lint that PyO3's own macros compile under.
    """
    if not classes:
        return []
    return [
        "    #[pymodule_init]",
        f"    {init[0]}",
        *_each(classes, " " * 8, "let _ = __rustcell_adopt(&_py.get_type::<{ident}>());"),
        f"    {init[1]}",
        *_ADOPT.replace("{name}", name).splitlines(),
    ]


_ADOPT = """\
    fn __rustcell_adopt(
        class: &::pyo3::Bound<'_, ::pyo3::types::PyType>,
    ) -> ::core::option::Option<()> {
        use ::pyo3::types::{PyAnyMethods, PyType, PyTypeMethods};
        if class.module().ok()? == "builtins" {
            class.setattr("__module__", "{name}").ok()?;
            class.setattr("__name__", class.name().ok()?).ok()?;
            let members = class.getattr("__dict__").ok()?.call_method0("values").ok()?;
            for member in members.try_iter().ok()? {
                if let ::core::result::Result::Ok(variant) = member.ok()?.cast_into::<PyType>() {
                    if variant.is_subclass(class).ok()? {
                        let _ = __rustcell_adopt(&variant);
                    }
                }
            }
        }
        ::core::option::Option::Some(())
    }
"""


def _rust_string(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
