"""Runs code that may crash or hang in a process of its own, and says how it ended."""

from __future__ import annotations

import codecs
import contextlib
import os
import re
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psutil

from rustcell.teaching.exit_status import signal_of
from rustcell.tools.process import end_tree

LIMIT = 1_000_000
"""How many bytes of stdout, and of stderr, are kept."""

_NOTE = "\n[rustcell: output beyond 1 MB is not kept]\n"

_SCRIPT = "isolated_code.py"

_MARK = "RUSTCELL_ISOLATED"
"""A variable that all descendants inherit: orphans are known by it."""

_GRACE_S = 0.5
"""How long what the code left running may still write after the code's own end."""

_PATIENCE_S = 2.0
"""How long the killing of leftovers may take in all."""

# Rust writes the operating system's number of the thread, another one in each run.
_THREAD_NUMBER = re.compile(r"^(thread '.*') \(\d+\) (panicked|has overflowed)", re.MULTILINE)


@dataclass(frozen=True, repr=False)
class Isolated:
    """How an isolated run ended, and what it wrote.

    Its repr says the end in words that are the same in every run: ``exit status 0``,
    ``killed by SIGABRT``, ``still running after 2 s, killed``.

    Parameters
    ----------
    status:
        The exit status; None when a signal or the time limit ended the process.
    signal:
        The signal that ended it by name ("SIGSEGV"), on Windows the name of the exception code
        ("STATUS_ACCESS_VIOLATION"); None when it ended otherwise.
    stdout, stderr:
        What the process and its children wrote, 1 MB each at most.
    timed_out:
        Whether it was still running at the end of its time.
    timeout:
        That time in seconds.
    """

    status: int | None
    signal: str | None
    stdout: str
    stderr: str
    timed_out: bool
    timeout: float = 10

    def __repr__(self) -> str:
        if self.timed_out:
            return f"still running after {self.timeout:g} s, killed"
        if self.signal is not None:
            return f"killed by {self.signal}"
        return f"exit status {self.status}"


def run_isolated(code: str, timeout: float = 10) -> Isolated:
    """Run Python code in a child process and wait for its end, `timeout` seconds at most.

    The child imports what this kernel's cells have built, and the files of the current folder.
    It knows none of the notebook's variables. It gets no input. Whatever it started is killed
    with it. Rust panics come without backtrace; set
    ``os.environ["RUST_BACKTRACE"]`` in the code to see one.

    Parameters
    ----------
    code:
        Python statements. Indentation that all lines share is removed.
    timeout:
        In seconds.

    Raises
    ------
    ValueError
        When the timeout is not above zero.
    """
    if not timeout > 0:
        raise ValueError(f"timeout must be above 0 s, not {timeout!r}")
    mark = uuid.uuid4().hex
    # A killed child's folder may still be held for a moment on Windows.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        folder = os.path.realpath(made)
        script = Path(folder, _SCRIPT)
        script.write_text(textwrap.dedent(code), encoding="utf-8")
        # -u: what was printed before a crash is not lost in Python's own buffer.
        with _without_core_files():
            child = subprocess.Popen(
                [sys.executable, "-u", str(script)],
                env=_environment(mark),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        assert child.stdout is not None
        assert child.stderr is not None
        written = (_Collected(child.stdout), _Collected(child.stderr))
        timed_out = _wait(child, timeout, written, mark)
    stdout, stderr = (_plain(collected.text(), folder) for collected in written)
    status, signal = (None, None) if timed_out else signal_of(child.returncode)
    return Isolated(status, signal, stdout, stderr, timed_out, timeout)


def _environment(mark: str) -> dict[str, str]:
    """Return the kernel's variables, with those that make the child's text plain and UTF-8."""
    # The kernel's own modules come first, so that no folder beside the notebook hides them.
    paths = [p for p in (os.environ.get("PYTHONPATH"), os.getcwd()) if p]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONIOENCODING": "utf-8",
        "PYTHON_COLORS": "0",
        "RUST_BACKTRACE": "0",
        _MARK: mark,
    }


@contextlib.contextmanager
def _without_core_files() -> Iterator[None]:
    """Let processes started meanwhile leave no memory image beside the notebook (POSIX)."""
    if sys.platform == "win32":
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))


def _wait(
    child: subprocess.Popen[bytes], timeout: float, written: tuple[_Collected, ...], mark: str
) -> bool:
    """Wait for the child, end all that is left of it, and tell if its time was over."""
    try:
        try:
            child.wait(timeout)
        except subprocess.TimeoutExpired:
            return True
        _join(written, _GRACE_S)
        return False
    finally:
        if child.poll() is None:
            end_tree(child.pid)
            # Where even the kill has no effect (a sick disk), the lesson goes on.
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(_PATIENCE_S)
        _end_orphans(mark)
        _join(written, _GRACE_S)


def _join(written: tuple[_Collected, ...], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    for collected in written:
        collected.thread.join(max(0.0, deadline - time.monotonic()))


def _end_orphans(mark: str) -> None:
    """Kill what the code left running, also what had itself adopted by the system."""
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        left = list(_marked(mark))
        if not left:
            return
        for pid in left:
            end_tree(pid)


def _marked(mark: str) -> Iterator[int]:
    for process in psutil.process_iter():
        # Other users' processes do not tell their variables.
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(_MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                yield process.pid


@dataclass
class _Collected:
    """The first bytes of a pipe, which is read to its end so that no writer ever waits."""

    pipe: IO[bytes]
    thread: threading.Thread = field(init=False)
    _kept: bytearray = field(default_factory=bytearray)
    _more: bool = False

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        with self.pipe:
            while chunk := os.read(self.pipe.fileno(), 65536):
                room = LIMIT - len(self._kept)
                self._kept += chunk[:room]
                self._more = self._more or len(chunk) > room

    def text(self) -> str:
        more = self._more
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        # A character that the limit cuts is left out.
        text = decoder.decode(bytes(self._kept[:LIMIT]), final=not more)
        return text.replace("\r\n", "\n") + (_NOTE if more else "")


def _plain(text: str, folder: str) -> str:
    """Take out what differs from run to run: the script's folder, numbers of threads."""
    return _THREAD_NUMBER.sub(r"\1 \2", text.replace(folder + os.sep, ""))
