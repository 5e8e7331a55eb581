"""Executes one notebook with papermill and judges what came of it."""

from __future__ import annotations

import contextlib
import logging
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.engines import NotebookExecutionManager
from papermill.inspection import inspect_notebook
from papermill.iorw import load_notebook_node, write_ipynb
from papermill.parameterize import parameterize_notebook

from rustcell.course.client import BoundedClient, Counter, OnCell
from rustcell.course.notebook import code_cells, read
from rustcell.course.own_kernel import KERNEL_NAME, last_words, launch_options
from rustcell.course.receipts import VARIABLE, first_unproved, read_receipts
from rustcell.course.verdict import Problem, Verdict, judge
from rustcell.errors import RustcellError

_RECEIPTS = "receipts.jsonl"


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
    surroundings:
        In words, what beside the notebook can change how it runs; only compared.
    """

    path: Path
    out: Path
    parameters: Mapping[str, object] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    cell_timeout: int = 300
    surroundings: str = ""


@dataclass(frozen=True)
class ChapterResult:
    """What came of a chapter. Cells are code cells, counted from 1 as in the stored notebook.

    Parameters
    ----------
    error, text, source:
        Of the failing cell: what is wrong in one line, what it printed of it, and its own text.
    files:
        What its Rust cells read outside their crates: sha256 by path.
    earlier:
        Whether it passed in an earlier run and was not executed again.
    """

    chapter: str
    verdict: Verdict
    cells: int = 0
    done: int = 0
    seconds: float = 0.0
    failing_cell: int | None = None
    error: str = ""
    text: str = ""
    source: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    earlier: bool = False

    @property
    def passed(self) -> bool:
        return self.verdict == "passed"

    def to_json(self) -> dict[str, object]:
        """Return the fields as JSON values."""
        return {**asdict(self), "seconds": round(self.seconds, 2)}


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
    counter = Counter(notebook, on_cell)
    words = Path(tempfile.mkdtemp(dir=scratch))
    problem = _run(notebook, job, counter, words)
    try:
        write_ipynb(notebook, str(job.out))
    except OSError as error:
        problem = problem or Problem(None, "not run", f"its copy was not kept: {error.strerror}")
    total = counter.cells
    seconds = time.monotonic() - begin
    if problem is None:
        receipts = read_receipts(words / _RECEIPTS)
        files = {path: digest for receipt in receipts for path, digest in receipt.files.items()}
        return ChapterResult(chapter, "passed", total, total, seconds, files=files)
    return ChapterResult(
        chapter,
        problem.verdict,
        total,
        max((problem.cell or counter.current) - 1, 0),
        seconds,
        problem.cell,
        problem.error,
        problem.text,
        code_cells(notebook)[problem.cell - 1].source if problem.cell else "",
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


def _run(notebook: NotebookNode, job: Job, counter: Counter, words: Path) -> Problem | None:
    """Execute the cells in place; return the first thing that is wrong with them.

    These are papermill's own steps without its last one, which takes every error output for a
    failure, also in cells tagged `raises-exception` (`papermill.execute_notebook`).
    """
    manager = NotebookExecutionManager(notebook, str(job.out), progress_bar=False)
    client = BoundedClient(manager, counter, job.cell_timeout, words)
    environment = {**job.environment, VARIABLE: str(words / _RECEIPTS)}
    options = launch_options(words, environment, job.path.parent)
    try:
        manager.notebook_start()
        # We made the kernel manager, so nbclient would leave its kernel running.
        client.execute(cleanup_kc=True, **options)
    except CellTimeoutError:
        error = f"cell {counter.current} took longer than {job.cell_timeout} s"
        return Problem(counter.current, "timed out", error, last_words(words))
    except DeadKernelError:
        error = f"the kernel died in cell {counter.current}"
        return Problem(counter.current, "kernel died", error, last_words(words))
    # A kernel that cannot start, a full disk: the chapter still gets its row.
    except Exception as error:  # noqa: BLE001
        reason = f"{type(error).__name__}: {error}"
        return Problem(counter.current or None, "not run", reason, last_words(words))
    finally:
        with contextlib.suppress(OSError):
            options["stdout"].close()
        with contextlib.suppress(OSError):  # `execute` writes the copy once more and tells
            manager.notebook_complete()
    receipts = read_receipts(words / _RECEIPTS)
    return judge(notebook, first_unproved(notebook, receipts), client.flooded)


def _quiet_papermill() -> None:
    # It logs each notebook's paths and warns of what we report in the table.
    logging.getLogger("papermill").setLevel(logging.CRITICAL)
