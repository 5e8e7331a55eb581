"""A pytest plugin that makes nbval as strict and as quick to give up as a course needs.

nbval waits the whole cell timeout for a kernel that has died, and counts the cells after a
timed-out one as expected failures. Here a death is noticed within a second and told with the
kernel's last words, and every cell that did not run as stored is a failure. So is a cell that was
never run, one that floods the output, and a Rust cell that left no receipt of its magic.
"""

from __future__ import annotations

import functools
import shutil
import tempfile
import time
import weakref
from collections.abc import Generator
from pathlib import Path
from queue import Empty
from typing import Any

import nbval.plugin
import pytest
from jupyter_client.manager import KernelManager
from nbval.kernel import NbvalKernelspecManager, RunningKernel

from rustcell.course.client import MOST_OUTPUT
from rustcell.course.notebook import is_rust
from rustcell.course.own_kernel import last_words, launch_options, private_sockets, start
from rustcell.course.receipts import NO_RECEIPT, VARIABLE, read_receipts, receipts_of
from rustcell.course.write_back import sanitizer


class KernelDiedError(Exception):
    """The kernel ended while a cell was running."""


class FloodedError(Exception):
    """A cell printed more than is kept."""


class WatchedKernel(RunningKernel):  # type: ignore[misc]
    """nbval's kernel, looked after while it works.

    Parameters
    ----------
    receipts:
        The folder for the receipts of its Rust cells; by default one that goes with the kernel.
    """

    def __init__(
        self,
        kernel_name: str,
        cwd: str | None = None,
        startup_timeout: float = 60,
        *,
        receipts: str | None = None,
    ) -> None:
        # Not `super().__init__`: it throws away what the kernel writes.
        self._words = Path(tempfile.mkdtemp(prefix="rustcell-words-"))
        weakref.finalize(self, shutil.rmtree, self._words, ignore_errors=True)
        self._receipts = Path(receipts or self._words) / f"{self._words.name}.jsonl"
        self._printed: dict[str, int] = {}
        options = launch_options(self._words, {VARIABLE: str(self._receipts)}, Path(cwd or "."))
        self.km = KernelManager(
            kernel_name=kernel_name,
            kernel_spec_manager=NbvalKernelspecManager(),
            **private_sockets(self._words),
        )
        self.kc = start(self.km, options, startup_timeout)
        self._ensure_iopub_up()

    def get_message(self, stream: str, timeout: float | None = None) -> Any:
        # Not `super().get_message`: it formats each message for a log that nobody keeps, and
        # needs minutes for a long one.
        receive = self.kc.get_shell_msg if stream == "shell" else self.kc.get_iopub_msg
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            left = 1.0 if end is None else min(1.0, max(end - time.monotonic(), 0))
            try:
                return self._bounded(receive(timeout=left))
            except Empty:
                if not self.is_alive():
                    said = last_words(self._words)
                    told = f" Its last words:\n{said}" if said else ""
                    raise KernelDiedError(f"The kernel died in this cell.{told}") from None
                if end is not None and time.monotonic() >= end:
                    raise

    def receipts_of(self, source: str) -> int:
        """Return how many receipts the Rust cell of this text has left so far."""
        return receipts_of(source, read_receipts(self._receipts))

    def _bounded(self, message: dict[str, Any]) -> dict[str, Any]:
        if message["msg_type"] == "stream":
            cell = message["parent_header"].get("msg_id", "")
            before = self._printed.get(cell, 0)
            self._printed[cell] = before + len(message["content"]["text"])
            # Once: what comes after it reaches the cells below.
            if before <= MOST_OUTPUT < self._printed[cell]:
                raise FloodedError(f"The cell printed more than {MOST_OUTPUT // 1_000_000} MB.")
        return message


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("nbval")
    group.addoption("--receipts", metavar="DIR", help="Keep the receipts of Rust cells in DIR.")


def pytest_configure(config: pytest.Config) -> None:
    option = config.option
    if not (getattr(option, "nbval", False) or getattr(option, "nbval_lax", False)):
        return
    # nbval has no setting for the class of its kernels.
    nbval.plugin.RunningKernel = functools.partial(WatchedKernel, receipts=option.receipts)
    if option.nbval_kernel_name is None:
        # The interpreter that pytest runs in, whatever the kernelspecs of the machine say.
        option.nbval_current_env = True
    if option.nbval_sanitize_with is None:
        option.nbval_sanitize_with = str(sanitizer())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    if not isinstance(item, nbval.plugin.IPyNbCell) or item.options["skip"]:
        yield
        return
    cell, kernel = item.cell, item.parent.kernel
    before = kernel.receipts_of(cell.source)
    yield
    if is_rust(cell) and kernel.receipts_of(cell.source) == before:
        item.raise_cell_error(NO_RECEIPT)
    if cell.execution_count is None and cell.source.strip() and item.options["check"]:
        item.raise_cell_error("the cell was never run: nothing is stored to compare with")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if isinstance(item, nbval.plugin.IPyNbCell) and hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"Not run as stored: {report.wasxfail}"
        del report.wasxfail
    return report
