"""The shape of a chapter: title, objectives, sections, recap, questions, practice."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rustcell.course.lint.finding import Finding
from rustcell.course.lint.page import Cell, Page

OBJECTIVES = range(2, 6)
RECAP_LINES = range(3, 7)
QUESTIONS = range(2, 5)
FURTHER_LINKS = range(2, 6)

_PROMISE_WORDS = 5


def one_title(page: Page) -> Iterator[Finding]:
    """`title`: exactly one H1 in a notebook."""
    found = [
        (cell, heading)
        for cell in page.cells
        if cell.is_markdown
        for heading in cell.prose.headings
        if heading.level == 1
    ]
    if not found:
        yield page.finding("title", "no H1 title", "Begin the first cell with '# Title'.")
    for cell, heading in found[1:]:
        yield page.finding(
            "title",
            f"a second H1: {heading.text!r}",
            "Make it a section: '## …'.",
            cell,
            heading.line,
        )


def promise(page: Page) -> Iterator[Finding]:
    """`promise`: under the title a sentence of promise, and the minutes of course.toml."""
    for cell in page.markdown:
        if not any(heading.level == 1 for heading in cell.prose.headings):
            continue
        text = " ".join(text for _, text in cell.prose.plain)
        said = [int(number) for number in re.findall(r"(\d+) minutes", text)]
        if cell.prose.words < _PROMISE_WORDS:
            yield page.finding(
                "promise", "nothing promised under the title", "Say it in a sentence.", cell
            )
        if page.chapter.minutes not in said:
            yield page.finding(
                "promise",
                f"the title does not say the {page.chapter.minutes} minutes of course.toml",
                f"Write 'About {page.chapter.minutes} minutes.' under it, or mend course.toml.",
                cell,
            )
        return


def objectives(page: Page) -> Iterator[Finding]:
    """`objectives`: one cell tagged so, with 2 to 5 things."""
    cells = [cell for cell in page.markdown if "objectives" in cell.tags]
    mend = "Tag the cell 'You will be able to' with objectives, and give it 2 to 5 bullets."
    if len(cells) != 1:
        yield page.finding("objectives", f"{len(cells)} cells with the tag objectives, not 1", mend)
    for cell in cells[:1]:
        if cell.prose.bullets not in OBJECTIVES:
            yield page.finding("objectives", f"{cell.prose.bullets} objectives", mend, cell)


def recap(page: Page) -> Iterator[Finding]:
    """`recap`: one cell tagged so, headed 'Recap', with 3 to 6 lines."""
    cells = [cell for cell in page.markdown if "recap" in cell.tags]
    mend = "Tag the cell '## Recap' with recap, and give it 3 to 6 bullets."
    if len(cells) != 1:
        yield page.finding("recap", f"{len(cells)} cells with the tag recap, not 1", mend)
    for cell in cells[:1]:
        if [heading.text for heading in cell.prose.headings] != ["Recap"]:
            yield page.finding("recap", "not headed '## Recap'", mend, cell)
        if cell.prose.bullets not in RECAP_LINES:
            yield page.finding("recap", f"{cell.prose.bullets} lines", mend, cell)


def questions(page: Page) -> Iterator[Finding]:
    """`quiz`: a section 'Check yourself' with 2 to 4 folded answers."""
    cells = _section(page, "Check yourself")
    answers = sum(cell.prose.answers for cell in cells)
    if answers not in QUESTIONS:
        yield page.finding(
            "quiz",
            f"{answers} folded answers under '## Check yourself'" if cells else "no questions",
            "Ask 2 to 4 questions under '## Check yourself'; fold each answer with <details>.",
            cells[0] if cells else None,
        )


def practice(page: Page) -> Iterator[Finding]:
    """`practice`: a link to the exercises, and 2 to 5 links for further reading."""
    cells = _section(page, "Practice")
    links = [link.target for cell in cells for link in cell.prose.links]
    exercises = f"../exercises/{page.chapter.slug}.ipynb"
    where = cells[0] if cells else None
    if page.chapter.exercises and exercises not in links:
        yield page.finding(
            "practice",
            "no link to the exercises",
            f"Under '## Practice': [exercises]({exercises}).",
            where,
        )
    further = [link for link in links if link.startswith("http")]
    if len(further) not in FURTHER_LINKS:
        yield page.finding(
            "practice",
            f"{len(further)} links for further reading",
            "Give 2 to 5 under '## Practice', behind '**Further reading**'.",
            where,
        )


def lessons(page: Page) -> Iterator[Finding]:
    """`lesson`: something to break, something to try, and a check of what is claimed."""
    prose = "\n".join(cell.source for cell in page.markdown)
    breaks = any(
        "raises-exception" in cell.tags
        or "--expect-error" in cell.source
        or re.search(r"^\s*except\b", cell.source, re.MULTILINE)
        for cell in page.code
    )
    for there, message, mend in (
        (breaks, "nothing is broken on purpose", "Show one real error: --expect-error, or a try."),
        ("Try it" in prose, "no 'Try it'", "End every second section with one concrete edit."),
        (
            any("check" in cell.tags for cell in page.code),
            "no cell with the tag check",
            "Assert what the chapter claims, with a message for a person.",
        ),
    ):
        if not there:
            yield page.finding("lesson", message, mend)


def _section(page: Page, title: str) -> list[Cell]:
    """Return the markdown cells from the heading `title` to the next one of its level."""
    found: list[Cell] = []
    for cell in page.markdown:
        headings = [heading.text for heading in cell.prose.headings if heading.level <= 2]
        if title in headings:
            found = [cell]
        elif headings and found:
            break
        elif found:
            found.append(cell)
    return found
