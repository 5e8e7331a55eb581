"""What a student has done, in one small file that can be copied to another machine.

`docs/learning.md` describes the file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import platformdirs
from filelock import FileLock

from rustcell.course import files
from rustcell.errors import CourseError

FORMAT = 1
_VARIABLE = "RUSTCELL_PROGRESS_FILE"


@dataclass(frozen=True)
class Attempts:
    """What a student has done with one exercise.

    Parameters
    ----------
    tries:
        How often it was checked, and ran all its tests.
    hints:
        How many different hints were shown.
    solved:
        Whether all of the course's tests have passed once.
    """

    tries: int = 0
    hints: int = 0
    solved: bool = False


@dataclass(frozen=True)
class Progress:
    """All that is remembered: exercises by their ID, and the chapters read."""

    exercises: Mapping[str, Attempts] = field(default_factory=dict)
    chapters_read: tuple[str, ...] = ()

    def of(self, exercise: str) -> Attempts:
        """Return what was done with an exercise."""
        return self.exercises.get(exercise, Attempts())

    @property
    def solved(self) -> tuple[str, ...]:
        """The IDs of the exercises that were solved."""
        return tuple(name for name, attempts in self.exercises.items() if attempts.solved)

    def with_exercise(self, exercise: str, attempts: Attempts) -> Progress:
        """Return the progress with something else noted for an exercise."""
        return replace(self, exercises={**self.exercises, exercise: attempts})

    def with_chapter(self, slug: str) -> Progress:
        """Return the progress with a chapter noted as read."""
        return replace(self, chapters_read=tuple(sorted({*self.chapters_read, slug})))


class ProgressFile:
    """The file; several kernels may write to it.

    Parameters
    ----------
    path:
        Where it lies; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notice = ""
        """What to tell the student: that a file could not be read and where it was kept."""

    def load(self) -> Progress:
        """Return what is remembered.

        A file that cannot be read is kept aside, and `notice` says so.

        Raises
        ------
        CourseError
            If the disk refuses.
        """
        try:
            return _from_json(json.loads(self.path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return Progress()
        except OSError as error:
            raise _refused(self.path, error) from error
        except _NewerError:
            self._keep_aside("newer", "was written by a newer version of rustcell")
        except (ValueError, TypeError, KeyError, AttributeError):
            self._keep_aside("unreadable", "could not be read")
        return Progress()

    def update(self, change: Callable[[Progress], Progress]) -> Progress:
        """Read, change and write the progress in one step, and return it.

        Raises
        ------
        CourseError
            If the disk refuses; the file is then as it was.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self.path.with_suffix(".lock")):
                changed = change(self.load())
                files.write(self.path, _to_text(changed).encode())
        except OSError as error:
            raise _refused(self.path, error) from error
        return changed

    def _keep_aside(self, mark: str, reason: str) -> None:
        aside = next(
            path
            for number in range(1, 1000)
            if not (path := self.path.with_name(f"{self.path.stem}.{mark}-{number}.json")).exists()
        )
        self.path.replace(aside)
        self.notice = (
            f"The file of your progress {reason}. It is kept as {aside.name} beside a new, empty "
            f"one: {self.path}"
        )


def progress_path() -> Path:
    """Return where this user's progress lies: `RUSTCELL_PROGRESS_FILE`, or the user's data."""
    chosen = os.environ.get(_VARIABLE)
    return Path(chosen) if chosen else platformdirs.user_data_path("rustcell") / "progress.json"


class _NewerError(Exception):
    pass


def _from_json(stored: Any) -> Progress:
    if stored["format"] != FORMAT:
        raise _NewerError if stored["format"] > FORMAT else ValueError
    exercises = {}
    for name, values in stored["exercises"].items():
        exercises[name] = Attempts(int(values["tries"]), int(values["hints"]), values["solved"])
    return Progress(exercises, tuple(str(slug) for slug in stored["chapters_read"]))


def _to_text(progress: Progress) -> str:
    stored = {
        "format": FORMAT,
        "chapters_read": list(progress.chapters_read),
        "exercises": {n: asdict(progress.of(n)) for n in sorted(progress.exercises)},
    }
    return json.dumps(stored, indent=1) + "\n"


def _refused(path: Path, error: OSError) -> CourseError:
    return CourseError(
        f"The file of your progress cannot be used: {error.strerror or type(error).__name__}.",
        f"Look at {path}, or name another file in the variable {_VARIABLE}.",
    )
