"""The student's own copy of the course: `rustcell start` makes it, `rustcell update` renews it.

A small record in the copy remembers what was written there. A file that differs from it was
edited, and is never touched again: its new version is written beside it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path, PurePosixPath
from typing import Literal

from rustcell import __version__
from rustcell.course import files
from rustcell.course.copy_record import RECORD, Record, digest_of, read_record
from rustcell.course.guided import closed, opened
from rustcell.course.manifest import MANIFEST, Course, find_course, load_course
from rustcell.course.notebook import read, stored_text
from rustcell.errors import CourseError

# For authors: `dev verify` tries them.
_NOT_FOR_STUDENTS = PurePosixPath("exercises/solutions/wrong")

Kind = Literal["new", "updated", "beside", "removed", "left"]


@dataclass(frozen=True)
class Change:
    """What became of a file. `beside` is where the new version of an edited one lies."""

    file: str
    kind: Kind
    beside: str = ""


def shipped_course() -> Path:
    """Return the folder of the course that this rustcell brings: in the wheel, or the checkout.

    Raises
    ------
    CourseError
        If neither is there.
    """
    package = Path(str(resources.files("rustcell")))
    if (package / "_course" / MANIFEST).is_file():
        return package / "_course"
    course = find_course(package)
    if course is None:
        raise CourseError(
            "This rustcell was installed without its course.", "Install it again: pip install."
        )
    return course.root


def start(
    target: Path, source: Path, *, with_outputs: bool = False, guided: bool = False
) -> list[Change]:
    """Copy the course to `target`, a new or empty folder.

    Parameters
    ----------
    target:
        The folder that gets it.
    source:
        The folder of the course, as `shipped_course` returns it.
    with_outputs:
        Keep the stored outputs. Without them a prediction comes before the answer.
    guided:
        Bring a chapter only when the exercises before it are solved.

    Raises
    ------
    CourseError
        If there is something in `target`, or a file cannot be written. `update` then goes on.
    """
    if (target / RECORD).exists():
        raise CourseError(
            f"{target} is a copy of the course already.", f"Renew it: rustcell update {target}"
        )
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise CourseError(f"{target} is not empty.", "Name a new folder: rustcell start my-course")
    with _told(target):
        # First of all, so that a copy that was cut short can be finished by `update`.
        Record(__version__, with_outputs, guided).save(target)
    return update(target, source)


def find_copy(start: Path) -> Path:
    """Return the copy of the course that `start` lies in.

    Raises
    ------
    CourseError
        If it lies in none.
    """
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / RECORD).is_file():
            return folder
    raise CourseError(
        f"{start} is no copy of the course that `rustcell start` has made.",
        "Change to yours, or name it: rustcell update DIR. A new one: rustcell start DIR",
    )


def update(target: Path, source: Path, solved: Collection[str] = ()) -> list[Change]:
    """Bring new chapters and new versions to the copy in `target`; return what changed.

    A file that nobody edited is replaced; beside an edited one the new version is written as
    `NAME.new.ipynb`. Running a notebook is no edit of it.

    Parameters
    ----------
    target:
        The folder of the copy.
    source:
        The folder of the course.
    solved:
        The IDs of the exercises that the student has solved. They open the chapters of a guided
        copy, and do not matter for others.

    Raises
    ------
    CourseError
        If the copy was made by a newer rustcell, or a file cannot be written. Nothing is lost
        then, and another `update` goes on.
    """
    record = read_record(target)
    if not record.guided:
        return _renew(target, source, record)
    kept = {Path(name).stem for name in record.files}
    with opened(source, solved, kept) as open_part:
        return _renew(target, open_part, record)


def open_next(course: Course, solved: Collection[str]) -> Course:
    """Return the course as it is after an exercise was solved: a guided copy may have grown.

    Parameters
    ----------
    course:
        The course that the student works in, a copy or not.
    solved:
        The IDs of the exercises that the student has solved.

    Raises
    ------
    CourseError
        As `update` does.
    """
    if not (course.root / RECORD).is_file():
        return course
    record = read_record(course.root)
    if not record.guided:
        return course
    source = load_course(shipped_course())
    already = {Path(name).stem for name in record.files}
    if {chapter.slug for chapter in source.chapters} - closed(source, solved) <= already:
        return course
    update(course.root, source.root, solved)
    return load_course(course.root)


def _renew(target: Path, source: Path, record: Record) -> list[Change]:
    fresh = replace(record, rustcell=__version__, files=dict(record.files))
    changes: list[Change] = []
    with _told(target):
        try:
            for name, content in _edition(source, with_outputs=record.with_outputs):
                changes += _bring(target, name, content, fresh.files)
            gone = set(record.files) - {name for name, _ in _names(source)}
            for name in sorted(gone):
                changes += _drop(target, name, fresh.files)
        finally:
            fresh.save(target)
    return changes


def _bring(target: Path, name: str, content: bytes, written: dict[str, str]) -> Iterator[Change]:
    """Give the copy this version of a file, or offer it."""
    path = target / name
    new = digest_of(name, content)
    before = written.get(name)
    there = digest_of(name, path.read_bytes()) if path.is_file() else None
    if there is None or there == before:
        if there != new:
            files.write(path, content)
            yield Change(name, "new" if there is None else "updated")
    elif new not in (there, before):
        beside = _free_name(path, content)
        files.write(beside, content)
        yield Change(name, "beside", beside.relative_to(target).as_posix())
    written[name] = new


def _drop(target: Path, name: str, written: dict[str, str]) -> Iterator[Change]:
    """Remove a file that is no longer part of the course, unless it was edited."""
    path = target / name
    digest = written.pop(name)
    if not path.is_file():
        return
    if digest_of(name, path.read_bytes()) == digest:
        path.unlink()
        yield Change(name, "removed")
    else:
        yield Change(name, "left")


def _free_name(path: Path, content: bytes) -> Path:
    """Return NAME.new.SUFFIX, with a number when another version was offered there before."""
    number = 1
    while True:
        mark = ".new" if number == 1 else f".new{number}"
        beside = path.with_name(f"{path.stem}{mark}{path.suffix}")
        if not beside.exists() or beside.read_bytes() == content:
            return beside
        number += 1


def _names(source: Path) -> Iterator[tuple[str, Path]]:
    """The files of the course for students, the manifest last: what it lists is there."""
    for folder in ("notebooks", "exercises"):
        for path in sorted((source / folder).rglob("*")):
            name = PurePosixPath(path.relative_to(source).as_posix())
            hidden = any(part.startswith((".", "__")) for part in name.parts)
            if path.is_file() and not hidden and not name.is_relative_to(_NOT_FOR_STUDENTS):
                yield str(name), path
    yield MANIFEST, source / MANIFEST


def _edition(source: Path, *, with_outputs: bool) -> Iterator[tuple[str, bytes]]:
    for name, path in _names(source):
        if path.suffix != ".ipynb" or with_outputs:
            yield name, path.read_bytes()
            continue
        notebook = read(path)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        yield name, stored_text(notebook).encode("utf-8")


@contextlib.contextmanager
def _told(target: Path) -> Iterator[None]:
    """Say in our words that a file could not be written."""
    try:
        yield
    except OSError as error:
        raise CourseError(
            f"{error.filename or target} cannot be written: {error.strerror}.",
            f"Make room or choose another folder, then: rustcell update {target}",
        ) from error
