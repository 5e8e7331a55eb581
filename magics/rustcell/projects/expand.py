"""What the macros of a module expand to, whole or for one item.

Only an unstable flag of rustc prints expansions, and stable compilers take such flags when
RUSTC_BOOTSTRAP is set. Build scripts of dependencies ask for that variable too and would make cargo
compile them again, so a wrapper sets it for the cell's own crate alone.
"""

from __future__ import annotations

import difflib
import os
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from tree_sitter import Node

from rustcell.building.dependencies import OnProgress
from rustcell.crates import syntax
from rustcell.crates.crate import CrateSpec
from rustcell.crates.extension import SUPPORT_LINES
from rustcell.errors import BuildError, OptionsError, plain_text
from rustcell.live.session import Session
from rustcell.live.workshop import Workshop, workshop
from rustcell.tools import process

_WRAPPERS = {
    "posix": ("bootstrap.sh", '#!/bin/sh\nRUSTC_BOOTSTRAP=1 exec "$@"\n'),
    "nt": ("bootstrap.cmd", "@set RUSTC_BOOTSTRAP=1\r\n@%*\r\n"),
}
_OF_PYO3 = re.compile(r"__|_PYO3|MakeDef$|ModuleExec$")
"""Begins the names of what PyO3's macros make."""


def expanded(spec: CrateSpec, session: Session, on_progress: OnProgress) -> str:
    """Return the crate's code with all macros expanded, without what rustcell adds to link.

    Raises
    ------
    BuildError
        When the compiler does not print it.
    """
    files = dict(spec.files)
    files["src/lib.rs"] = spec.source().removesuffix(SUPPORT_LINES)
    spec = replace(spec, files=tuple(sorted(files.items())), tail="")
    with workshop(spec, session, "expand", on_progress) as shop:
        # Cargo would find the crate unchanged, and rustc would print nothing.
        os.utime(shop.crate / "src" / "lib.rs")
        done = shop.run(_command(shop), RUSTC_WORKSPACE_WRAPPER=str(_wrapper(session.root)))
        if done.status != 0:
            raise BuildError(
                f"rustc does not print what the macros of {spec.name} expand to",
                "Read its text above. The flag it was given is unstable: another version of rustc "
                "may do without it.",
                details=plain_text(done.log)[-4000:],
            )
        return _formatted("\n".join(done.stdout) + "\n", shop)


def _command(shop: Workshop) -> list[str]:
    command = [shop.toolchain.cargo, "rustc", "--quiet", "--offline", "--lib"]
    if shop.spec.profile != "dev":
        command += ["--profile", shop.spec.profile]
    return [*command, "--", *shop.spec.rustc_arguments, "-Zunpretty=expanded"]


def _wrapper(root: Path) -> Path:
    name, text = _WRAPPERS[os.name]
    path = root / "support" / name
    if not path.exists():
        scratch = path.with_name(f"{name}.{os.getpid()}")
        scratch.write_text(text, encoding="utf-8", newline="")
        scratch.chmod(0o700)
        scratch.replace(path)
    return path


def _formatted(text: str, shop: Workshop) -> str:
    """Let rustfmt lay the code out; as rustc printed it where there is no rustfmt."""
    rustfmt = Path(shop.toolchain.bin, "rustfmt.exe" if os.name == "nt" else "rustfmt")
    if not rustfmt.exists():
        return text
    path = shop.place.folder / "expanded.rs"
    path.write_text(text, encoding="utf-8")
    command = [str(rustfmt), "--quiet", "--edition", shop.spec.edition, str(path)]
    # A line that it cannot shorten is an error to rustfmt; the file is laid out all the same.
    process.run(command, cwd=path.parent, env=shop.env)
    return path.read_text(encoding="utf-8")


@dataclass(frozen=True)
class _Item:
    """An item of expanded code: its path in the crate, its own lines, what it mentions."""

    path: tuple[str, ...]
    node: Node
    first_line: int
    last_line: int

    @cached_property
    def mentions(self) -> frozenset[str]:
        return syntax.identifiers(self.node)

    @property
    def head(self) -> set[str]:
        """The names in an `impl`'s type and trait."""
        parts = filter(None, map(self.node.child_by_field_name, ("type", "trait")))
        return {word for part in parts for word in re.findall(r"\w+", syntax.text(part))}

    def concerns(self, name: str) -> bool:
        """Tell whether this is the item `name`, or was made for it by a macro."""
        if self.node.type == "impl_item":
            return name in self.head
        own = self.path[-1]
        made = self.node.type != "mod_item" and (own == "_" or bool(_OF_PYO3.match(own)))
        return own == name or (made and name in self.mentions)


