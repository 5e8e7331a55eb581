"""The marked regions of an exercise's cells, as text: solutions, starters, hidden tests.

A marker is a comment line of its own, `// BEGIN SOLUTION` or `# BEGIN SOLUTION`, and nothing else
stands on it. Lines are counted from 1, as the editor shows them.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from rustcell.errors import CourseError

Language = Literal["rust", "python", "other"]

_SOLUTION = ("BEGIN SOLUTION", "END SOLUTION")
_HIDDEN = ("BEGIN HIDDEN TESTS", "END HIDDEN TESTS")
_STARTER = "STARTER"
_WORDS = (*_SOLUTION, *_HIDDEN, _STARTER)
_MARKER = re.compile(rf"(?P<indent>\s*)(?P<mark>//|#) (?P<word>{'|'.join(_WORDS)})")
# Read as a marker by a person, and as a comment by us: what it should hide would be handed out.
_NEARLY = re.compile(
    r"\s*(//|#|--|/\*)[\s/#*!-]*(begin|end)[\s_-]*(the\s+)?(solution|hidden)", re.IGNORECASE
)
_NEARLY_STARTER = re.compile(r"\s*(//|#)+\s*starter\W*", re.IGNORECASE)


@dataclass(frozen=True)
class Region:
    """A solution region of a cell.

    Parameters
    ----------
    first, last:
        The lines of its two markers, from 1.
    mark:
        What begins a comment in its language: `//` or `#`.
    indent:
        The white space before the first marker.
    solution:
        The lines that solve the exercise, as they stand in the cell.
    starter:
        The lines that the student is given instead; None asks for a stub.
    """

    first: int
    last: int
    mark: str
    indent: str
    solution: tuple[str, ...]
    starter: tuple[str, ...] | None

    @property
    def item_level(self) -> bool:
        """Whether it stands at the left edge, where Rust wants items and no expression."""
        return not self.indent


@dataclass(frozen=True)
class _Marker:
    line: int
    indent: str
    mark: str
    word: str


def solution_regions(source: str) -> list[Region]:
    """Return the solution regions of a cell.

    Raises
    ------
    CourseError
        If a marker is misspelt, has no partner, stands inside another region, or belongs to
        tests; or if a starter's line is not a comment.
    """
    lines = source.splitlines()
    regions: list[Region] = []
    begin = starter = None
    for marker in _markers(lines):
        if marker.word in _HIDDEN:
            raise _wrong(marker.line, f"{marker.word} stands outside of a check cell")
        if marker.word == _SOLUTION[0]:
            if begin is not None:
                raise _wrong(marker.line, f"a region begins inside that of line {begin.line}")
            begin, starter = marker, None
        elif begin is None:
            raise _wrong(marker.line, f"{marker.word} without BEGIN SOLUTION")
        elif marker.word == _STARTER:
            if starter is not None:
                raise _wrong(marker.line, "a region has a second STARTER")
            starter = marker
        else:
            regions.append(_region(lines, begin, starter, marker))
            begin = None
    if begin is not None:
        raise _wrong(begin.line, "BEGIN SOLUTION without END SOLUTION")
    return regions


def released(source: str, language: Language) -> str:
    """Return the cell as a student gets it: a starter or a stub in each region's place."""

    def given(region: Region) -> list[str]:
        return list(_stub(region, language) if region.starter is None else region.starter)

    return _replaced(source, given)


def solved(source: str) -> str:
    """Return the cell with its solution, without markers and starters."""
    return _replaced(source, lambda region: list(region.solution))


def answered(source: str, text: str) -> str:
    """Return the cell with `text` in the place of its one region, at the region's indentation.

    Raises
    ------
    CourseError
        If the cell has several regions.
    """
    if len(solution_regions(source)) != 1:
        raise CourseError(
            "the cell has several solution regions, and the text is meant for one",
            "Write the whole cell, beginning with its %% line.",
        )
    lines = textwrap.dedent(text).strip("\n").splitlines()
    return _replaced(source, lambda region: _indented(lines, region.indent))


