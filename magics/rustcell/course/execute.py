"""Executes one notebook with papermill and judges what came of it."""

from __future__ import annotations

import contextlib
import logging
import re
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NotebookExecutionManager
from papermill.inspection import inspect_notebook
from papermill.iorw import load_notebook_node, write_ipynb
from papermill.parameterize import parameterize_notebook

from rustcell.course.notebook import RAISES, is_tagged, read
from rustcell.course.own_kernel import KERNEL_NAME, OwnInterpreter, last_words, launch_options
from rustcell.errors import RustcellError, plain_text

Verdict = Literal["passed", "failed", "timed out", "kernel died", "not run"]
OnCell = Callable[[int, int], None]

_SHOWN_LINES = 12


@dataclass(frozen=True)
class Job:
    """One chapter to execute.

    Parameters
    ----------
    path:
        The notebook; it is read, never written.
    out:
        Where the executed copy goes.
    parameters:
        Values for the cell tagged `parameters`; those that the chapter does not name are left.
    environment:
        Variables added to the kernel's environment.
    cell_timeout:
        Seconds that one cell may take.
    """

    path: Path
    out: Path
    parameters: Mapping[str, object] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    cell_timeout: int = 300


@dataclass(frozen=True)
class ChapterResult:
    """What came of a chapter. Cells are code cells, counted from 1 as in the stored notebook."""

    chapter: str
    verdict: Verdict
    cells: int = 0
    done: int = 0
    seconds: float = 0.0
    failing_cell: int | None = None
    error: str = ""
    text: str = ""

    @property
    def passed(self) -> bool:
        return self.verdict == "passed"

    def to_json(self) -> dict[str, object]:
        """Return the fields as JSON values."""
        return {**asdict(self), "seconds": round(self.seconds, 2)}


@dataclass(frozen=True)
class _Problem:
    cell: int | None
    verdict: Verdict
    error: str
    text: str = ""


class _Counter:
    """Follows the code cells as they begin."""

    def __init__(self, notebook: NotebookNode, on_cell: OnCell) -> None:
        self.codes = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
        self.current = 0
        self._on_cell = on_cell

    def begin(self, cell: NotebookNode, cell_index: int) -> None:
        if cell.cell_type == "code":
            self.current = self.codes.index(cell_index) + 1
            self._on_cell(self.current - 1, len(self.codes))


def declared_parameters(path: Path) -> set[str]:
    """Return the names that the chapter's `parameters` cell gives values to."""
    read(path)
    _quiet_papermill()
    return set(inspect_notebook(str(path)))


def execute(job: Job, on_cell: OnCell, scratch: Path) -> ChapterResult:
    """Execute a chapter and return what came of it, whatever that is.

    Parameters
    ----------
    job:
        The chapter and how to run it. The executed copy is written to `job.out` also on failure.
    on_cell:
        Called as each code cell begins with the number done and the number of all.
    scratch:
        An existing folder for what the kernel writes as it goes; the caller removes it.
    """
    begin = time.monotonic()
    chapter = job.path.stem
    _quiet_papermill()
    try:
        notebook = _prepared(job)
    except RustcellError as error:
        return ChapterResult(chapter, "not run", error=error.message, text=error.mend)
    counter = _Counter(notebook, on_cell)
    words = Path(tempfile.mkdtemp(dir=scratch))
    problem = _run(notebook, job, counter, words) or judge(notebook)
    write_ipynb(notebook, str(job.out))
    total = len(counter.codes)
    seconds = time.monotonic() - begin
    if problem is None:
        return ChapterResult(chapter, "passed", total, total, seconds)
    done = max(counter.current - 1, 0) if problem.cell is None else problem.cell - 1
    return ChapterResult(
        chapter, problem.verdict, total, done, seconds, problem.cell, problem.error, problem.text
    )


def _prepared(job: Job) -> NotebookNode:
    read(job.path)  # says in our words what is wrong with a file that is no notebook
    notebook: NotebookNode = load_notebook_node(str(job.path))
    chosen = {
        name: value
        for name, value in job.parameters.items()
        if name in declared_parameters(job.path)
    }
    if chosen:
        notebook = parameterize_notebook(
            notebook, chosen, kernel_name=KERNEL_NAME, language="python"
        )
    return notebook


def _run(notebook: NotebookNode, job: Job, counter: _Counter, words: Path) -> _Problem | None:
    """Execute the cells in place; return a problem that left no error output behind.

    These are papermill's own steps without its last one, which takes every error output for a
    failure, also in cells tagged `raises-exception` (`papermill.execute_notebook`).
    """
    manager = NotebookExecutionManager(notebook, str(job.out), progress_bar=False)
    manager.notebook_start()
    client = PapermillNotebookClient(
        manager,
        km=AsyncKernelManager(kernel_name=KERNEL_NAME, kernel_spec_manager=OwnInterpreter()),
        kernel_name=KERNEL_NAME,
        timeout=job.cell_timeout,
        startup_timeout=60,
        on_cell_start=counter.begin,
        log=logging.getLogger("papermill"),
    )
    options = launch_options(words, job.environment, job.path.parent)
    try:
        # We made the kernel manager, so nbclient would leave its kernel running.
        client.execute(cleanup_kc=True, **options)
    except CellTimeoutError:
        error = f"cell {counter.current} took longer than {job.cell_timeout} s"
        return _Problem(counter.current, "timed out", error, last_words(words))
    except DeadKernelError:
        error = f"the kernel died in cell {counter.current}"
        return _Problem(counter.current, "kernel died", error, last_words(words))
    # A kernel that cannot start, or a broken message: the chapter still gets its row.
    except Exception as error:  # noqa: BLE001
        reason = f"{type(error).__name__}: {error}"
        return _Problem(counter.current or None, "not run", reason, last_words(words))
    finally:
        with contextlib.suppress(OSError):
            options["stdout"].close()
        manager.notebook_complete()
    return None


def judge(notebook: NotebookNode) -> _Problem | None:
    """Return the first thing wrong with an executed notebook.

    An error output is right in a cell tagged `raises-exception`, and demanded there; everywhere
    else it is a failure.
    """
    codes = (cell for cell in notebook.cells if cell.cell_type == "code")
    for number, cell in enumerate(codes, start=1):
        errors = [output for output in cell.outputs if output.output_type == "error"]
        expected = is_tagged(cell, RAISES)
        if errors and not expected:
            shown = plain_text("\n".join(errors[0].traceback))
            tail = "\n".join(shown.strip().splitlines()[-_SHOWN_LINES:])
            return _Problem(number, "failed", _one_line(errors[0]), tail)
        if not errors and expected and cell.execution_count is not None:
            return _Problem(number, "failed", f"the cell is tagged {RAISES} and raised nothing")
        # A cell can silence its own traceback; the kernel's reply still told papermill.
        if not errors and cell.metadata.get("papermill", {}).get("exception"):
            return _Problem(number, "failed", "the cell raised and showed no error")
    return None


def _one_line(error: Any) -> str:
    return re.sub(r"\s+", " ", plain_text(f"{error.ename}: {error.evalue}")).strip(": ")


def _quiet_papermill() -> None:
    # It logs each notebook's paths and warns of what we report in the table.
    logging.getLogger("papermill").setLevel(logging.CRITICAL)
