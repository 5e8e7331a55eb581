"""Rust text -> its items with the attributes that belong to them (tree-sitter).

Nothing is expanded: items that a macro produces are not seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Literal

import tree_sitter_rust
from tree_sitter import Language, Node, Parser, Query, QueryCursor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_RUST = Language(tree_sitter_rust.language())
_IDENTIFIERS = Query(
    _RUST,
    "[(identifier) (type_identifier) (field_identifier) (shorthand_field_identifier)] @name",
)
_COMMENTS = ("line_comment", "block_comment")
_HEAD = (*_COMMENTS, "shebang", "inner_attribute_item")
_BRACKETS = {"(": ")", "[": "]", "{": "}"}
_CLOSED = {closing: opening for opening, closing in _BRACKETS.items()}
# Fields that lead from a type to its name.
_TYPE_PARTS = ("type", "name", "trait", "element")


@dataclass(frozen=True)
class Attribute:
    """An attribute; `name` is its path's last segment, `when` the conditions of its `cfg_attr`."""

    name: str
    arguments: tuple[Node, ...]
    when: tuple[str, ...]


@dataclass(frozen=True)
class Declaration:
    """An item with its attributes; `first_line` is that of its docs and attributes."""

    node: Node
    attributes: tuple[Attribute, ...]
    first_line: int

    @property
    def name(self) -> Node | None:
        return self.node.child_by_field_name("name")

    @property
    def body(self) -> Node | None:
        return self.node.child_by_field_name("body")

    @property
    def last_line(self) -> int:
        return self.node.end_point.row + 1

    def marked(self, name: str) -> list[Attribute]:
        """Return the attributes called `name`."""
        return [attribute for attribute in self.attributes if attribute.name == name]

    def options(self, *names: str) -> Iterator[list[Node]]:
        """Yield the options, as tokens, of the attributes called `names`."""
        for attribute in self.attributes:
            if attribute.name in names:
                yield from split(attribute.arguments)

    def python_name(self, attribute: str, otherwise: str) -> str:
        """Return the value of `name = "..."` in `attribute` or in `pyo3`."""
        for option in self.options(attribute, "pyo3"):
            match [(token.type, token) for token in option]:
                case [
                    ("identifier", key),
                    ("=", _),
                    ("string_literal" | "raw_string_literal", value),
                ] if text(key) == "name":
                    return "".join(text(part) for part in value.named_children)
        return otherwise

    @property
    def cfg(self) -> tuple[str, ...]:
        """The `#[cfg(...)]` attributes, also those inside of `cfg_attr`."""
        found = []
        for attribute in self.marked("cfg"):
            predicate = written(attribute.arguments)
            if attribute.when:
                predicate = f"any(not({combined('all', attribute.when)}), {predicate})"
            found.append(f"#[cfg({predicate})]")
        return tuple(found)


def tree(rust: str) -> Node:
    """Parse Rust text. Any text is accepted; a broken one has error nodes."""
    data = rust.removeprefix("\ufeff").encode("utf-8", "replace")
    return Parser(_RUST).parse(data).root_node


def declarations(scope: Node) -> tuple[list[Declaration], list[Node]]:
    """Return a scope's items, and the attributes at its end that belong to no item."""
    found: list[Declaration] = []
    before: list[Node] = []
    waiting = list(reversed(scope.children))
    while waiting:
        node = waiting.pop()
        if node.type == "ERROR":
            # Behind a syntax error, items are found in the error itself.
            waiting.extend(reversed(node.children))
        elif node.type == "attribute_item" or node.child_by_field_name("outer"):
            before.append(node)
        elif node.is_named and node.type not in _COMMENTS:
            found.append(_declaration(node, before))
            before = []
    return found, before


def _declaration(node: Node, before: list[Node]) -> Declaration:
    items = [item.named_children[0] for item in before if item.type == "attribute_item"]
    attributes = tuple(attribute for item in items for attribute in _attributes(item.children))
    first = before[0] if before else node
    if node.type == "expression_statement":
        node = node.named_children[0]
    return Declaration(node, attributes, line(first))


