"""Keeps the environment's installed modules up to date, in the background.

The kernel side (`Installer`) starts one helper process at a time. The helper
(`install_helper.py`) takes the environment's lock, runs `maturin develop` and
reports in JSON lines. It is in a process group of its own, so that interrupting another
cell does not cut it; it holds a pipe from the kernel, whose end tells it that the kernel died.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

_DELAY = 0.1
"""Seconds until a helper starts: starting a process would make the cell's answer wait."""


@dataclass(frozen=True)
class Job:
    """One install: the module, where it stands, and who asks.

    `files` are the crate's texts: a later cell of the same name, which did not compile or
    was interrupted, may have put others in their place before the install came to them.
    `command` is maturin's. If it only makes a wheel, it does so in the folder `wheels`, and
    `then` installs it.
    """

    name: str
    crate: str
    files: dict[str, str]
    command: list[str]
    env: dict[str, str]
    lock: str
    owner: str
    key: str
    wheels: str = ""
    then: tuple[str, ...] = ()


@dataclass(frozen=True)
class Failure:
    """A background install that did not work; the module is live in the kernel all the same."""

    name: str
    log: str


@dataclass
class _Running:
    """A helper process at work; `clear` is set once it uses no target folder any more."""

    process: subprocess.Popen[str]
    clear: threading.Event
    reader: threading.Thread | None = None

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def finish(self, timeout: float) -> None:
        """Wait until all it said was heard, and close the pipes."""
        if self.reader is not None:
            self.reader.join(timeout)
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=1)


class Installer:
    """The kernel's side: what is to be installed, and the helper that does it."""

    def __init__(self) -> None:
        self._pending: dict[str, Job] = {}
        self._failures: list[Failure] = []
        self._helper: _Running | None = None
        self._leaving: list[_Running] = []
        self._starter: threading.Timer | None = None
        self._guard = threading.RLock()

    def submit(self, job: Job) -> None:
        """Ask for an install; a later one of the same module takes its place."""
        self._pending[job.name] = job

    def pause(self) -> None:
        """Return once no helper uses a target folder: before cargo builds there.

        An install that has not built its wheel yet is cut and stays pending. One that has may
        go on: the next helper waits for it at the environment's lock.
        """
        with self._guard:
            self._cancel_start()
            helper, self._helper = self._helper, None
        if helper is None:
            return
        with contextlib.suppress(OSError, ValueError):
            assert helper.process.stdin is not None
            helper.process.stdin.write("stop\n")
            helper.process.stdin.flush()
        helper.clear.wait(timeout=30)
        self._leaving.append(helper)

    def resume(self) -> None:
        """Start a helper for everything that is pending, a moment later."""
        with self._guard:
            self._cancel_start()
            if self._pending:
                self._starter = starter = threading.Timer(_DELAY, lambda: self._start(starter))
                starter.daemon = True
                starter.start()

    def _cancel_start(self) -> None:
        if self._starter is not None:
            self._starter.cancel()
            self._starter = None

    def _start(self, starter: threading.Timer | None = None) -> None:
        """Start a helper unless one is at work, or `starter` was cancelled meanwhile."""
        with self._guard:
            if starter is not self._starter:
                return
            self._starter = None
            for gone in [helper for helper in self._leaving if not helper.alive]:
                gone.finish(timeout=1)
                self._leaving.remove(gone)
            if self._pending and not (self._helper is not None and self._helper.alive):
                try:
                    self._start_helper()
                except OSError as error:
                    self._failures += [Failure(name, str(error)) for name in self._pending]
                    self._pending.clear()

    def _start_helper(self) -> None:
        process = subprocess.Popen(
            [sys.executable, "-m", "rustcell.live.install_helper"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env=_without_overlay(os.environ),
            start_new_session=True,  # POSIX; on Windows the flag does the same
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        if self._helper is not None:
            self._leaving.append(self._helper)
        self._helper = running = _Running(process, threading.Event())
        running.reader = threading.Thread(target=self._listen, args=(running,), daemon=True)
        running.reader.start()
        assert process.stdin is not None
        with contextlib.suppress(OSError):
            jobs = [asdict(job) for job in list(self._pending.values())]
            process.stdin.write(json.dumps(jobs) + "\n")
            process.stdin.flush()

    def _listen(self, helper: _Running) -> None:
        assert helper.process.stdout is not None
        with contextlib.suppress(ValueError):
            for line in helper.process.stdout:
                event = json.loads(line)
                if event["event"] == "stopped":
                    helper.clear.set()
                else:
                    self._note(event)
        helper.clear.set()

    def _note(self, event: dict[str, str]) -> None:
        """Note that an install ended, unless a newer one of the module is wanted by now."""
        name = event["name"]
        with self._guard:
            waiting = self._pending.get(name)
            if waiting is None or waiting.key != event["key"]:
                return
            del self._pending[name]
            if event["event"] == "failed":
                self._failures.append(Failure(name, event["log"]))

    def join(self, timeout: float = 60) -> list[Failure]:
        """Wait until all is installed, doing again what was cut short; return the failures."""
        deadline = time.monotonic() + timeout
        with self._guard:
            if self._starter is not None:
                self._cancel_start()
                self._start()
        for _ in range(3):
            with self._guard:
                if self._helper is not None:
                    self._leaving.append(self._helper)
                    self._helper = None
            while self._leaving:
                self._leaving.pop().finish(max(0.0, deadline - time.monotonic()))
            if not self._pending or time.monotonic() > deadline:
                break
            self._start()
        if time.monotonic() <= deadline:
            for name in list(self._pending):
                del self._pending[name]
                self._failures.append(Failure(name, "The installing process ended too early."))
        return self.failures()

    def failures(self) -> list[Failure]:
        """Return the failures not yet told, and forget them."""
        told, self._failures = self._failures, []
        return told


def _without_overlay(environ: Mapping[str, str]) -> dict[str, str]:
    """The helper must import this package as the kernel does, and no built module."""
    ours = str(Path(__file__).resolve().parents[2])
    kept = {name: value for name, value in environ.items() if name != "PYTHONHOME"}
    return {**kept, "PYTHONPATH": ours, "PYTEST_CURRENT_TEST": ""}
