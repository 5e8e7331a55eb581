"""Starts tools, passes on what they say line by line, and ends them with all their children."""

from __future__ import annotations

import contextlib
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

_TICK = 0.1
"""Seconds between two calls of `idle` while a tool is silent."""

_GRACE_TICKS = 5
"""How many such ticks the output of a finished tool may still be on its way."""


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
    child = subprocess.Popen(
        list(command),
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    lines: dict[str, list[str]] = {"stdout": [], "stderr": []}
    try:
        for stream, line in _lines(child, idle):
            lines[stream].append(line)
            on_line(stream, line)
        status = child.wait()
    finally:
        if child.poll() is None:
            end_tree(child.pid)
            child.wait()
    return Finished(status, lines["stdout"], lines["stderr"])


def _lines(child: subprocess.Popen[bytes], idle: Callable[[], None]) -> Iterator[tuple[str, str]]:
    """Yield (stream, line) in the order of arrival until both pipes are at their end."""
    arrived: queue.SimpleQueue[tuple[str, str] | None] = queue.SimpleQueue()

    def read(stream: str, pipe: IO[bytes]) -> None:
        with pipe:
            for raw in pipe:
                arrived.put((stream, raw.decode("utf-8", "replace").rstrip("\r\n")))
        arrived.put(None)

    pipes = {"stdout": child.stdout, "stderr": child.stderr}
    for stream, pipe in pipes.items():
        assert pipe is not None
        threading.Thread(target=read, args=(stream, pipe), daemon=True).start()
    open_pipes = len(pipes)
    silent_since_end = 0
    while open_pipes:
        try:
            item = arrived.get(timeout=_TICK)
        except queue.Empty:
            # What the tool left running may hold its pipes open for ever.
            silent_since_end += child.poll() is not None
            if silent_since_end > _GRACE_TICKS:
                return
            idle()
            continue
        if item is None:
            open_pipes -= 1
        else:
            yield item


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
