"""Runs what was built, passes on what it prints as it comes, and ends it when its time is up."""

from __future__ import annotations

import codecs
import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from rustcell.tools.process import arriving, started

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
    with started(command, executable=executable, cwd=cwd, env=env) as child:
        with contextlib.closing(arriving(child, _pieces, idle, deadline)) as texts:
            for stream, text in texts:
                on_text(stream, text)
        try:
            return child.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            return None


def _pieces(pipe: IO[bytes]) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    while data := os.read(pipe.fileno(), 65536):
        yield decoder.decode(data)
    yield decoder.decode(b"", final=True)


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
