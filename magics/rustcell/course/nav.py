"""Writes what follows from the manifest: navigation lines, the contents, the README's table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_notebook

from rustcell.course import files
from rustcell.course.manifest import Chapter, Course
from rustcell.course.notebook import is_tagged, read, stored_text
from rustcell.course.prose import parse
from rustcell.errors import CourseError

CONTENTS = "contents.ipynb"
TAG = "nav"

_BEGIN, _END = "<!-- nav -->", "<!-- /nav -->"
_TABLE = re.compile(r"(?<=<!-- chapters -->\n).*?(?=<!-- /chapters -->)", re.DOTALL)
_MINUTES = re.compile(r"\s*About \d+ minutes\.$")


@dataclass(frozen=True)
class _Entry:
    """A chapter as the lists show it: its H1 and what is promised under it."""

    chapter: Chapter
    notebook: NotebookNode
    title: str
    promise: str


def outdated(course: Course) -> list[str]:
    """Return the files whose navigation differs from the manifest, from the course's folder."""
    return [path.relative_to(course.root).as_posix() for path, _ in _planned(course)]


def write(course: Course) -> list[str]:
    """Bring all navigation up to date; return the files that changed, from the course's folder.

    Raises
    ------
    CourseError
        If a chapter has no title, or the README has no place for the table.
    """
    planned = list(_planned(course))
    for path, data in planned:
        files.write(path, data)
    return [path.relative_to(course.root).as_posix() for path, _ in planned]


def write_contents(course: Course) -> None:
    """Write the list of chapters alone."""
    entries = {chapter.slug: _entry(course, chapter) for chapter in course.chapters}
    text = _contents(course, entries)
    files.write(course.root / "notebooks" / CONTENTS, text.encode("utf-8"))


def _planned(course: Course) -> Iterator[tuple[Path, bytes]]:
    """Yield each file that must change, with its new content."""
    entries = [_entry(course, chapter) for chapter in course.chapters]
    for position, entry in enumerate(entries):
        before = entries[position - 1] if position else None
        after = entries[position + 1] if position + 1 < len(entries) else None
        if _navigate(entry.notebook, _line(before, after)):
            yield course.notebook(entry.chapter), stored_text(entry.notebook).encode("utf-8")
    by_slug = {entry.chapter.slug: entry for entry in entries}
    for path, text in (
        (course.root / "notebooks" / CONTENTS, _contents(course, by_slug)),
        (course.root / "README.md", _readme(course, by_slug)),
    ):
        if text is not None and not (path.is_file() and path.read_bytes() == text.encode("utf-8")):
            yield path, text.encode("utf-8")


def _entry(course: Course, chapter: Chapter) -> _Entry:
    notebook = read(course.notebook(chapter))
    for cell in notebook.cells:
        if cell.cell_type != "markdown":
            continue
        for heading in parse(cell.source).headings:
            if heading.level == 1:
                below = "\n".join(cell.source.splitlines()[heading.line :]).strip()
                paragraph = " ".join(below.partition("\n\n")[0].split())
                promise = _MINUTES.sub("", paragraph)
                return _Entry(chapter, notebook, heading.text, promise)
    raise CourseError(
        f"notebooks/{chapter.slug}.ipynb has no H1 title.", "Begin its first cell with '# Title'."
    )


def _line(before: _Entry | None, after: _Entry | None) -> str:
    links = [f"[Contents]({CONTENTS})"]
    if before:
        links.insert(0, f"[← {_label(before.title)}]({before.chapter.slug}.ipynb)")
    if after:
        links.append(f"[{_label(after.title)} →]({after.chapter.slug}.ipynb)")
    return f"{_BEGIN}\n{' · '.join(links)}\n{_END}"


def _label(title: str) -> str:
    return re.sub(r"([\[\]|])", r"\\\1", title)


def _navigate(notebook: NotebookNode, line: str) -> bool:
    """Put the line first and last; return whether that changed anything."""
    cells = notebook.cells
    changed = False
    for position, cell_id in ((0, "nav-top"), (-1, "nav-bottom")):
        if not (cells and is_tagged(cells[position], TAG)):
            new = new_markdown_cell("", id=cell_id, metadata={"tags": [TAG]})
            cells.insert(0 if position == 0 else len(cells), new)
        if cells[position].source != line:
            cells[position].source = line
            changed = True
    return changed


def _contents(course: Course, entries: dict[str, _Entry]) -> str:
    """Return the text of the notebook that lists the chapters."""
    minutes = sum(chapter.minutes for chapter in course.chapters)
    exercises = sum(len(chapter.exercises) for chapter in course.chapters)
    amounts = [f"{len(course.chapters)} chapters", f"about {max(1, round(minutes / 60))} hours"]
    if exercises:
        amounts.insert(1, f"{exercises} exercises")
    lines = [f"# {course.title}", "", f"{', '.join(amounts)}.", ""]
    # In a guided copy a part may have no chapter yet.
    for part in (part for part in course.parts if part.chapters):
        lines += [f"## {part.name} · {part.title}", ""]
        lines += _table([entries[c.slug] for c in part.chapters], "", exercises=True)
    cell = new_markdown_cell("\n".join(lines).rstrip(), id="contents")
    return stored_text(new_notebook(cells=[cell]))


def _readme(course: Course, entries: dict[str, _Entry]) -> str | None:
    path = course.root / "README.md"
    if not path.is_file():
        return None
    text = path.read_text(encoding="utf-8")
    if not _TABLE.search(text):
        raise CourseError(
            "README.md has no place for the list of chapters.",
            "Write the lines '<!-- chapters -->' and '<!-- /chapters -->' where it shall stand.",
        )
    lines = _table([entries[c.slug] for c in course.chapters], "notebooks/", exercises=False)
    table = "\n".join(lines)
    return _TABLE.sub(lambda _: f"\n{table}\n", text)


def _table(entries: Sequence[_Entry], folder: str, *, exercises: bool) -> list[str]:
    head = ["chapter", "what it is about", "minutes", *(["exercises"] if exercises else [])]
    rows = [head, ["---", "---", "--:", *(["---"] if exercises else [])]]
    for entry in entries:
        slug, chapter = entry.chapter.slug, entry.chapter
        title = f"{chapter.number} {_label(entry.title)}"
        promise = entry.promise.replace("|", "\\|")
        row = [f"[{title}]({folder}{slug}.ipynb)", promise, str(chapter.minutes)]
        if exercises:
            points = sum(chapter.exercises.values())
            row.append(f"[{points} points](../exercises/{slug}.ipynb)" if points else "")
        rows.append(row)
    return [*(f"| {' | '.join(row)} |".replace("|  |", "| |") for row in rows), ""]
