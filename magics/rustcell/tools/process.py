"""Starts processes, passes on what they say as it comes, and ends them with their children."""

from __future__ import annotations

import contextlib
import itertools
import math
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

_TICK = 0.1
"""Seconds between two calls of `idle` while a process is silent."""

_GRACE_TICKS = 5
"""How many such ticks the output of a finished process may still be on its way."""

_WAITING = 64
"""How many texts may wait to be taken."""

_Arrived = queue.Queue[tuple[str, str] | None]


@dataclass(frozen=True)
class Finished:
    """A tool's exit status and what it wrote."""

    status: int
    stdout: list[str]
    stderr: list[str]

    @property
    def log(self) -> str:
        return "\n".join(self.stderr)


def run(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    on_line: Callable[[str, str], None] = lambda _stream, _line: None,
    idle: Callable[[], None] = lambda: None,
) -> Finished:
    """Run a tool in this process's own group and wait for it.

    Being in the kernel's group, it is reached by every signal that Jupyter sends to the
    kernel: interrupt, shutdown, kill. Whatever ends the wait early (an interrupt, an error
    in a callback) ends the tool and everything it started.

    Parameters
    ----------
    on_line:
        Called in this thread with ("stdout" or "stderr", the line) as lines arrive.
    idle:
        Called about every 0.1 s while nothing arrives.
    """
    lines: dict[str, list[str]] = {"stdout": [], "stderr": []}
    with started(command, cwd=cwd, env=env) as child:
        with contextlib.closing(arriving(child, _lines, idle)) as texts:
            for stream, line in texts:
                lines[stream].append(line)
                on_line(stream, line)
        status = child.wait()
    return Finished(status, lines["stdout"], lines["stderr"])


def _lines(pipe: IO[bytes]) -> Iterator[str]:
    for raw in pipe:
        yield raw.decode("utf-8", "replace").rstrip("\r\n")


@contextlib.contextmanager
def started(
    command: Sequence[str],
    *,
    executable: Path | None = None,
    cwd: Path | None = None,
    env: Mapping[str, str],
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process without standard input; at the end of the block it is over, with its tree.

    Parameters
    ----------
    executable:
        The file to run, when it is not the command's first word.
    """
    child = subprocess.Popen(
        list(command),
        executable=executable,
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield child
    finally:
        if child.poll() is None:
            end_tree(child.pid)
            child.wait()


def arriving(
    child: subprocess.Popen[bytes],
    read: Callable[[IO[bytes]], Iterator[str]],
    idle: Callable[[], None],
    deadline: float = math.inf,
) -> Generator[tuple[str, str]]:
    """Yield ("stdout" or "stderr", text) in the order of arrival.

    It ends with both pipes, with the time, or half a second after a process whose own children
    hold the pipes open.

    Parameters
    ----------
    read:
        Makes texts of a pipe, in a thread of its own.
    idle:
        Called about every 0.1 s while nothing arrives.
    deadline:
        A moment of `time.monotonic`.
    """
    # Bounded: a program may print faster than anybody shows it.
    arrived: _Arrived = queue.Queue(maxsize=_WAITING)
    over = threading.Event()
    pipes = {"stdout": child.stdout, "stderr": child.stderr}
    for stream, pipe in pipes.items():
        assert pipe is not None
        given = (stream, pipe, read, arrived, over)
        threading.Thread(target=_hand_on, args=given, daemon=True).start()
    open_pipes = len(pipes)
    silent_since_end = 0
    try:
        while open_pipes and time.monotonic() < deadline:
            try:
                item = arrived.get(timeout=_TICK)
            except queue.Empty:
                silent_since_end += child.poll() is not None
                if silent_since_end > _GRACE_TICKS:
                    return
                idle()
                continue
            if item is None:
                open_pipes -= 1
            else:
                yield item
    finally:
        over.set()


def _hand_on(
    stream: str,
    pipe: IO[bytes],
    read: Callable[[IO[bytes]], Iterator[str]],
    arrived: _Arrived,
    over: threading.Event,
) -> None:
    """Put a pipe's texts, and None for its end, into the queue, until nobody takes them more."""
    with pipe:
        for item in itertools.chain(((stream, text) for text in read(pipe)), (None,)):
            while not over.is_set():
                try:
                    arrived.put(item, timeout=_TICK)
                except queue.Full:
                    continue
                break
            if over.is_set():
                return


def end_tree(pid: int) -> None:
    """Kill a process and everything it started, and wait until they are dead, 1 s at most."""
    try:
        root = psutil.Process(pid)
        # Held still, it starts nothing more while its children are looked for.
        root.suspend()
        family = [*root.children(recursive=True), root]
    except psutil.Error:
        return
    for process in family:
        with contextlib.suppress(psutil.Error):
            process.kill()
    # A grandchild is buried by the system's first process, which takes its time in some
    # containers: the dead need not be waited for.
    deadline = time.monotonic() + 1
    while any(map(_lives, family)) and time.monotonic() < deadline:
        time.sleep(0.005)


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False
