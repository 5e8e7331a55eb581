"""Runs a notebook's cells in a kernel: papermill's client, told which cell runs, and bounded."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NotebookExecutionManager

from rustcell.course.notebook import code_cells
from rustcell.course.own_kernel import KERNEL_NAME, OwnInterpreter, private_sockets

OnCell = Callable[[int, int], None]

# Above the 10 MB of one Rust cell that the magics show, with their notice.
MOST_OUTPUT = 12_000_000


class Counter:
    """Follows the code cells as they begin, counted as in the stored notebook."""

    def __init__(self, notebook: NotebookNode, on_cell: OnCell) -> None:
        self.cells = len(code_cells(notebook))
        self.current = 0
        self._numbers = {id(cell): n for n, cell in enumerate(code_cells(notebook), start=1)}
        self._on_cell = on_cell

    def begin(self, cell: NotebookNode, cell_index: int) -> None:
        del cell_index
        if number := self._numbers.get(id(cell)):
            self.current = number
            self._on_cell(number - 1, self.cells)


class BoundedClient(PapermillNotebookClient):  # type: ignore[misc]
    """Keeps no more than `MOST_OUTPUT` characters of what one cell prints.

    `flooded` is the number of the first cell that printed more. `words` is the folder where the
    kernel leaves what it says outside its cells.
    """

    def __init__(
        self, manager: NotebookExecutionManager, counter: Counter, cell_timeout: int, words: Path
    ) -> None:
        super().__init__(
            manager,
            km=AsyncKernelManager(
                kernel_name=KERNEL_NAME,
                kernel_spec_manager=OwnInterpreter(),
                **private_sockets(words),
            ),
            kernel_name=KERNEL_NAME,
            timeout=cell_timeout,
            startup_timeout=60,
            on_cell_start=counter.begin,
            log=logging.getLogger("papermill"),
        )
        self.flooded: int | None = None
        self._counter = counter
        self._printed: dict[int, int] = {}

    def process_message(
        self, msg: dict[str, Any], cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        if msg["msg_type"] == "stream":
            number = self._counter.current
            self._printed[number] = self._printed.get(number, 0) + len(msg["content"]["text"])
            if self._printed[number] > MOST_OUTPUT:
                self.flooded = self.flooded or number
                return None
        output: NotebookNode | None = super().process_message(msg, cell, cell_index)
        return output
