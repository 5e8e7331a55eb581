"""What Tab offers in a Rust cell: Rust's words and the cell's own, not Python's.

`offer` is the rule; `RustCompleter` hands its answer to IPython. On the magic line come the
magic's options and what may follow them.
"""

from __future__ import annotations

import argparse
import functools
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from IPython.core.completer import (
    CompletionContext,
    SimpleCompletion,
    SimpleMatcherResult,
    context_matcher,
)
from IPython.core.interactiveshell import InteractiveShell

from rustcell.building import dependencies
from rustcell.crates import source
from rustcell.crates.manifest import PYO3
from rustcell.crates.options import EDITIONS, PROFILES, RUST_KEYWORDS
from rustcell.notebook import rust_words

_HEADER = re.compile(r"%%(?P<magic>rust_\w+)(?P<line>.*)")
# Magics that may stand above the Rust magic of the same cell.
_OUTER = re.compile(r"%%(?:time|timeit|capture|prun)\b")
_EXPLAIN = re.compile(r"\s*%rust_explain\s+(?P<word>\S*)$")
# An option on the line of a line magic: for names and paths IPython knows better.
_LINE_OPTION = re.compile(r"\s*%(?P<magic>rust_\w+)(?P<line>\s(?:.*\s)?-\S*)$")
_WORD = re.compile(r"(?:r#)?\w*$")
# From the last `#[` to the cursor, when the attribute is not closed and no item follows.
_ATTRIBUTE = re.compile(r"#!?\[(?P<inside>[^\[\]]*)$")
_FEATURES_BESIDE_THE_LOCK = ("abi3", "abi3-py311", "abi3-py312", "abi3-py313", "abi3-py314")

Word = tuple[str, str]
"""A word and a few words on what it is."""


@dataclass(frozen=True)
class Offer:
    """What may stand in place of `fragment`, the text right before the cursor."""

    fragment: str
    words: tuple[Word, ...]


def offer(
    text: str, row: int, column: int, parser_of: Callable[[str], argparse.ArgumentParser | None]
) -> Offer | None:
    """Return what fits at a place of a cell, None when that place is not Rust's.

    Parameters
    ----------
    text :
        The whole cell.
    row, column :
        The cursor's line and place in it, both from 0.
    parser_of :
        Returns the parser of a magic's options, by the magic's name.
    """
    lines = text.split("\n")
    before = lines[row][:column]
    if explained := _EXPLAIN.match(before):
        return _starting(explained["word"], rust_words.ERROR_CODES.items())
    if called := _LINE_OPTION.match(before):
        parser = parser_of(called["magic"])
        return _on_the_line(called["line"], parser) if parser else None
    header = _header(lines)
    if header is None or row < header:
        return None
    match = _HEADER.match(lines[header])
    assert match is not None
    if row == header:
        start = match.start("line")
        parser = parser_of(match["magic"]) if column > start else None
        return _on_the_line(before[start:], parser) if parser else None
    # Such a file may be of any language.
    if match["magic"] == "rust_file" and not match["line"].split("--")[0].rstrip().endswith(".rs"):
        return None
    return _in_the_body(lines[header + 1 :], row - header - 1, column)


def _header(lines: list[str]) -> int | None:
    """Return the row of the Rust magic, None if the cell has none."""
    for row, line in enumerate(lines):
        if _HEADER.match(line):
            return row
        if line.strip() and not _OUTER.match(line):
            return None
    return None


def _starting(fragment: str, words: Iterable[Word]) -> Offer:
    return Offer(fragment, tuple((w, about) for w, about in words if w.startswith(fragment)))


def _in_the_body(lines: list[str], row: int, column: int) -> Offer:
    before, after = lines[row][:column], lines[row][column:]
    found = _WORD.search(before)
    fragment = found[0] if found else ""
    # Without the word at the cursor, which is not finished: it would be offered too.
    rest = before[: len(before) - len(fragment)] + re.sub(r"^\w+", "", after)
    parsed = source.parse("\n".join([*lines[:row], rest, *lines[row + 1 :]]))
    own = [(name, "in this cell") for name in sorted(parsed.identifiers)]
    words = own
    attribute = _ATTRIBUTE.search("\n".join([*lines[:row], before]))
    if attribute and not re.search(r"[;{}]", attribute["inside"]):
        words = list(_in_an_attribute(attribute["inside"], own))
    elif not before.removesuffix(fragment).rstrip(" ").endswith("."):
        words = own + [(name, "keyword") for name in sorted(RUST_KEYWORDS)]
        words += [(name, "macro") for name in rust_words.MACROS]
        words += [(name, "type") for name in rust_words.TYPES]
    offered = _starting(fragment, dict(words).items())
    # IPython leaves Python's names out only when there is something to offer.
    return offered if offered.words or not fragment else Offer(fragment, ((fragment, ""),))


