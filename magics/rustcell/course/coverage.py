"""Which topic is taught where: the rows of docs/coverage-rows.toml, and the cells that name them.

A markdown cell names rows in a comment, `<!-- covers: M19 G15 -->`. It is text of the cell, so it
survives every editor, and no reader sees it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from rustcell.course import files
from rustcell.course.manifest import Course
from rustcell.course.notebook import read
from rustcell.course.prose import Heading, parse
from rustcell.errors import CourseError

ROWS = "coverage-rows.toml"
PAGE = "coverage.md"

_COVERS = re.compile(r"<!--\s*covers:\s*(?P<rows>[^>]*?)\s*-->")


@dataclass(frozen=True)
class Row:
    """A topic that the course must teach, and the chapters that do."""

    id: str
    topic: str
    chapters: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """A cell that names a row; `heading` is the one it stands under, `anchor` its fragment.

    `notebook` is the path from the course's folder, with forward slashes.
    """

    row: str
    chapter: str
    notebook: str
    cell: str
    heading: str
    anchor: str


@dataclass(frozen=True)
class Survey:
    """The rows and the places found for them."""

    course: Course
    rows: tuple[Row, ...]
    places: tuple[Place, ...]

    @cached_property
    def problems(self) -> list[str]:
        """What `--check` refuses: unknown rows, and gaps in chapters that exist."""
        known = {row.id for row in self.rows}
        unknown = [
            f"{place.notebook}, cell {place.cell}: there is no row {place.row!r} in docs/{ROWS}"
            for place in self.places
            if place.row not in known
        ]
        gaps = [
            f"{row.id} is taught nowhere in {chapter}: {row.topic}"
            for row in self.rows
            for chapter in row.chapters
            if self.course.chapter(chapter) and not self._places_of(row, chapter)
        ]
        return unknown + gaps

    @property
    def taught(self) -> int:
        """How many rows have a place in at least one chapter."""
        return len({place.row for place in self.places} & {row.id for row in self.rows})

    def page(self) -> str:
        """Return the text of docs/coverage.md."""
        empty = [row for row in self.rows if not self._places_of(row)]
        lines = [
            "# Coverage",
            "",
            "Which topic is taught where: `rustcell dev coverage` writes this page from",
            f"[{ROWS}]({ROWS}) and the comments in the notebooks. Do not edit it.",
            "",
            f"{self.taught} of {len(self.rows)} rows are taught.",
            "",
            "| row | topic | where |",
            "| --- | --- | --- |",
        ]
        for row in self.rows:
            where = "<br>".join(map(_link, self._places_of(row))) or "**nowhere**"
            lines.append(f"| {row.id} | {row.topic.replace('|', chr(92) + '|')} | {where} |")
        if empty:
            lines += ["", "## Nowhere yet", ""]
            lines += [f"- {row.id}, for {', '.join(row.chapters)}: {row.topic}" for row in empty]
        return "\n".join(lines) + "\n"

    def is_outdated(self) -> bool:
        """Whether docs/coverage.md differs from `page()`."""
        path = self._path
        return not path.is_file() or path.read_bytes() != self.page().encode("utf-8")

    def write(self) -> bool:
        """Write docs/coverage.md; return whether it changed."""
        return files.write(self._path, self.page().encode("utf-8"))

    def to_json(self) -> dict[str, object]:
        """Return rows, places and problems as JSON values."""
        return {
            "rows": [
                asdict(row) | {"places": [asdict(place) for place in self._places_of(row)]}
                for row in self.rows
            ],
            "problems": self.problems,
        }

    @property
    def _path(self) -> Path:
        return self.course.root / "docs" / PAGE

    def _places_of(self, row: Row, chapter: str | None = None) -> list[Place]:
        return [
            place
            for place in self.places
            if place.row == row.id and chapter in (None, place.chapter)
        ]


def survey(course: Course) -> Survey:
    """Read the rows and look for them in all notebooks of the course.

    Raises
    ------
    CourseError
        If the rows cannot be read, or two have one id.
    """
    return Survey(course, _rows(course.root / "docs" / ROWS), tuple(_places(course)))


def _rows(path: Path) -> tuple[Row, ...]:
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["row"]
        rows = tuple(Row(row["id"], row["topic"], tuple(row["chapters"])) for row in entries)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CourseError(
            f"docs/{ROWS} cannot be read: {error!r}.",
            "Each row is a [[row]] with id, topic and chapters.",
        ) from error
    seen: set[str] = set()
    for row in rows:
        if row.id in seen:
            raise CourseError(f"docs/{ROWS}: two rows are called {row.id}.", "Rename one of them.")
        seen.add(row.id)
    return rows


def _places(course: Course) -> Iterator[Place]:
    for chapter in course.chapters:
        for path in (course.notebook(chapter), course.solution_notebook(chapter)):
            if path.is_file():
                yield from _places_in(path, path.relative_to(course.root).as_posix(), chapter.slug)


def _places_in(path: Path, file: str, chapter: str) -> Iterator[Place]:
    under = Heading(0, "", 0)
    for cell in read(path).cells:
        if cell.cell_type != "markdown":
            continue
        headings = {heading.line: heading for heading in parse(cell.source).headings}
        for line, text in enumerate(cell.source.splitlines(), start=1):
            under = headings.get(line, under)
            for comment in _COVERS.finditer(text):
                for row in re.findall(r"[^,\s]+", comment["rows"]):
                    yield Place(row, chapter, file, cell.id, under.text, under.anchor)


def _link(place: Place) -> str:
    fragment = f"#{place.anchor}" if place.anchor else ""
    label = f"{place.notebook.rpartition('/')[2].removesuffix('.ipynb')}: {place.heading}"
    if place.notebook.startswith("exercises/"):
        label = f"exercises {label}"
    target = f"../{place.notebook}{fragment}".replace("|", "%7C").replace(")", "%29")
    label = label.replace("|", "\\|").replace("[", "\\[").replace("]", "\\]")
    return f"[{label}]({target})"
