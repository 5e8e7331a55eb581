"""The two editions of the exercises, as files: for self-study, and for a class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rustcell.course import files
from rustcell.course.class_file import NAME, class_file_text
from rustcell.course.exercise import Exercise
from rustcell.course.exercise_source import parse
from rustcell.course.exercises import chapters_with_exercises
from rustcell.course.manifest import MANIFEST, Course
from rustcell.course.notebook import read, stored_text
from rustcell.course.release import released
from rustcell.errors import CourseError

_SOLUTIONS = Path("exercises", "solutions")


@dataclass(frozen=True)
class Edition:
    """What students get.

    Parameters
    ----------
    folder:
        Where it belongs.
    contents:
        The files that are made or copied, by their path in the folder.
    """

    folder: Path
    contents: Mapping[Path, bytes]

    def out_of_step(self) -> list[Path]:
        """Return which files are missing in the folder or differ from what they should be."""
        return [path for path, data in self.contents.items() if self._stored(path) != data]

    def write(self) -> list[Path]:
        """Write the files, each in one step, and return those that changed."""
        changed = self.contents.items()
        return [path for path, data in changed if files.write(self.folder / path, data)]

    def _stored(self, path: Path) -> bytes | None:
        stored = self.folder / path
        return stored.read_bytes() if stored.is_file() else None


def self_study(course: Course, chapters: Sequence[str] = ()) -> Edition:
    """Return the released notebooks, which lie beside their sources.

    Parameters
    ----------
    chapters:
        Numbers or names of chapters; all, if there are none.

    Raises
    ------
    CourseError
        If a source is missing or not as it must be. Nothing is written then.
    """
    made = {path: data for path, data, _ in _released(course, chapters, for_class=False)}
    return Edition(course.root, made)


def for_class(course: Course, folder: Path) -> Edition:
    """Return a course without solutions, hidden tests and explanations, to be handed out.

    Parameters
    ----------
    folder:
        Where it shall lie: a new or empty folder, or an earlier class edition.

    Raises
    ------
    CourseError
        If a source is missing or not as it must be, or the folder holds something else.
    """
    folder = folder.resolve()
    _refuse_other_content(folder, course)
    contents = dict(_given(course))
    found: list[Exercise] = []
    for path, data, exercises in _released(course, (), for_class=True):
        contents[path] = data
        found += exercises
    contents[Path("exercises", NAME)] = class_file_text(found).encode("utf-8")
    return Edition(folder, contents)


def _released(
    course: Course, chapters: Sequence[str], *, for_class: bool
) -> Iterator[tuple[Path, bytes, list[Exercise]]]:
    for chapter in chapters_with_exercises(course, chapters):
        path = course.solution_notebook(chapter)
        source = read(path)
        exercises = parse(source, path.name, chapter)
        text = stored_text(released(source, exercises, for_class=for_class))
        place = course.exercise_notebook(chapter).relative_to(course.root)
        yield place, text.encode("utf-8"), exercises


def _given(course: Course) -> Iterator[tuple[Path, bytes]]:
    """Give the files that a class gets as they are: manifest, chapters, pictures, data."""
    yield Path(MANIFEST), (course.root / MANIFEST).read_bytes()
    for top in ("notebooks", "exercises"):
        for path in sorted((course.root / top).rglob("*")):
            inside = path.relative_to(course.root)
            hidden = any(part.startswith((".", "__pycache__")) for part in inside.parts)
            exercises = inside.parent == Path("exercises") and path.suffix == ".ipynb"
            if path.is_file() and not (hidden or exercises or inside.is_relative_to(_SOLUTIONS)):
                yield inside, path.read_bytes()


def _refuse_other_content(folder: Path, course: Course) -> None:
    if folder == course.root or (folder / _SOLUTIONS).exists():
        raise CourseError(
            f"{folder} is a course with solutions, and no place for a class edition.",
            "Name another folder, as in rustcell dev release --class ../for-my-class.",
        )
    if folder.exists() and not folder.is_dir():
        raise CourseError(f"{folder} is a file.", "Name a folder.")
    ours = (folder / "exercises" / NAME).is_file()
    if not ours and folder.is_dir() and any(folder.iterdir()):
        raise CourseError(
            f"{folder} holds something else than a class edition.",
            "Name a new or an empty folder.",
        )