def _in_an_attribute(inside: str, own: list[Word]) -> Iterator[Word]:
    if "(" not in inside:
        yield from ((name, "attribute") for name in rust_words.ATTRIBUTES)
    else:
        yield from own
        yield from ((name, "option") for name in rust_words.OPTIONS_OF_ATTRIBUTES)


def _on_the_line(line: str, parser: argparse.ArgumentParser) -> Offer:
    """Offer options, or the values of the option before the cursor."""
    *earlier, fragment = re.split(r"\s+", line) if line else [""]
    previous = earlier[-1] if earlier else ""
    option, equals, value = fragment.partition("=")
    if equals and option.startswith("--"):
        previous, fragment = option, value
    if previous == "--features":
        fragment = fragment.rpartition(",")[2]
    if previous in _VALUES and not fragment.startswith("-"):
        return _starting(fragment, _VALUES[previous]())
    return _starting(fragment, _options(parser))


def _options(parser: argparse.ArgumentParser) -> Iterator[Word]:
    for action in parser._actions:  # noqa: SLF001 (argparse has no other list of them)
        for option in action.option_strings:
            if option.startswith("--"):
                yield option, re.split(r"[.:,;]( |$)", action.help or "")[0]


@functools.cache
def _crates() -> list[Word]:
    """Return the crates of the lock with their versions, those of the course first."""
    packages = tomllib.loads(dependencies.committed_lock())["package"]
    versions = {p["name"]: p["version"] for p in packages if "source" in p}
    names = dict.fromkeys([*_chosen(), *sorted(versions)])
    return [(name, versions[name]) for name in names if name in versions and name != "pyo3"]


@functools.cache
def _features_of_pyo3() -> list[Word]:
    names = sorted({*_chosen()["pyo3"]["features"], *_FEATURES_BESIDE_THE_LOCK})
    return [(name, "feature of PyO3") for name in names]


def _chosen() -> dict[str, Any]:
    """Return the crates that the course names itself."""
    found: dict[str, Any] = tomllib.loads(dependencies.committed_manifest())["dependencies"]
    return found


_VALUES: dict[str, Callable[[], Iterable[Word]]] = {
    "--expect-error": rust_words.ERROR_CODES.items,
    "--expect-warning": lambda: ((lint, "lint") for lint in rust_words.LINTS),
    "--dep": _crates,
    "--features": _features_of_pyo3,
    "--profile": lambda: ((profile, "profile") for profile in PROFILES),
    "--edition": lambda: ((edition, "edition") for edition in EDITIONS),
    "--pyo3": lambda: [(PYO3, "the version of the course")],
}


class RustCompleter:
    """Puts `offer` first among the matchers of a shell."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

        def matcher(context: CompletionContext) -> SimpleMatcherResult:
            return self._answer(context)

        # Before all of IPython's own, which it then leaves out.
        self._matcher = context_matcher(priority=1000, identifier="rustcell")(matcher)

    def install(self) -> None:
        """Answer in Rust cells from now on."""
        self._shell.Completer.custom_matchers.append(self._matcher)

    def uninstall(self) -> None:
        """Leave Rust cells to IPython's own matchers again."""
        self._shell.Completer.custom_matchers.remove(self._matcher)

    def _answer(self, context: CompletionContext) -> SimpleMatcherResult:
        place = (context.full_text, context.cursor_line, context.cursor_position)
        found = offer(*place, self._parser_of)
        if found is None:
            return SimpleMatcherResult(completions=[], suppress=False)
        return SimpleMatcherResult(
            completions=[SimpleCompletion(text, type=about) for text, about in found.words],
            matched_fragment=found.fragment,
            suppress=True,
            ordered=True,
        )

    def _parser_of(self, magic: str) -> argparse.ArgumentParser | None:
        found = self._shell.find_cell_magic(magic) or self._shell.find_line_magic(magic)
        return getattr(found, "parser", None)
