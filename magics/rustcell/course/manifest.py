"""The course's manifest, `course.toml`: which chapters there are, in which order and parts."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rustcell.errors import CourseError

MANIFEST = "course.toml"
CHAPTER_PATTERN = "[0-9A]*_*.ipynb"
# What a chapter may ask for beyond Python, Rust and the default crates.
NEEDS = ("crates", "release", "gdb", "free-threading", "numpy")

_SLUG = re.compile(r"(?P<number>\d\d|A\d+)_[a-z0-9_]+")
_KINDS: Mapping[type, str] = {str: "text", int: "a whole number", list: "a list", dict: "a table"}


@dataclass(frozen=True)
class Chapter:
    """One chapter.

    Parameters
    ----------
    slug:
        Its file name without suffix: `02_modules`.
    number:
        What the slug begins with: `02`, or `A1` for an appendix.
    minutes:
        How long a student takes.
    exercises:
        The points of each of its exercises, by ID (`ex_02_1`).
    needs:
        What it asks for, of `NEEDS`.
    """

    slug: str
    number: str
    minutes: int
    exercises: Mapping[str, int] = field(default_factory=dict)
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """Some chapters in reading order under one title."""

    name: str
    title: str
    chapters: tuple[Chapter, ...]


@dataclass(frozen=True)
class Course:
    """The course in `root`, the folder of its `course.toml`."""

    title: str
    root: Path
    parts: tuple[Part, ...]

    @property
    def chapters(self) -> tuple[Chapter, ...]:
        """All chapters in reading order."""
        return tuple(chapter for part in self.parts for chapter in part.chapters)

    def chapter(self, slug: str) -> Chapter | None:
        """Return the chapter of this name, or None."""
        return next((chapter for chapter in self.chapters if chapter.slug == slug), None)

    def chapter_of(self, exercise: str) -> Chapter | None:
        """Return the chapter that has the exercise of this ID, or None."""
        having = (chapter for chapter in self.chapters if exercise in chapter.exercises)
        return next(having, None)

    def notebook(self, chapter: Chapter) -> Path:
        """Return where the chapter's notebook lies."""
        return self.root / "notebooks" / f"{chapter.slug}.ipynb"

    def exercise_notebook(self, chapter: Chapter) -> Path:
        """Return where the chapter's released exercises lie."""
        return self.root / "exercises" / f"{chapter.slug}.ipynb"

    def solution_notebook(self, chapter: Chapter) -> Path:
        """Return where the source of the chapter's exercises lies, in the self-study edition."""
        return self.root / "exercises" / "solutions" / f"{chapter.slug}.ipynb"


def find_course(start: Path) -> Course | None:
    """Return the course whose `course.toml` lies in `start` or the nearest folder above it.

    Raises
    ------
    CourseError
        If there is one that cannot be read.
    """
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / MANIFEST).is_file():
            return load_course(folder)
    return None


def load_course(root: Path) -> Course:
    """Read `course.toml` in `root`.

    Raises
    ------
    CourseError
        Naming file and key, if something in it is unknown, missing, doubled or of a wrong kind.
        What lies on the disk is the matter of
        `listed_files.check_files`.
    """
    path = root / MANIFEST
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CourseError(f"{MANIFEST} cannot be read: {reason}.", f"Mend {path}.") from error
    return parse_course(text, path)


def parse_course(text: str, path: Path) -> Course:
    """Read the text of a `course.toml` that lies, or shall lie, at `path`.

    Raises
    ------
    CourseError
        As `load_course` does.
    """
    try:
        data = tomllib.loads(text)
    except ValueError as error:
        raise CourseError(f"{MANIFEST} cannot be read: {error}.", f"Mend {path}.") from error
    return _Reader(path).course(data)