def _attributes(tokens: list[Node], when: tuple[str, ...] = ()) -> Iterator[Attribute]:
    """Yield an attribute given by its parts, or those that a `cfg_attr` holds."""
    trees = [token for token in tokens if token.type == "token_tree"]
    path = list(takewhile(lambda token: token.type not in ("token_tree", "="), tokens))
    arguments = inside(trees[-1]) if trees else []
    name = last_segment(path[-1]) if path else ""
    if name != "cfg_attr":
        yield Attribute(name, tuple(arguments), when)
        return
    condition, *attributes = split(arguments) or [[]]
    for attribute in attributes:
        yield from _attributes(attribute, (*when, written(condition)))


def type_name(node: Node) -> str:
    """Return the name of the type that an `impl` is for: `Circle` of `&m::Circle<T>`."""
    while inner := next(filter(None, map(node.child_by_field_name, _TYPE_PARTS)), None):
        node = inner
    return unraw(node)


def identifiers(root: Node) -> frozenset[str]:
    """Return all identifiers of the text, also those in macros."""
    data, start = root.text or b"", root.start_byte
    nodes = QueryCursor(_IDENTIFIERS).captures(root).get("name", [])
    found = {data[node.start_byte - start : node.end_byte - start] for node in nodes}
    return frozenset(name.decode() for name in found if name)


def inner_doc(root: Node) -> tuple[str, ...]:
    """Return the `//!` lines before the first item."""
    head = takewhile(lambda node: node.type in _HEAD, root.named_children)
    docs = [node for node in head if node.type == "line_comment"]
    return tuple(
        text(doc).rstrip("\r\n")
        for comment in docs
        if comment.child_by_field_name("inner") and (doc := comment.child_by_field_name("doc"))
    )


def errors(root: Node) -> Iterator[Node]:
    """Yield the places where the text does not look like Rust, the first first."""
    return (node for node in _around_errors(root) if node.is_error or node.is_missing)


def _around_errors(root: Node) -> Iterator[Node]:
    """Yield the nodes with errors in them and their children, in the order of the text."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        if node.has_error:
            waiting.extend(reversed(node.children))


def ends_open(root: Node) -> bool:
    """Tell whether the text stops in the middle of something: a block, a string, a statement."""
    if not root.has_error:
        return False
    node = root
    while parts := [child for child in node.children if child.type not in _COMMENTS]:
        node = parts[-1]
        if node.is_error or node.is_missing:
            return True
    # The parser also goes on behind a bracket or a quote that nothing closes; rustc does not.
    quoted = any(_lone_quote(error) for error in errors(root))
    return quoted or _unclosed(node.type for node in _around_errors(root) if not node.is_missing)


def _lone_quote(error: Node) -> bool:
    kinds = [child.type for child in error.children]
    return '"' in kinds or (not kinds and text(error).endswith('"'))


def _unclosed(kinds: Iterable[str]) -> bool:
    """Tell whether a bracket stays open at the end; a closing one closes all within its pair."""
    opened: list[str] = []
    for kind in kinds:
        if kind in _BRACKETS:
            opened.append(kind)
        elif (opener := _CLOSED.get(kind)) in opened:
            while opened.pop() != opener:
                pass
    return bool(opened)


def inside(token_tree: Node) -> list[Node]:
    """Return the tokens between the brackets of a token tree."""
    return [token for token in token_tree.children[1:-1] if token.type not in _COMMENTS]


def split(tokens: Iterable[Node]) -> list[list[Node]]:
    """Split tokens at the commas."""
    groups: list[list[Node]] = [[]]
    for token in tokens:
        if token.type == ",":
            groups.append([])
        else:
            groups[-1].append(token)
    return [group for group in groups if group]


def written(predicate: Iterable[Node]) -> str:
    """Return the tokens of a cfg predicate as text."""
    return "".join(" = " if token.type == "=" else text(token) for token in predicate)


def combined(how: Literal["all", "any"], predicates: Sequence[str]) -> str:
    """Return one cfg predicate for all or any of `predicates`."""
    return predicates[0] if len(predicates) == 1 else f"{how}({', '.join(predicates)})"


def last_segment(path: Node) -> str:
    """Return `b` of the path `a::b`."""
    return text(path.child_by_field_name("name") or path)


def unraw(name: Node) -> str:
    """Return an identifier without the `r#` that lets a keyword be one."""
    return text(name).removeprefix("r#")


def text(node: Node) -> str:
    return node.text.decode() if node.text else ""


def line(node: Node) -> int:
    """Return the 1-based line on which `node` begins."""
    return node.start_point.row + 1
