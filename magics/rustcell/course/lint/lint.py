"""Chooses the rules for each kind of page and gathers what they find."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rustcell.course import nav
from rustcell.course.lint import budget, code, exercise, files, links, shape, stored, text
from rustcell.course.lint.finding import Finding
from rustcell.course.lint.page import Kind, Page
from rustcell.course.manifest import Chapter, Course
from rustcell.errors import CourseError

Rule = Callable[[Page], Iterator[Finding]]

_EVERYWHERE: tuple[Rule, ...] = (
    shape.one_title,
    text.alt_text,
    text.tags,
    text.leftovers,
    links.links,
    stored.outputs,
    stored.canonical,
)
_WRITTEN_BY_HAND: tuple[Rule, ...] = (
    text.voice,
    budget.cell_and_file_size,
    code.rust_form,
    code.locked_crates,
)
_CHAPTER: tuple[Rule, ...] = (
    shape.promise,
    shape.objectives,
    shape.recap,
    shape.questions,
    shape.practice,
    shape.lessons,
    budget.chapter_size,
    budget.stretches,
)
_RULES: dict[Kind, tuple[Rule, ...]] = {
    "chapter": (*_EVERYWHERE, *_WRITTEN_BY_HAND, *_CHAPTER),
    "solution": (*_EVERYWHERE, *_WRITTEN_BY_HAND, exercise.exercises),
    "released": _EVERYWHERE,
}


@dataclass(frozen=True)
class Report:
    """What lint found; `notes` say which rules could not be looked at on this machine."""

    pages: int
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Return the fields as JSON values."""
        found = [finding.to_json() for finding in self.findings]
        return {"notebooks": self.pages, "findings": found, "notes": list(self.notes)}


def lint(course: Course, wanted: Sequence[Path] = ()) -> Report:
    """Look at the course, or at the wanted notebooks and folders alone.

    Raises
    ------
    CourseError
        If a wanted path holds no notebook of the course.
    """
    pages: list[Page] = []
    findings: list[Finding] = []
    for path, kind, chapter in _chosen(course, wanted):
        try:
            pages.append(Page.load(course, path, kind, chapter))
        except CourseError as error:
            file = path.relative_to(course.root).as_posix()
            findings.append(Finding(file, "readable", error.message, error.mend))
    for page in pages:
        for rule in _RULES[page.kind]:
            findings += rule(page)
    findings += code.python_form([page for page in pages if page.kind != "released"])
    if not wanted:
        listed = [path for path, _, _ in notebooks(course)]
        findings += files.unlisted(course, pages, listed)
        findings += links.documents(course)
        findings += [
            Finding(file, "nav", "the navigation is not up to date", "rustcell dev nav")
            for file in nav.outdated(course)
        ]
    findings.sort(key=lambda f: (f.file, f.cell or 0, f.line or 0, f.rule))
    return Report(len(pages), tuple(findings), tuple(_notes()))


def _notes() -> Iterator[str]:
    if code.rustfmt() is None:
        yield (
            "rustfmt is not there, so the form of Rust cells was not looked at"
            " (rustup component add rustfmt)"
        )
    if not code.ruff_is_there():
        yield "ruff is not there, so Python cells were not looked at (pip install 'rustcell[dev]')"


def notebooks(course: Course) -> Iterator[tuple[Path, Kind, Chapter]]:
    """The notebooks of the course that are on the disk, chapter by chapter."""
    for chapter in course.chapters:
        of_chapter: tuple[tuple[Path, Kind], ...] = (
            (course.notebook(chapter), "chapter"),
            (course.solution_notebook(chapter), "solution"),
            (course.exercise_notebook(chapter), "released"),
        )
        for path, kind in of_chapter:
            if path.is_file():
                yield path, kind, chapter


def _chosen(course: Course, wanted: Sequence[Path]) -> list[tuple[Path, Kind, Chapter]]:
    there = list(notebooks(course))
    if not wanted:
        return there
    chosen: dict[Path, tuple[Path, Kind, Chapter]] = {}
    for name in wanted:
        path = name.resolve()
        fitting = [
            notebook
            for notebook in there
            if path in (notebook[0], notebook[0].parent)
            or str(name) in (notebook[2].slug, notebook[2].number)
        ]
        if not fitting:
            raise CourseError(
                f"{name} is no notebook of the course.",
                "Name a chapter by its number or name, or a notebook or folder that course.toml"
                " lists.",
            )
        chosen |= {notebook[0]: notebook for notebook in fitting}
    return list(chosen.values())
