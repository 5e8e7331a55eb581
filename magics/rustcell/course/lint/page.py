"""A notebook of the course, read once for all rules."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nbformat import NotebookNode

from rustcell.course.lint.finding import Finding
from rustcell.course.manifest import Chapter, Course
from rustcell.course.notebook import is_tagged, read
from rustcell.course.prose import Prose, parse

Kind = Literal["chapter", "solution", "released"]


@dataclass(frozen=True)
class Cell:
    """One cell and where it stands; `number` counts all cells from 1."""

    node: NotebookNode
    number: int

    @property
    def is_code(self) -> bool:
        return bool(self.node.cell_type == "code")

    @property
    def is_markdown(self) -> bool:
        return bool(self.node.cell_type == "markdown")

    @property
    def source(self) -> str:
        return str(self.node.source)

    @property
    def tags(self) -> tuple[str, ...]:
        return tuple(self.node.metadata.get("tags", ()))

    @functools.cached_property
    def prose(self) -> Prose:
        """The parsed text of a markdown cell."""
        return parse(self.source)

    @property
    def magic(self) -> tuple[int, str, str]:
        """The line number, name and rest of the line of the `%%magic` that decides the language.

        Blank lines and other cell magics (`%%time`) may stand above it. (0, "", "") if none.
        """
        found = (0, "", "")
        for number, line in enumerate(self.source.splitlines(), start=1):
            if line.strip() and not line.startswith("%%"):
                break
            if line.startswith("%%"):
                name, _, rest = line[2:].partition(" ")
                found = (number, name, rest)
        return found


@dataclass(frozen=True)
class Page:
    """A notebook, what it is in the course, and its cells.

    `chapter` is the manifest's entry.
    """

    course: Course
    path: Path
    kind: Kind
    chapter: Chapter
    notebook: NotebookNode

    @classmethod
    def load(cls, course: Course, path: Path, kind: Kind, chapter: Chapter) -> Page:
        return cls(course, path, kind, chapter, read(path))

    @functools.cached_property
    def cells(self) -> tuple[Cell, ...]:
        return tuple(Cell(node, n) for n, node in enumerate(self.notebook.cells, start=1))

    @property
    def markdown(self) -> tuple[Cell, ...]:
        """The markdown cells that an author writes: all but the navigation."""
        return tuple(c for c in self.cells if c.is_markdown and not is_tagged(c.node, "nav"))

    @property
    def code(self) -> tuple[Cell, ...]:
        return tuple(cell for cell in self.cells if cell.is_code)

    @property
    def file(self) -> str:
        """The path from the course's folder, with forward slashes."""
        return self.path.relative_to(self.course.root).as_posix()

    def finding(
        self, rule: str, message: str, mend: str, cell: Cell | None = None, line: int | None = None
    ) -> Finding:
        """Return a finding at this page, at a cell of it, or at a line of that cell."""
        number, cell_id = (cell.number, str(cell.node.id)) if cell else (None, None)
        return Finding(self.file, rule, message, mend, number, cell_id, line)
