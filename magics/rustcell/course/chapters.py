"""Finds the notebooks that a command is given, or all of the course's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rustcell.course.listed_files import check_files
from rustcell.course.manifest import CHAPTER_PATTERN, find_course
from rustcell.errors import CourseError


def find_chapters(wanted: Sequence[str], start: Path) -> list[Path]:
    """Return the chapters that `wanted` names, or all of them, in reading order.

    Parameters
    ----------
    wanted:
        Each a path of a notebook or folder, or the beginning of a chapter's name (`02`).
    start:
        The folder to look from: the course around it, or the nearest folder `notebooks/` where
        there is no `course.toml`.

    Raises
    ------
    CourseError
        If a name fits no chapter or several, there are no chapters at all, or all are asked for
        and `course.toml` and the files do not agree.
    """
    if not wanted:
        course = find_course(start)
        if course is None:
            return _in_folder(_chapter_folder(start))
        check_files(course)
        return [course.notebook(chapter) for chapter in course.chapters]
    found: list[Path] = []
    for name in wanted:
        path = start / name
        if path.is_dir():
            found += _in_folder(path)
        elif path.is_file():
            found.append(path)
        else:
            found.append(_by_name(name, start))
    return sorted(dict.fromkeys(path.resolve() for path in found), key=lambda path: path.name)


def find_solutions(start: Path) -> list[Path]:
    """Return the sources of the course's exercises; none in a class's edition."""
    course = find_course(start)
    if course is None:
        return []
    having = (course.solution_notebook(chapter) for chapter in course.chapters if chapter.exercises)
    return [path for path in having if path.is_file()]


def _chapter_folder(start: Path) -> Path:
    for folder in (start, *start.parents):
        if folder.name == "notebooks" and any(folder.glob(CHAPTER_PATTERN)):
            return folder
        if any((folder / "notebooks").glob(CHAPTER_PATTERN)):
            return folder / "notebooks"
    raise CourseError(
        f"There is no folder notebooks/ with chapters in {start} or above it.",
        "Change to the course's folder, or name the notebooks: rustcell run PATH.",
    )


def _in_folder(folder: Path) -> list[Path]:
    found = sorted(folder.glob(CHAPTER_PATTERN), key=lambda path: path.name)
    if not found:
        raise CourseError(
            f"{folder} holds no chapter.",
            "A chapter's file name begins with its number: 02_x.ipynb.",
        )
    return [path.resolve() for path in found]


def _by_name(name: str, start: Path) -> Path:
    course = find_course(start)
    if course is None:
        chapters = _in_folder(_chapter_folder(start))
    else:
        chapters = [course.notebook(chapter) for chapter in course.chapters]
    exact = [path for path in chapters if name in (path.stem, path.name)]
    fitting = exact or [path for path in chapters if path.name.startswith(name)]
    if len(fitting) == 1:
        return fitting[0]
    problem = f"{name!r} names several chapters" if fitting else f"There is no chapter {name!r}"
    among = ", ".join(path.stem for path in fitting or chapters)
    raise CourseError(f"{problem}: {among}.", "Give a chapter's number, name or path.")
