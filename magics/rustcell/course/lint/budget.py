"""How long a chapter may be. This is the one place where the numbers stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rustcell.course.lint.finding import Finding
from rustcell.course.lint.magic_line import RUST_MAGICS
from rustcell.course.lint.page import Page
from rustcell.course.regions import released, solved
from rustcell.errors import CourseError


@dataclass(frozen=True)
class Bounds:
    """From `least` to `most`, both allowed."""

    what: str
    least: int
    most: int


WORDS = Bounds("words of prose", 1000, 1800)
CELLS = Bounds("cells", 25, 45)
RUST_CELLS = Bounds("Rust cells", 5, 10)
SECTIONS = Bounds("sections", 4, 7)
STRETCH_WORDS = 200
"""Words under one heading, or between two code cells, before something must be run."""
RUST_LINES = 30
FILE_KILOBYTES = 300
"""A stored plot is about 70 kB; what is larger makes a clone slow and a diff unreadable."""

_NOT_SECTIONS = {"Recap", "Check yourself", "Practice"}


def chapter_size(page: Page) -> Iterator[Finding]:
    """`size`: words, cells, Rust cells and sections of a chapter."""
    sections = [
        heading
        for cell in page.markdown
        for heading in cell.prose.headings
        if heading.level == 2 and heading.text not in _NOT_SECTIONS
    ]
    found = {
        WORDS: sum(cell.prose.words for cell in page.markdown),
        CELLS: len(page.cells),
        RUST_CELLS: sum(cell.magic[1] in RUST_MAGICS for cell in page.code),
        SECTIONS: len(sections),
    }
    for bounds, count in found.items():
        if not bounds.least <= count <= bounds.most:
            yield page.finding(
                "size",
                f"{count} {bounds.what}, not {bounds.least} to {bounds.most}",
                "Cut what the objectives do not need, or split the chapter."
                if count > bounds.most
                else "Show more of it, or join the chapter with its neighbour.",
            )


def stretches(page: Page) -> Iterator[Finding]:
    """`size`: the words that a reader meets before there is something to run."""
    words = 0
    for cell in page.cells:
        if cell.is_code:
            words = 0
        if cell not in page.markdown:
            continue
        headings = {heading.line: heading.text for heading in cell.prose.headings}
        if "Recap" in headings.values():
            return
        longest = 0
        for line, count in cell.prose.words_by_line:
            words = count + (0 if line in headings else words)
            longest = max(longest, words)
        if longest > STRETCH_WORDS:
            yield page.finding(
                "size",
                f"{longest} words in one stretch, more than {STRETCH_WORDS}",
                "Put a cell that can be run, or a heading, between them.",
                cell,
            )
            words = 0


def _shown(source: str) -> tuple[str, ...]:
    """Return a cell as people meet it: of an exercise's source, the solution and the starter."""
    try:
        return solved(source), released(source, "rust")
    except CourseError:  # broken markers, which another rule tells
        return (source,)


def cell_and_file_size(page: Page) -> Iterator[Finding]:
    """`size`: lines of a Rust cell, kilobytes of the file. Holds for every notebook."""
    for cell in page.code:
        at, magic, _ = cell.magic
        lines = max(len(text.rstrip().splitlines()) for text in _shown(cell.source)) - at
        if magic in RUST_MAGICS and lines > RUST_LINES:
            yield page.finding(
                "size",
                f"{lines} lines of Rust in one cell, more than {RUST_LINES}",
                "Show one idea a cell: split it, or leave away what was shown before.",
                cell,
            )
    kilobytes = page.path.stat().st_size // 1000
    if kilobytes > FILE_KILOBYTES:
        yield page.finding(
            "size",
            f"the file has {kilobytes} kB, more than {FILE_KILOBYTES}",
            "Draw a smaller picture, or print less.",
        )
