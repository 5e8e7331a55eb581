"""What lint must know of a Rust cell's magic line; the cell half parses the whole of it."""

from __future__ import annotations

import argparse
import re
import shlex
import tomllib
from dataclasses import dataclass

from rustcell.course.lint.page import Cell

RUST_MAGICS = ("rust_module", "rust_main", "rust_test")


@dataclass(frozen=True)
class RustCell:
    """A cell of Rust. `above` lines stand above its body; `crates` are its --dep values."""

    body: str
    above: int
    edition: str
    crates: tuple[str, ...]
    pyo3: str | None
    must_fail: bool


def rust_cell(cell: Cell) -> RustCell | None:
    """Return the Rust of a cell; None for a cell that holds none, or an unreadable line."""
    at, magic, line = cell.magic
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--edition", default="2024")
    parser.add_argument("--dep", action="append", default=[])
    parser.add_argument("--pyo3")
    parser.add_argument("--expect-error", nargs="?", const="", action="append", default=[])
    try:
        found, _ = parser.parse_known_args(shlex.split(line))
    except (ValueError, argparse.ArgumentError):
        return None
    is_file = magic == "rust_file" and len(found.words) > 1 and found.words[1].endswith(".rs")
    if magic not in RUST_MAGICS and not is_file:
        return None
    body = "\n".join(cell.source.splitlines()[at:]) + "\n"
    must_fail = bool(found.expect_error) or bool(
        {"raises-exception", "broken-starter"} & set(cell.tags)
    )
    return RustCell(body, at, found.edition, tuple(found.dep), found.pyo3, must_fail)


def crate_and_requirement(spec: str) -> tuple[str, str]:
    """Return a --dep's crate and version requirement ("*" if it names none).

    For a crate that is not taken by version from the registry the requirement is "".
    """
    if "=" not in spec.partition("@")[0]:
        crate, _, version = spec.partition("@")
        return crate.strip(), version.strip() or "*"
    try:
        ((crate, value),) = tomllib.loads(spec).items()
    except ValueError:
        return spec, ""
    if isinstance(value, str):
        return crate, value
    if {"git", "path"} & set(value):
        return crate, ""
    return str(value.get("package", crate)), str(value.get("version", "*"))


def allows(requirement: str, version: str) -> bool:
    """Tell whether cargo may take `version`; ranges with operators are believed."""
    exact = re.fullmatch(r"([=^]?)\s*(\d+(?:\.\d+){0,2})", requirement)
    if exact is None:
        return True
    wanted = [int(part) for part in exact[2].split(".")]
    there = [int(part) for part in re.split(r"[-+]", version)[0].split(".")]
    if exact[1] == "=":
        return there[: len(wanted)] == wanted
    # Compatible are versions with the same first number that is not zero.
    fixed = next((i for i, part in enumerate(wanted) if part), len(wanted) - 1) + 1
    return there[:fixed] == wanted[:fixed] and there >= wanted