def narrowed(text: str, item: str, module: str) -> str:
    """Return what belongs to one item of expanded code: itself and what macros made for it.

    Parameters
    ----------
    item:
        A path as in Rust or in Python, from anywhere inside the crate: `area`, `Point`,
        `Point::new`, `Point.new`.

    Raises
    ------
    OptionsError
        When there is no such item; near names are told.
    """
    wanted = tuple(filter(None, re.split(r"::|\.", item)))
    items = list(_items(syntax.tree(text), ()))
    chosen = (_of_an_item(items, wanted) or _of_a_method(items, wanted)) if wanted else []
    if not chosen:
        raise OptionsError(f"there is no item {item!r} in {module}", _near(items, wanted))
    lines = text.splitlines()
    parts = ("\n".join(lines[one.first_line - 1 : one.last_line]) for one in chosen)
    return "\n\n".join(map(textwrap.dedent, parts)) + "\n"


def _items(scope: Node, path: tuple[str, ...]) -> Iterator[_Item]:
    """Yield the items of a scope, of its modules and of its `impl` blocks."""
    for found in syntax.declarations(scope)[0]:
        name = found.name or found.node.child_by_field_name("type")
        if name is None:
            continue
        own = syntax.unraw(found.name) if found.name else syntax.type_name(found.node)
        here = (*path, own)
        yield _Item(here, found.node, found.first_line, found.last_line)
        if found.body and found.node.type in ("mod_item", "impl_item"):
            yield from _items(found.body, here)


def _of_an_item(items: list[_Item], wanted: tuple[str, ...]) -> list[_Item]:
    """Return a function, type, module … with all that stands beside it on its behalf."""
    blocks = {one.path for one in items if one.node.type == "impl_item"}
    scopes = {
        one.path[:-1]
        for one in items
        if _ends_with(one.path, wanted)
        and one.node.type != "impl_item"
        and one.path[:-1] not in blocks
    }
    return [one for one in items if one.path[:-1] in scopes and one.concerns(wanted[-1])]


def _of_a_method(items: list[_Item], wanted: tuple[str, ...]) -> list[_Item]:
    """Return a method and the functions by which Python calls it."""
    *owner, name = wanted
    blocks = {
        one.path: one.path[-1]
        for one in items
        if one.node.type == "impl_item" and (not owner or _ends_with(one.path, tuple(owner)))
    }
    members = [one for one in items if one.path[:-1] in blocks]
    if not any(one.path[-1] == name for one in members):
        return []
    return [
        one
        for one in members
        if one.path[-1] == name
        or (_OF_PYO3.match(one.path[-1]) and _calls(one.node, blocks[one.path[:-1]], name))
    ]


def _calls(node: Node, owner: str, method: str) -> bool:
    return re.search(rf"\b{re.escape(owner)}::{re.escape(method)}\b", syntax.text(node)) is not None


def _ends_with(path: tuple[str, ...], end: tuple[str, ...]) -> bool:
    return path[-len(end) :] == end


def _near(items: list[_Item], wanted: tuple[str, ...]) -> str:
    known = sorted(
        {
            "::".join(one.path)
            for one in items
            if one.node.type in ("function_item", "struct_item", "enum_item", "trait_item")
            and not _of_a_trait(one.node)
            and not _OF_PYO3.match(one.path[-1])
        }
    )
    near = difflib.get_close_matches("::".join(wanted), known, n=5, cutoff=0.5)
    if near:
        return f"Did you mean {' or '.join(near)}?"
    return f"Name one of: {', '.join(known[:12])}."


def _of_a_trait(node: Node) -> bool:
    """Tell whether a function implements a trait's: nobody looks for it by name."""
    block = node.parent and node.parent.parent
    return block is not None and block.child_by_field_name("trait") is not None
