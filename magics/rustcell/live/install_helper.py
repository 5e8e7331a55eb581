"""The process that installs in the background: `python -m rustcell.live.install_helper`.

It reads the jobs of one kernel, a JSON line on standard input, and reports in JSON lines. A
second line, or the end of the pipe, tells it to stop.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from filelock import FileLock, Timeout

from rustcell.crates.files import write
from rustcell.live.install import Job
from rustcell.live.installed import sign
from rustcell.tools.process import end_tree

_BUILT = "Built wheel"
"""maturin prints this once it needs the target folder no more."""


class _Helper:
    def __init__(self, orders: IO[str]) -> None:
        self.orders = orders
        self.stop = threading.Event()
        self.child: subprocess.Popen[bytes] | None = None
        self.packed = True
        self.guard = threading.Lock()

    def listen(self) -> None:
        # A line, or the end of the pipe when the kernel died: both say stop.
        self.orders.readline()
        with self.guard:
            self.stop.set()
            if self.child is not None and not self.packed:
                end_tree(self.child.pid)
        _say({"event": "stopped"})

    def run(self, job: Job) -> dict[str, Any] | None:
        """Install one job; None when it was cut."""
        lock = FileLock(job.lock)
        while True:
            try:
                lock.acquire(timeout=0.2)
                break
            except Timeout:
                if self.stop.is_set():
                    return None
        try:
            status, log = self._install(job)
            if self.stop.is_set() and status != 0:
                return None
            if status == 0:
                sign(job.name, job.owner, job.key)
                return {"event": "installed"}
            return {"event": "failed", "log": log[-4000:]}
        except OSError as error:
            return {"event": "failed", "log": str(error)}
        finally:
            lock.release()

    def _install(self, job: Job) -> tuple[int, str]:
        if job.wheels:
            shutil.rmtree(job.wheels, ignore_errors=True)
        status, log = self._run(job, job.command)
        if status == 0 and job.then:
            (wheel,) = Path(job.wheels).glob("*.whl")
            status, more = self._run(job, [*job.then, str(wheel)], packed=True)
            log += more
        return status, log

    def _run(self, job: Job, command: Sequence[str], *, packed: bool = False) -> tuple[int, str]:
        with self.guard:
            if self.stop.is_set() and not packed:
                return 1, ""
            if not packed:
                write(job.files, Path(job.crate))
            self.child = subprocess.Popen(
                command,
                cwd=job.crate,
                env=job.env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            self.packed = packed
        lines = []
        assert self.child.stdout is not None
        for raw in self.child.stdout:
            line = raw.decode("utf-8", "replace")
            lines.append(line)
            if _BUILT in line:
                with self.guard:
                    self.packed = True
        status = self.child.wait()
        self.packed = True
        return status, "".join(lines)


def _say(event: dict[str, Any]) -> None:
    # A kernel that died has closed the pipe; nobody listens then.
    with contextlib.suppress(OSError):
        sys.stdout.write(json.dumps(event) + "\n")
        sys.stdout.flush()


def main() -> None:
    """Work off the jobs of one kernel: a JSON line on standard input."""
    with contextlib.suppress(AttributeError, ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    jobs = [Job(**job) for job in json.loads(sys.stdin.readline() or "[]")]
    helper = _Helper(sys.stdin)
    threading.Thread(target=helper.listen, daemon=True).start()
    for job in jobs:
        if helper.stop.is_set():
            break
        event = helper.run(job)
        if event is not None:
            _say({**event, "name": job.name, "key": job.key})
    _say({"event": "stopped"})
    # The listening thread waits for a line that may never come.
    os._exit(0)


if __name__ == "__main__":
    main()
