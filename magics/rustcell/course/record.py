"""Remembers which chapters passed, and as what, so that they need not run again.

A folder with a small file of JSON for each chapter. `--resume` reads the one in the folder of the
run, `--since-change` one that all runs on this machine write to.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from pathlib import Path

from rustcell.course import files
from rustcell.course.execute import ChapterResult, Job
from rustcell.course.notebook import read
from rustcell.errors import CourseError, RustcellError


class Record:
    """The chapters that passed, in a folder that is made when it is first needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def passed(self, job: Job) -> ChapterResult | None:
        """Return the earlier result of the same chapter as it is now, None if it has to run.

        The same are: the notebook's text and tags, its parameters, what lies beside it, the
        surroundings that the job names, and the files that its Rust cells have read.

        Raises
        ------
        CourseError
            If the record is damaged.
        """
        place = self._place(job)
        try:
            found = json.loads(place.read_text(encoding="utf-8"))
            result = ChapterResult(**found["result"])
            as_it_was = found["fingerprint"]
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise CourseError(
                "The record of an earlier run cannot be read.", f"Remove {place} and run again."
            ) from error
        if as_it_was != fingerprint(job):
            return None
        if any(_digest(Path(path)) != digest for path, digest in result.files.items()):
            return None
        return replace(result, earlier=True)

    def note(self, job: Job, result: ChapterResult) -> None:
        """Remember what came of a chapter.

        Raises
        ------
        CourseError
            If it cannot be written, for example on a full disk.
        """
        place = self._place(job)
        try:
            if not result.passed:
                place.unlink(missing_ok=True)
                return
            said = {"fingerprint": fingerprint(job), "result": asdict(result)}
            files.write(place, json.dumps(said, indent=1).encode())
        except OSError as error:
            raise CourseError(
                f"The record of the run cannot be written: {error.strerror}.",
                f"Free some space, or see who owns {self._folder}.",
            ) from error

    def _place(self, job: Job) -> Path:
        # Its own path and not its name alone: two courses may have a chapter of one name.
        mark = hashlib.sha256(str(job.path).encode()).hexdigest()[:16]
        return self._folder / f"{job.path.stem}-{mark}.json"


def fingerprint(job: Job) -> str:
    """Return a hash of all that is known before a chapter runs and can change how it runs."""
    try:
        cells = [
            (cell.cell_type, cell.source, cell.metadata.get("tags", []))
            for cell in read(job.path).cells
        ]
    except RustcellError:
        cells = [("unreadable", _digest(job.path), [])]
    beside = {
        path.relative_to(job.path.parent).as_posix(): _digest(path)
        for path in sorted(job.path.parent.rglob("*"))
        if path.is_file() and path.suffix != ".ipynb" and not _hidden(path, job.path.parent)
    }
    known = [cells, beside, dict(job.parameters), job.surroundings]
    return hashlib.sha256(json.dumps(known, sort_keys=True, default=repr).encode()).hexdigest()


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""