def split_hidden(source: str) -> tuple[str, str]:
    """Return a check cell's visible text and its hidden tests, both without markers.

    Raises
    ------
    CourseError
        If a marker is misspelt, has no partner or stands inside another region, or if a
        solution is marked.
    """
    visible: list[str] = []
    hidden: list[str] = []
    lines = source.splitlines()
    begin, done = None, 0
    for marker in _markers(lines):
        if marker.word not in _HIDDEN:
            raise _wrong(marker.line, f"{marker.word} stands in a check cell")
        if marker.word == _HIDDEN[0]:
            if begin is not None:
                raise _wrong(marker.line, f"a region begins inside that of line {begin}")
            begin = marker.line
            visible += lines[done : marker.line - 1]
        else:
            if begin is None:
                raise _wrong(marker.line, "END HIDDEN TESTS without BEGIN HIDDEN TESTS")
            hidden += lines[done : marker.line - 1]
            begin = None
        done = marker.line
    if begin is not None:
        raise _wrong(begin, "BEGIN HIDDEN TESTS without END HIDDEN TESTS")
    return _joined(visible + lines[done:]), _joined(hidden)


def refuse_markers(source: str) -> None:
    """Raise a `CourseError` if a cell that has no region's place holds a marker."""
    for marker in _markers(source.splitlines()):
        raise _wrong(marker.line, f"{marker.word} stands in a cell that students can't change")


def _markers(lines: list[str]) -> Iterator[_Marker]:
    for number, line in enumerate(lines, start=1):
        found = _MARKER.fullmatch(line.rstrip())
        if found:
            yield _Marker(number, found["indent"], found["mark"], found["word"])
        elif _NEARLY.match(line):
            raise _misspelt(number, line)


def _region(lines: list[str], begin: _Marker, starter: _Marker | None, end: _Marker) -> Region:
    until = starter.line if starter else end.line
    for number, line in enumerate(lines[begin.line : until - 1], start=begin.line + 1):
        if _NEARLY_STARTER.fullmatch(line):
            raise _misspelt(number, line)
    given = None
    if starter:
        bare = [_uncommented(lines[i], i + 1, begin.mark) for i in range(until, end.line - 1)]
        given = tuple(_indented(bare, begin.indent))
    solution = tuple(lines[begin.line : until - 1])
    return Region(begin.line, end.line, begin.mark, begin.indent, solution, given)


def _uncommented(line: str, number: int, mark: str) -> str:
    text = line.strip()
    if not text:
        return ""
    if not text.startswith(mark):
        raise _wrong(number, f"a starter's line does not begin with {mark}")
    return text.removeprefix(mark).removeprefix(" ")


def _stub(region: Region, language: Language) -> list[str]:
    if language == "python":
        text = 'raise NotImplementedError("your code here")'
    elif language == "rust" and not region.item_level:
        text = 'todo!("your code here")'
    else:
        text = f"{region.mark} your code here"
    return [region.indent + text]


def _replaced(source: str, instead: Callable[[Region], list[str]]) -> str:
    lines = source.splitlines()
    for region in reversed(solution_regions(source)):
        lines[region.first - 1 : region.last] = instead(region)
    return _joined(lines)


def _indented(lines: list[str], indent: str) -> list[str]:
    return [indent + line if line.strip() else "" for line in lines]


def _joined(lines: list[str]) -> str:
    return "\n".join(lines).rstrip()


def _misspelt(number: int, line: str) -> CourseError:
    return _wrong(number, f"{line.strip()!r} is not written as a marker")


def _wrong(line: int, problem: str) -> CourseError:
    return CourseError(
        f"line {line}: {problem}.",
        "Each marker is a comment line of its own, as `// BEGIN SOLUTION` or `# BEGIN SOLUTION`; "
        "END closes what the last BEGIN opened, and regions are not nested.",
    )
