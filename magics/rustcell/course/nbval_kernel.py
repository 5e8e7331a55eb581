"""A pytest plugin that makes nbval as strict and as quick to give up as a course needs.

nbval waits the whole cell timeout for a kernel that has died, and counts the cells after a
timed-out one as expected failures. Here a death is noticed within a second and told with the
kernel's last words, and every cell that did not run as stored is a failure.
"""

from __future__ import annotations

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
from nbval.kernel import RunningKernel, start_new_kernel

from rustcell.course.own_kernel import last_words, launch_options


class KernelDiedError(Exception):
    """The kernel ended while a cell was running."""


class WatchedKernel(RunningKernel):  # type: ignore[misc]
    """nbval's kernel, looked after while it works."""

    def __init__(
        self, kernel_name: str, cwd: str | None = None, startup_timeout: float = 60
    ) -> None:
        # Not `super().__init__`: it throws away what the kernel writes.
        self._words = Path(tempfile.mkdtemp(prefix="rustcell-words-"))
        weakref.finalize(self, shutil.rmtree, self._words, ignore_errors=True)
        options = launch_options(self._words, {}, Path(cwd or "."))
        with options["stdout"]:
            self.km, self.kc = start_new_kernel(
                startup_timeout=startup_timeout, kernel_name=kernel_name, **options
            )
        self._ensure_iopub_up()

    def get_message(self, stream: str, timeout: float | None = None) -> Any:
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            left = 1.0 if end is None else min(1.0, max(end - time.monotonic(), 0))
            try:
                return super().get_message(stream, timeout=left)
            except Empty:
                if not self.is_alive():
                    said = last_words(self._words)
                    told = f" Its last words:\n{said}" if said else ""
                    raise KernelDiedError(f"The kernel died in this cell.{told}") from None
                if end is not None and time.monotonic() >= end:
                    raise


def pytest_configure(config: pytest.Config) -> None:
    option = config.option
    if not (getattr(option, "nbval", False) or getattr(option, "nbval_lax", False)):
        return
    # nbval has no setting for the class of its kernels.
    nbval.plugin.RunningKernel = WatchedKernel
    if option.nbval_kernel_name is None:
        # The interpreter that pytest runs in, whatever the kernelspecs of the machine say.
        option.nbval_current_env = True


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
