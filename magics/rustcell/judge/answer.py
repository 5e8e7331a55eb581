"""The answer's process as the judge sees it: its channel, its limits, what it prints."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rustcell.judge.explain import too_long
from rustcell.judge.loans import Loans, public_of
from rustcell.judge.side import Side, stray_threads
from rustcell.tools.process import end_tree

TESTS = "tests_of_the_exercise"
"""The name of the module that the tests are."""

_PRINTED_MAX = 20_000_000
"""How many bytes an answer may print, in all tests together."""


class Answer:
    """The answer's process, from its start to its end.

    Parameters
    ----------
    folders:
        Folders of built modules, for the processes that the answer starts.
    scratch:
        An existing folder for what the answer prints.
    """

    def __init__(self, folders: Sequence[str], scratch: Path) -> None:
        self._stdout, self._stderr = scratch / "stdout", scratch / "stderr"
        self._stdout.touch()
        self._stderr.touch()
        self._read_to = {self._stdout: 0, self._stderr: 0}
        self._cut = ""
        home = scratch / "home"
        home.mkdir()
        command = [sys.executable, "-P", "-m", "rustcell.judge.runner"]
        self._process = subprocess.Popen(
            [*command, str(self._stdout), str(self._stderr)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=home,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(folders)},
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.side = Side(
            self._process.stdout,
            self._process.stdin,
            Loans(public_of(TESTS), secrets=True),
            stray_threads(lambda: self.side),
            strict=True,
        )

    def prepare(self, folders: Sequence[str], sources: Mapping[str, str]) -> None:
        """Make the answer's modules importable over there; nothing of it runs yet."""
        self.side.ask("prepare", list(folders), dict(sources))

    @property
    def ended(self) -> bool:
        return self.side.gone

    def why_it_ended(self) -> str:
        """Say in words what ended the answer's process."""
        if self._cut:
            return self._cut
        try:
            status = self._process.wait(0.5)
        except subprocess.TimeoutExpired:
            return "the answer's process broke off its connection with the tests"
        return f"the answer's process {_how(status)}"

    def end(self, why: str = "") -> None:
        """End the answer's process and all that it has started."""
        self._cut = self._cut or why
        end_tree(self._process.pid)
        self._process.wait()

    @contextlib.contextmanager
    def limited(self, seconds: float) -> Iterator[None]:
        """End the answer when this takes longer, or when it prints without end."""
        over = threading.Event()

        def watch() -> None:
            left = seconds
            while not over.wait(min(0.2, left)):
                left -= 0.2
                if left <= 0:
                    self.end(too_long(seconds).message)
                    return
                if self._stdout.stat().st_size + self._stderr.stat().st_size > _PRINTED_MAX:
                    self.end(f"it printed more than {_PRINTED_MAX // 1_000_000} MB")
                    return

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()

    def printed(self, *, errors: bool = False) -> str:
        """Return what the answer has printed since the last time, and forget it."""
        path = self._stderr if errors else self._stdout
        with path.open("rb") as file:
            file.seek(self._read_to[path])
            data = file.read()
        self._read_to[path] += len(data)
        return data.decode("utf-8", "replace").replace("\r\n", "\n")


class Student:
    """The fixture `student`: runs code beside the answer."""

    def __init__(self, side: Side) -> None:
        self._side = side

    def run(self, code: str, /, **names: Any) -> Any:
        """Execute Python text in the answer's process.

        Returns the value of its last line if that is an expression. `names` are the variables
        that the text may use. The answer can see this text: it belongs to no secret.
        """
        return self._side.ask("run", code, names)


class Printed:
    """The fixture `printed`: what the answer printed since the test began or the last call."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self()
        self.errors()

    def __call__(self) -> str:
        return self._answer.printed()

    def errors(self) -> str:
        """Return what went to standard error."""
        return self._answer.printed(errors=True)


def _how(status: int) -> str:
    """Say in words how a process ended; a negative status is the signal that killed it."""
    if status >= 0:
        return f"ended itself with the exit status {status}"
    try:
        return f"was killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"was killed by the signal {-status}"
