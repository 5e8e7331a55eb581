"""Runs the chapters that have to run, and remembers each that passed at once."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from filelock import FileLock, Timeout

from rustcell.course.execute import ChapterResult, Job
from rustcell.course.record import Record
from rustcell.course.run import Event, run_chapters
from rustcell.errors import CourseError

_STATE = ".rustcell-run"


@contextlib.contextmanager
def run_folder(folder: Path) -> Iterator[Record]:
    """Hold a folder for one run; give the record of what passed there.

    Raises
    ------
    CourseError
        If another run writes to it now, or it cannot be written at all.
    """
    state = folder / _STATE
    lock = FileLock(state / "lock")
    try:
        state.mkdir(parents=True, exist_ok=True)
        lock.acquire(blocking=False)
    except Timeout:
        raise CourseError(
            f"Another run is writing to {folder} now.", "Wait for it, or name another folder."
        ) from None
    except OSError as error:
        raise CourseError(
            f"The folder {folder} cannot be written: {error.strerror}.", "Name another folder."
        ) from error
    try:
        yield Record(state)
    finally:
        lock.release()


def run_batch(
    jobs: Sequence[Job],
    workers: int,
    on_event: Callable[[Event], None],
    *,
    taken_over: Record | None = None,
    noted_in: Sequence[Record] = (),
) -> list[ChapterResult]:
    """Execute the chapters, `workers` at a time, and return their results in the given order.

    Parameters
    ----------
    taken_over:
        Where a chapter passed that has not changed since, its result is taken from.
    noted_in:
        Where each result is noted as soon as it is there, so that a run that is cut can go on.
    """
    earlier = {job.path: taken_over.passed(job) for job in jobs} if taken_over else {}
    work = [job for job in jobs if earlier.get(job.path) is None]
    by_chapter = {job.path.stem: job for job in work}

    def note(event: Event) -> None:
        if isinstance(event, ChapterResult):
            for record in noted_in:
                record.note(by_chapter[event.chapter], event)
        on_event(event)

    for result in filter(None, earlier.values()):
        on_event(result)
    fresh = iter(run_chapters(work, workers, note))
    return [earlier.get(job.path) or next(fresh) for job in jobs]
