"""Compares the manifest with what lies on the disk: nothing unlisted, nothing missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rustcell.course.manifest import CHAPTER_PATTERN, MANIFEST, Course
from rustcell.errors import CourseError


def check_files(course: Course) -> None:
    """See that every listed notebook is there, and that no other lies beside them.

    Raises
    ------
    CourseError
        Naming the file, and the key that lists or misses it.
    """
    for chapter in course.chapters:
        if not course.notebook(chapter).is_file():
            raise _lists_missing(course.notebook(chapter), course, f"chapter.{chapter.slug}")
        exercises = (course.exercise_notebook(chapter), course.solution_notebook(chapter))
        if chapter.exercises and not any(path.is_file() for path in exercises):
            raise _lists_missing(exercises[1], course, f"chapter.{chapter.slug}.exercises")
    listed = {chapter.slug: bool(chapter.exercises) for chapter in course.chapters}
    for path in _on_disk(course.root / "notebooks"):
        if path.stem not in listed:
            raise _unlisted(path, course, "a part's chapters")
    for folder in ("exercises", "exercises/solutions"):
        for path in _on_disk(course.root / folder):
            if not listed.get(path.stem, False):
                raise _unlisted(path, course, f"chapter.{path.stem}.exercises")


def _on_disk(folder: Path) -> Iterator[Path]:
    # `rustcell update` writes 02_modules.new.ipynb beside a chapter that was edited.
    yield from sorted(path for path in folder.glob(CHAPTER_PATTERN) if "." not in path.stem)


def _lists_missing(path: Path, course: Course, key: str) -> CourseError:
    return CourseError(
        f"{MANIFEST}: {key} is listed, and {_inside(path, course)} is missing.",
        "Restore the file, or take the entry out of course.toml.",
    )


def _unlisted(path: Path, course: Course, key: str) -> CourseError:
    return CourseError(
        f"{MANIFEST} does not list {_inside(path, course)}.",
        f"Add it to {key}, or give the file a name that does not begin like a chapter's.",
    )


def _inside(path: Path, course: Course) -> str:
    return path.relative_to(course.root).as_posix()
