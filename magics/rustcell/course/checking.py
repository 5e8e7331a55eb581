"""What a `%%check` cell says and what counts: the cell's tests are shown, the course's decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rustcell.course.exercise import Exercise
from rustcell.course.regions import split_hidden
from rustcell.judge import Report, TestResult, examine


@dataclass(frozen=True)
class Checked:
    """The result of one `%%check` cell.

    Parameters
    ----------
    results:
        What to show, in order: the tests as they stand in the cell, then those of the course's
        that are not in the cell.
    edited:
        Whether the cell's tests are others than the course's.
    solved:
        Whether all of the course's tests pass; without a course, those of the cell.
    """

    results: tuple[TestResult, ...]
    edited: bool
    solved: bool

    @property
    def passed(self) -> bool:
        return self.solved and all(result.passed for result in self.results)


def check(
    exercise: Exercise | None,
    cell: str,
    folders: Sequence[Path],
    answers: Mapping[str, str],
) -> Checked:
    """Check an answer.

    Parameters
    ----------
    exercise:
        The exercise as the course has it; None where there is no course.
    cell:
        What stands below the `%%check` line; an empty cell means the course's visible tests.
    folders, answers:
        The answer, as `rustcell.judge.examine` takes it.

    Raises
    ------
    CourseError
        If the cell's tests cannot be run.
    """
    visible, hidden = split_hidden(cell)
    if exercise is None:
        report = examine(folders, answers, visible, hidden)
        return Checked(report.tests, edited=False, solved=report.passed)
    edited = bool(visible.strip()) and not _same(visible, exercise.visible)
    official = examine(folders, answers, exercise.visible, exercise.hidden)
    if not edited:
        return Checked(official.tests, edited=False, solved=official.passed)
    shown = examine(folders, answers, visible)
    return Checked(_joined(shown, official), edited=True, solved=official.passed)


def _joined(cell: Report, course: Report) -> tuple[TestResult, ...]:
    """Return the cell's results, then the course's hidden ones and its failures."""
    told = {test.name for test in cell.failures}
    more = (t for t in course.tests if t.hidden or not (t.passed or t.name in told))
    return (*cell.tests, *more)


def _same(one: str, other: str) -> bool:
    """Whether two texts differ in nothing but white space at the ends of lines."""
    return [x.rstrip() for x in one.strip().splitlines()] == [
        x.rstrip() for x in other.strip().splitlines()
    ]
