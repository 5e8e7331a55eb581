"""A real kernel to run cells in, and what each cell gave back."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.manager import KernelManager

from rustcell.course.own_kernel import private_sockets
from rustcell.errors import plain_text


@dataclass
class CellResult:
    """One cell's outputs, as a front end would show them."""

    stdout: str = ""
    stderr: str = ""
    shown: list[dict[str, Any]] = field(default_factory=list)
    ename: str = ""
    evalue: str = ""
    traceback: str = ""

    @property
    def ok(self) -> bool:
        return not self.ename

    @property
    def text(self) -> str:
        """All that a person reads, without colours."""
        displays = "".join(str(data.get("text/plain", "")) for data in self.shown)
        return plain_text(self.stdout + self.stderr + displays + self.traceback)


class Kernel:
    """A running kernel; `run` executes one cell and waits for it."""

    def __init__(self, manager: KernelManager) -> None:
        self.manager = manager
        self.client = manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def send(self, code: str) -> str:
        """Start a cell and return its message id."""
        return str(self.client.execute(code, store_history=True))

    def collect(self, message_id: str, timeout: float = 120) -> CellResult:
        """Wait for a cell's end and return what it gave."""
        result = CellResult()
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=timeout)
            except Empty:
                raise TimeoutError(f"the kernel said nothing for {timeout} s") from None
            if message["parent_header"].get("msg_id") != message_id:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "stream":
                setattr(result, content["name"], getattr(result, content["name"]) + content["text"])
            elif kind in ("display_data", "execute_result"):
                result.shown.append(content["data"])
            elif kind == "error":
                result.ename, result.evalue = content["ename"], content["evalue"]
                result.traceback = "\n".join(content["traceback"])
            elif kind == "status" and content["execution_state"] == "idle":
                return result

    def run(self, code: str, timeout: float = 120) -> CellResult:
        return self.collect(self.send(code), timeout)

    def value(self, expression: str) -> str:
        """Return the repr of an expression; the cell must succeed."""
        result = self.run(expression)
        assert result.ok, result.text
        return str(result.shown[-1]["text/plain"])


@contextmanager
def kernel(
    *,
    python: str = sys.executable,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    load: bool = True,
) -> Iterator[Kernel]:
    """Start a kernel of this interpreter, whatever kernelspecs are installed."""
    sockets = tempfile.TemporaryDirectory(prefix="rustcell-", ignore_cleanup_errors=True)
    manager = KernelManager(**private_sockets(Path(sockets.name)))
    manager.kernel_spec.argv = [
        python,
        "-Xfrozen_modules=off",
        "-m",
        "ipykernel_launcher",
        "-f",
        "{connection_file}",
    ]
    environment = {k: v for k, v in os.environ.items() if k != "VIRTUAL_ENV"}
    manager.start_kernel(env={**environment, **(env or {})}, cwd=str(cwd) if cwd else None)
    try:
        running = Kernel(manager)
        if load:
            loaded = running.run("%load_ext rustcell")
            assert loaded.ok, loaded.text
        yield running
        running.client.stop_channels()
    finally:
        manager.shutdown_kernel(now=False)
        manager.cleanup_resources()
        sockets.cleanup()
