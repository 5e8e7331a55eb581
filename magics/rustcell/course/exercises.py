"""Finds the exercises of a course: from their sources, or in a class edition from its file."""

from __future__ import annotations

from collections.abc import Sequence

from rustcell.course.class_file import class_path, read_class_file
from rustcell.course.exercise import Exercise
from rustcell.course.exercise_source import parse
from rustcell.course.manifest import Chapter, Course
from rustcell.course.notebook import read
from rustcell.errors import CourseError


def find_exercise(course: Course, exercise_id: str) -> Exercise:
    """Return an exercise of a course, be it the self-study edition or a class edition.

    In a class edition its `hidden` tests, its `explanation` and its answers' solutions are empty.

    Raises
    ------
    CourseError
        If the course has no such exercise, or its source is not as it must be.
    """
    chapter = course.chapter_of(exercise_id)
    if chapter is None:
        raise CourseError(
            f"The course has no exercise {exercise_id!r}.",
            "Its exercises stand in the notebooks in exercises/, each with its ID in its title.",
        )
    if class_path(course).is_file():
        return read_class_file(course)[exercise_id]
    found = {exercise.id: exercise for exercise in read_exercises(course, chapter)}
    return found[exercise_id]


def chapters_with_exercises(course: Course, names: Sequence[str] = ()) -> list[Chapter]:
    """Return the chapters that have exercises, in reading order.

    Parameters
    ----------
    names:
        Numbers or names of chapters; all, if there are none.

    Raises
    ------
    CourseError
        If a name fits no chapter with exercises.
    """
    having = [chapter for chapter in course.chapters if chapter.exercises]
    for name in names:
        if not any(name in (chapter.number, chapter.slug) for chapter in having):
            raise CourseError(
                f"There is no chapter {name!r} with exercises: "
                f"{', '.join(chapter.slug for chapter in having) or 'no chapter has any'}.",
                "Give a chapter's number or name.",
            )
    return [c for c in having if not names or c.number in names or c.slug in names]


def read_exercises(course: Course, chapter: Chapter) -> list[Exercise]:
    """Return the exercises of a chapter, in order, from their source.

    Raises
    ------
    CourseError
        If the source is missing or not as it must be; the message says file, cell and line.
    """
    path = course.solution_notebook(chapter)
    return parse(read(path), path.name, chapter)