class _Reader:
    """Turns the parsed TOML into a `Course`; every refusal names the file and the key."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def course(self, data: dict[str, Any]) -> Course:
        self._only_known(data, "", {"title", "part", "chapter"})
        tables = self._get(data, "chapter", dict, "", {})
        parts = self._get(data, "part", list, "")
        slugs = [
            self._text(slug, f"{key}.chapters")
            for key, part in self._numbered(parts)
            for slug in self._get(part, "chapters", list, key)
        ]
        self._no_twins(slugs, "chapter")
        chapters = {slug: self._chapter(slug, tables) for slug in slugs}
        self._no_twins([chapter.number for chapter in chapters.values()], "chapter number")
        for slug in tables:
            if slug not in chapters:
                raise self._wrong(f"chapter.{slug}", "stands in no part's chapters")
        read = tuple(self._part(key, part, chapters) for key, part in self._numbered(parts))
        self._no_twins([part.name for part in read], "part")
        return Course(self._get(data, "title", str, ""), self._path.parent, read)

    def _numbered(self, parts: list[Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        for position, part in enumerate(parts, start=1):
            key = f"part {position}"
            if not isinstance(part, dict):
                raise self._wrong(key, "must be a table")
            yield key, part

    def _part(self, key: str, part: dict[str, Any], chapters: Mapping[str, Chapter]) -> Part:
        self._only_known(part, key, {"name", "title", "chapters"})
        own = tuple(chapters[slug] for slug in part["chapters"])
        return Part(self._get(part, "name", str, key), self._get(part, "title", str, key), own)

    def _chapter(self, slug: str, tables: dict[str, Any]) -> Chapter:
        key = f"chapter.{slug}"
        matched = _SLUG.fullmatch(slug)
        if matched is None:
            raise self._wrong(key, "is no chapter's name, which looks like 02_modules")
        table = self._get(tables, slug, dict, "chapter")
        self._only_known(table, key, {"minutes", "exercises", "needs"})
        exercises = self._get(table, "exercises", dict, key, {})
        for exercise, points in exercises.items():
            self._exercise(exercise, points, matched["number"], f"{key}.exercises")
        needs = self._get(table, "needs", list, key, [])
        for need in needs:
            if need not in NEEDS:
                raise self._wrong(f"{key}.needs", f"knows only {', '.join(NEEDS)}, not {need!r}")
        minutes = self._positive(self._get(table, "minutes", int, key), f"{key}.minutes")
        return Chapter(slug, matched["number"], minutes, exercises, tuple(needs))

    def _exercise(self, exercise: str, points: object, number: str, key: str) -> None:
        if not re.fullmatch(rf"ex_{number}_[1-9]\d*", exercise):
            raise self._wrong(f"{key}.{exercise}", f"must be called ex_{number}_1, ex_{number}_2 …")
        self._positive(points, f"{key}.{exercise}")

    def _get(
        self, table: dict[str, Any], key: str, kind: type, of: str, default: Any = None
    ) -> Any:
        name = f"{of}.{key}" if of else key
        value = table.get(key, default)
        if value is None:
            raise self._wrong(name, "is missing")
        if not isinstance(value, kind) or isinstance(value, bool):
            raise self._wrong(name, f"must be {_KINDS[kind]}")
        return value

    def _text(self, value: object, name: str) -> str:
        if not isinstance(value, str):
            raise self._wrong(name, "must hold names of chapters")
        return value

    def _positive(self, value: object, name: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self._wrong(name, "must be a whole number above 0")
        return value

    def _only_known(self, table: dict[str, Any], of: str, known: set[str]) -> None:
        for key in table:
            if key not in known:
                name = f"{of}.{key}" if of else key
                raise self._wrong(name, f"is unknown; known here: {', '.join(sorted(known))}")

    def _no_twins(self, names: list[str], what: str) -> None:
        for name, times in Counter(names).items():
            if times > 1:
                raise self._wrong(f"{what} {name}", "is there twice")

    def _wrong(self, key: str, problem: str) -> CourseError:
        return CourseError(f"{MANIFEST}: {key} {problem}.", f"Mend {self._path}.")
