"""A kernel that builds the cells of answers, and tells where the modules lie."""

from __future__ import annotations

import ast
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

from rustcell.course.own_kernel import (
    KERNEL_NAME,
    OwnInterpreter,
    last_words,
    launch_options,
    private_sockets,
    start,
)
from rustcell.errors import BuildError, plain_text

_FOLDERS = {"folders": "__import__('os').environ.get('PYTHONPATH', '')"}
# Each cell that builds a module, or finds it built, puts its folder there again.
_FORGET = "__import__('os').environ['PYTHONPATH'] = {folders!r}"
_SHOWN_LINES = 40


class CellError(BuildError):
    """A cell raised, took too long or ended its kernel.

    Parameters
    ----------
    ename:
        The name of the exception's class; "" if the kernel could not say.
    """

    def __init__(self, message: str, *, ename: str = "", details: str = "") -> None:
        super().__init__(message, details=details)
        self.ename = ename


class Builder:
    """A kernel that starts when it is first needed, and anew when it died.

    Parameters
    ----------
    setup:
        Cells that each new kernel runs first.
    cwd:
        The folder to work in.
    words:
        An existing folder for what the kernel writes as it goes.
    environment:
        Variables added to the kernel's environment.
    cell_timeout:
        Seconds that one cell may take.
    """

    def __init__(
        self,
        setup: Sequence[str],
        cwd: Path,
        words: Path,
        environment: Mapping[str, str],
        cell_timeout: int,
    ) -> None:
        self._setup = setup
        self._cwd = cwd
        self._words = words
        self._environment = environment
        self._cell_timeout = cell_timeout
        self._setup_folders = ""
        self._manager: KernelManager | None = None
        self._client: BlockingKernelClient | None = None

    def build(self, cells: Sequence[str]) -> list[Path]:
        """Run the cells and return the folders of the modules that they and the setup have built.

        What earlier calls built is not among them.

        Raises
        ------
        CellError
            If a cell raised, took too long or ended the kernel.
        """
        if self._manager is None:
            self._start()
        folders = self._run(_FORGET.format(folders=self._setup_folders))
        for cell in cells:
            folders = self._run(cell)
        return [Path(folder) for folder in folders.split(os.pathsep) if folder]

    def close(self) -> None:
        """End the kernel, if there is one."""
        manager, self._manager = self._manager, None
        if self._client is not None:
            self._client.stop_channels()
            self._client = None
        if manager is not None:
            manager.shutdown_kernel(now=not manager.is_alive())
            manager.cleanup_resources()

    def _start(self) -> None:
        manager = KernelManager(
            kernel_name=KERNEL_NAME,
            kernel_spec_manager=OwnInterpreter(),  # type: ignore[no-untyped-call, unused-ignore]
            **private_sockets(self._words),
        )
        # An inherited path would look like built modules.
        options = launch_options(self._words, {**self._environment, "PYTHONPATH": ""}, self._cwd)
        try:
            self._client = start(manager, options)
        except RuntimeError as error:
            raise CellError("the kernel did not start", details=last_words(self._words)) from error
        self._manager = manager
        try:
            for cell in self._setup:
                self._setup_folders = self._run(cell)
        except BaseException:
            self.close()
            raise

    def _run(self, cell: str) -> str:
        """Run one cell and return the kernel's PYTHONPATH after it."""
        assert self._client is not None
        request = self._client.execute(cell, user_expressions=_FOLDERS, stop_on_error=False)
        reply = self._reply(request)
        if reply["status"] != "ok":
            shown = plain_text("\n".join(reply.get("traceback", [])))
            details = "\n".join(shown.strip().splitlines()[-_SHOWN_LINES:])
            ename = str(reply.get("ename", ""))
            raise CellError(f"{ename}: {reply.get('evalue', '')}", ename=ename, details=details)
        return str(ast.literal_eval(reply["user_expressions"]["folders"]["data"]["text/plain"]))

    def _reply(self, request: str) -> dict[str, Any]:
        assert self._client is not None
        assert self._manager is not None
        deadline = time.monotonic() + self._cell_timeout
        while True:
            try:
                message = self._client.get_shell_msg(timeout=1)
            except Empty:
                if self._manager.is_alive() and time.monotonic() < deadline:
                    continue
                died = not self._manager.is_alive()
                self.close()
                reason = "the kernel died" if died else f"took longer than {self._cell_timeout} s"
                raise CellError(reason, details=last_words(self._words)) from None
            if message["parent_header"].get("msg_id") == request:
                return dict(message["content"])
