"""Rules about text that hold for every notebook: alt text, tags, leftovers, the voice."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rustcell.course.lint.finding import Finding
from rustcell.course.lint.page import Page

TAGS = {
    "nav": "written by `rustcell dev nav`",
    "objectives": "what a reader will be able to do",
    "recap": "the chapter in 3 to 6 lines",
    "check": "asserts what the text claims, or judges an exercise",
    "exercise": "an exercise's story, signature and examples",
    "answer": "where a student writes",
    "broken-starter": "an answer whose starter must not build",
    "hint": "one step of an exercise's ladder of hints",
    "explanation": "why the solution is as it is",
    "parameters": "values that papermill may replace",
    "raises-exception": "must raise",
    "nbval-ignore-output": "its output differs from run to run",
    "skip-execution": "not run by papermill and nbclient",
    "nbval-skip": "not run by nbval",
}
"""The closed set of cell tags; anything else is a typing error or nobody's."""

_TOGETHER = {"skip-execution", "nbval-skip"}
_ALT_WORDS = 3
_LEFTOVER = re.compile(r"\b(TODO|FIXME|XXX|TBD)\b")
# Words that tell readers that what they find hard is easy.
_BELITTLING = re.compile(r"\b(simply|just|obviously|of course|trivial(?:ly)?)\b", re.IGNORECASE)


def alt_text(page: Page) -> Iterator[Finding]:
    """`alt-text`: every picture says in words what it shows."""
    for cell in page.markdown:
        for picture in cell.prose.pictures:
            if len(picture.alt.split()) < _ALT_WORDS:
                yield page.finding(
                    "alt-text",
                    f"the picture {picture.target} is not described: {picture.alt!r}",
                    "Say in a sentence what it shows, between the square brackets (or in alt=).",
                    cell,
                    picture.line,
                )


def tags(page: Page) -> Iterator[Finding]:
    """`tag`: only tags of the closed set; a skipped cell has both of its tags."""
    for cell in page.cells:
        for tag in cell.tags:
            if tag not in TAGS:
                yield page.finding(
                    "tag", f"unknown tag {tag!r}", f"There are: {', '.join(TAGS)}.", cell
                )
        if len(_TOGETHER & set(cell.tags)) == 1:
            yield page.finding(
                "tag",
                "skipped by one tool and run by the other",
                "Give the cell both tags, skip-execution and nbval-skip.",
                cell,
            )


def leftovers(page: Page) -> Iterator[Finding]:
    """`leftover`: no TODO, FIXME, XXX or TBD in any cell."""
    for cell in page.cells:
        for number, line in enumerate(cell.source.splitlines(), start=1):
            if found := _LEFTOVER.search(line):
                yield page.finding(
                    "leftover", f"{found[0]} is left", "Do it, or take it out.", cell, number
                )


def voice(page: Page) -> Iterator[Finding]:
    """`voice`: no word that calls easy what a reader may find hard."""
    for cell in page.markdown:
        for line, text in cell.prose.plain:
            for found in _BELITTLING.finditer(text):
                yield page.finding(
                    "voice", f"{found[0]!r} in prose", "Leave the word out.", cell, line
                )
