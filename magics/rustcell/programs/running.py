"""Runs what was built, passes on what it prints as it comes, and ends it when its time is up."""

from __future__ import annotations

import codecs
import os
import queue
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from rustcell.tools.process import end_tree

_TICK = 0.1
"""Seconds of silence after which half a line is passed on."""

_GRACE_TICKS = 5
"""How many such ticks the output of an ended program may still be on its way."""

LIMIT = 10_000_000
"""How many characters of each stream of one run are shown."""

_NOTE = "[rustcell: output beyond 10 MB of this run is not shown]\n"
_THREAD = re.compile(r"^(thread '[^\n]*') \(\d+\) (?=panicked at |has overflowed )", re.MULTILINE)
_THREAD_BEGINS = "thread '"
_BACKTRACE_NOTE = (
    "run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
    "run with `--backtrace` to display a backtrace",
)

OnText = Callable[[str, str], None]
"""Called with "stdout" or "stderr" and a piece of text."""


def follow(
    command: Sequence[str],
    *,
    executable: Path | None = None,
    cwd: Path | None = None,
    env: Mapping[str, str],
    timeout: float,
    on_text: OnText,
    idle: Callable[[], None] = lambda: None,
) -> int | None:
    """Run a program without standard input and pass on its output, piece by piece.

    Whatever ends the wait early (its time, an interrupt, an error in a callback) ends the
    program and everything it started. It never waits for us for long: a reader thread empties
    its pipes.

    Parameters
    ----------
    executable:
        The file to run, when it is not the command's first word.
    timeout:
        Seconds after which the program is ended.
    on_text, idle:
        Called in this thread, `idle` about every 0.1 s while nothing arrives.

    Returns
    -------
    int | None
        The exit status as `subprocess` has it, None when the time was up.
    """
    deadline = time.monotonic() + timeout
    child = subprocess.Popen(
        list(command),
        executable=executable,
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    stopped = threading.Event()
    try:
        for stream, text in _pieces(child, deadline, stopped, idle):
            on_text(stream, text)
        return child.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return None
    finally:
        stopped.set()
        if child.poll() is None:
            end_tree(child.pid)
            child.wait()


def _pieces(
    child: subprocess.Popen[bytes],
    deadline: float,
    stopped: threading.Event,
    idle: Callable[[], None],
) -> Iterator[tuple[str, str]]:
    """Yield (stream, text) in the order of arrival, until both pipes or the time are at an end."""
    arrived: queue.Queue[tuple[str, str] | None] = queue.Queue(maxsize=64)
    for stream, pipe in (("stdout", child.stdout), ("stderr", child.stderr)):
        assert pipe is not None
        reader = threading.Thread(target=_read, args=(stream, pipe, arrived, stopped), daemon=True)
        reader.start()
    open_pipes = 2
    silent_since_end = 0
    while open_pipes and time.monotonic() < deadline:
        try:
            item = arrived.get(timeout=_TICK)
        except queue.Empty:
            # What the program left running may hold its pipes open for ever.
            silent_since_end += child.poll() is not None
            if silent_since_end > _GRACE_TICKS:
                return
            idle()
            continue
        if item is None:
            open_pipes -= 1
        else:
            yield item


def _read(
    stream: str,
    pipe: IO[bytes],
    arrived: queue.Queue[tuple[str, str] | None],
    stopped: threading.Event,
) -> None:
    """Pass a pipe's text on until its end, or until nobody takes it any more."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    with pipe:
        while data := os.read(pipe.fileno(), 65536):
            if not _put(arrived, (stream, decoder.decode(data)), stopped):
                return
        _put(arrived, (stream, decoder.decode(b"", final=True)), stopped)
    _put(arrived, None, stopped)


def _put(
    arrived: queue.Queue[tuple[str, str] | None],
    item: tuple[str, str] | None,
    stopped: threading.Event,
) -> bool:
    while not stopped.is_set():
        try:
            arrived.put(item, timeout=0.2)
            return True
        except queue.Full:
            continue
    return False


class Shown:
    """Passes a program's text on to people: the same in every run, 10 MB of each stream at most.

    Parameters
    ----------
    write:
        Takes the name of the stream and the text that is fit to be shown.
    """

    def __init__(self, write: OnText) -> None:
        self._write = write
        self._held = {"stdout": "", "stderr": ""}
        self._left = dict.fromkeys(self._held, LIMIT)

    def __call__(self, stream: str, text: str) -> None:
        """Take a piece of text; half a line that may name a thread waits for its end."""
        text = self._held[stream] + text
        line = text[text.rfind("\n") + 1 :]
        if not (line.startswith(_THREAD_BEGINS) or (line and _THREAD_BEGINS.startswith(line))):
            line = ""
        self._held[stream] = line
        self._show(stream, text.removesuffix(line))

    def flush(self) -> None:
        """Pass on what is held: the program is silent or has ended."""
        for stream, text in self._held.items():
            self._held[stream] = ""
            self._show(stream, text)

    def _show(self, stream: str, text: str) -> None:
        left = self._left[stream]
        if not text or left < 0:
            return
        text = steady(text)
        shown = text[:left]
        self._left[stream] = left - len(text)
        if len(text) > left:
            shown += _NOTE if shown.endswith("\n") or not shown else f"\n{_NOTE}"
        self._write(stream, shown)


def steady(text: str) -> str:
    """Return what a Rust program printed without what differs from run to run.

    That is the number of a thread. The advice to set RUST_BACKTRACE becomes our own.
    """
    return _THREAD.sub(r"\1 ", text).replace(*_BACKTRACE_NOTE)


def ending(status: int) -> str:
    """Return how a program ended: "exit status 3" or a signal's name, such as "SIGSEGV"."""
    if status >= 0:
        return f"exit status {status}"
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"
