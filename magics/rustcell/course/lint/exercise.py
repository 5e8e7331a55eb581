"""Rules for the source of exercises."""

from __future__ import annotations

from collections.abc import Iterator

from rustcell.course.exercise_source import parse
from rustcell.course.lint.finding import Finding
from rustcell.course.lint.page import Page
from rustcell.errors import CourseError

WRONG_SOLUTIONS = 2
"""Each exercise names at least so many misconceptions that its tests reject."""


def exercises(page: Page) -> Iterator[Finding]:
    """`exercise`: it keeps to the format of docs/exercises.md, and has two wrong solutions."""
    try:
        parse(page.notebook, page.path.name, page.chapter)
    except CourseError as error:
        yield page.finding("exercise", error.message, error.mend)
    for name in page.chapter.exercises:
        folder = page.path.parent / "wrong" / name
        count = len([path for path in folder.glob("*") if path.is_file()])
        if count < WRONG_SOLUTIONS:
            yield page.finding(
                "exercise",
                f"{name} has {count} wrong solutions, not {WRONG_SOLUTIONS} or more",
                f"Add files to {folder.relative_to(page.course.root).as_posix()}/: each a mistake "
                "that a person makes, and a test that rejects it.",
            )
