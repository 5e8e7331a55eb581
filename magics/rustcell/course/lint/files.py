"""No file of the course that nothing lists or shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rustcell.course.lint.finding import Finding
from rustcell.course.lint.page import Page
from rustcell.course.listed_files import check_files
from rustcell.course.manifest import Course
from rustcell.errors import CourseError

# Written beside a notebook by JupyterLab and Python.
_PASSED_OVER = {".ipynb_checkpoints", "__pycache__"}


def unlisted(course: Course, pages: Sequence[Page], listed: Sequence[Path]) -> Iterator[Finding]:
    """`unlisted`: course.toml and the folders agree; every other file is linked by a notebook."""
    try:
        check_files(course)
    except CourseError as error:
        yield Finding("course.toml", "unlisted", error.message, error.mend)
    known = {path.resolve() for path in listed}
    known.add((course.root / "notebooks" / "contents.ipynb").resolve())
    for page in pages:
        for cell in page.markdown:
            for target, _ in cell.prose.targets:
                known.add((page.path.parent / target.partition("#")[0]).resolve())
        # A code cell may read a file that lies beside the notebook: it names it.
        known |= {
            path.resolve()
            for path in _files(page.path.parent)
            if any(path.name in cell.source for cell in page.code)
        }
    for folder in ("notebooks", "exercises"):
        for path in _files(course.root / folder):
            name = path.relative_to(course.root).as_posix()
            if path.resolve() not in known and not _is_wrong_solution(path, course):
                yield Finding(
                    name,
                    "unlisted",
                    "no chapter shows, links or names this file",
                    "List it in course.toml, show it in a notebook, or remove it.",
                )


def _files(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and path.name != "README.md" and not _PASSED_OVER & set(path.parts)
    )


def _is_wrong_solution(path: Path, course: Course) -> bool:
    """Tell whether the file is a wrong solution of a listed exercise; `dev verify` tries it."""
    inside = path.relative_to(course.root).parts
    return inside[:3] == ("exercises", "solutions", "wrong") and (
        course.chapter_of(inside[3]) is not None
    )
