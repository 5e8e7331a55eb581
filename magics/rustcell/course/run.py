"""Executes many chapters in worker processes; one result a chapter, whatever happens."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import tempfile
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnContext, SpawnProcess
from pathlib import Path

import psutil

from rustcell.course.execute import ChapterResult, Job, execute


@dataclass(frozen=True)
class CellBegun:
    """A chapter has begun its cell number `done + 1` of `cells`."""

    chapter: str
    done: int
    cells: int


Event = CellBegun | ChapterResult


@dataclass
class _Worker:
    process: SpawnProcess
    pipe: Connection
    job: Job | None = None


def run_chapters(
    jobs: Sequence[Job], workers: int, on_event: Callable[[Event], None]
) -> list[ChapterResult]:
    """Execute the chapters, `workers` at a time, and return their results in the given order.

    A worker executes one chapter after another. When it dies, its chapter has failed, and a new
    one takes the rest.
    """
    # Here and not in the workers: a worker that is killed leaves its folders behind.
    with tempfile.TemporaryDirectory(prefix="rustcell-words-", ignore_cleanup_errors=True) as name:
        return _run_all(jobs, workers, on_event, Path(name))


def _run_all(
    jobs: Sequence[Job], workers: int, on_event: Callable[[Event], None], scratch: Path
) -> list[ChapterResult]:
    context = multiprocessing.get_context("spawn")
    waiting = deque(jobs)
    results: dict[str, ChapterResult] = {}
    crew = [_start(context, scratch) for _ in range(min(workers, len(jobs)))]
    try:
        for worker in crew:
            _give(worker, waiting)
        while busy := {worker.pipe: worker for worker in crew if worker.job}:
            for pipe in wait(list(busy)):
                worker = busy[pipe]  # type: ignore[index]
                event = _next_event(worker)
                on_event(event)
                if isinstance(event, CellBegun):
                    continue
                results[event.chapter] = event
                if not worker.process.is_alive() and waiting:
                    crew.remove(worker)
                    worker = _start(context, scratch)
                    crew.append(worker)
                _give(worker, waiting)
    finally:
        for worker in crew:
            _end(worker)
    return [results[job.path.stem] for job in jobs]


def _start(context: SpawnContext, scratch: Path) -> _Worker:
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, scratch), daemon=False)
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _give(worker: _Worker, waiting: deque[Job]) -> None:
    worker.job = waiting.popleft() if waiting else None
    with contextlib.suppress(BrokenPipeError):  # told by the end of its pipe in the next round
        worker.pipe.send(worker.job)


def _next_event(worker: _Worker) -> Event:
    try:
        event: Event = worker.pipe.recv()
    except (EOFError, OSError):
        worker.process.join(10)
        code = worker.process.exitcode
        chapter = worker.job.path.stem if worker.job else ""
        return ChapterResult(chapter, "not run", error=f"its worker process died (status {code})")
    return event


def _serve(pipe: Connection, scratch: Path) -> None:
    """Execute the jobs that come through the pipe until None comes."""
    # Ctrl-C reaches the whole group; the parent decides, and ends us. A handler, not SIG_IGN:
    # kernels and their cargo would inherit that.
    signal.signal(signal.SIGINT, lambda *_: None)
    with contextlib.suppress(EOFError, BrokenPipeError):
        while (job := pipe.recv()) is not None:
            chapter = job.path.stem

            def report(done: int, cells: int, chapter: str = chapter) -> None:
                pipe.send(CellBegun(chapter, done, cells))

            pipe.send(execute(job, report, scratch))


def _end(worker: _Worker) -> None:
    """End a worker with all that it started; one that has nothing left to do ends by itself."""
    if worker.job is None:
        worker.process.join(10)
    try:
        tree = psutil.Process(worker.process.pid)
        family = [*tree.children(recursive=True), tree] if tree.is_running() else []
    except psutil.NoSuchProcess:
        family = []
    for member in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.terminate()
    _, stubborn = psutil.wait_procs(family, timeout=3)
    for member in stubborn:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.kill()
    worker.process.join(5)
    worker.pipe.close()
