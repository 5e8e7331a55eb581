"""Judges an executed notebook: what is wrong with it first, if anything is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from nbformat import NotebookNode

from rustcell.course.client import MOST_OUTPUT
from rustcell.course.notebook import RAISES, code_cells, is_tagged
from rustcell.course.receipts import NO_RECEIPT
from rustcell.errors import plain_text

Verdict = Literal["passed", "failed", "timed out", "kernel died", "not run"]

# Of a long traceback or compiler text, so many lines from its beginning and from its end.
_SHOWN_LINES = 25


@dataclass(frozen=True)
class Problem:
    """What is wrong, in which code cell (counted from 1, None: in none) and in its own words."""

    cell: int | None
    verdict: Verdict
    error: str
    text: str = ""


def judge(notebook: NotebookNode, unproved: int | None, flooded: int | None) -> Problem | None:
    """Return the first thing wrong with an executed notebook.

    An error output is right in a cell tagged `raises-exception`, and demanded there; everywhere
    else it is a failure.

    Parameters
    ----------
    notebook:
        With the outputs of this run.
    unproved:
        The first Rust cell that left no receipt.
    flooded:
        The first cell that printed more than is kept.
    """
    for number, cell in enumerate(code_cells(notebook), start=1):
        problem = _of_cell(cell)
        if problem is None and number == unproved:
            problem = NO_RECEIPT
        if number == flooded:
            problem = f"the cell printed more than {MOST_OUTPUT // 1_000_000} MB"
        if problem is not None:
            return Problem(number, "failed", problem, _text(cell))
    return None


def _of_cell(cell: NotebookNode) -> str | None:
    errors = _errors(cell)
    expected = is_tagged(cell, RAISES)
    if errors and not expected:
        return _one_line(errors[0])
    if not errors and expected and cell.execution_count is not None:
        return f"the cell is tagged {RAISES} and raised nothing"
    # A cell can silence its own traceback; the kernel's reply still told papermill.
    if not errors and cell.metadata.get("papermill", {}).get("exception"):
        return "the cell raised and showed no error"
    return None


def _errors(cell: NotebookNode) -> list[NotebookNode]:
    return [output for output in cell.outputs if output.output_type == "error"]


def _text(cell: NotebookNode) -> str:
    """Return what the cell says of its error, without colours, cut in the middle if long."""
    told = ["\n".join(error.traceback) for error in _errors(cell)]
    # IPython writes to stderr, and raises nothing, when a magic is unknown.
    told += [o.text for o in cell.outputs if o.output_type == "stream" and o.name == "stderr"]
    lines = plain_text("\n".join(told)).strip().splitlines()
    left_out = len(lines) - 2 * _SHOWN_LINES
    if left_out > 1:
        lines[_SHOWN_LINES:-_SHOWN_LINES] = [f"[… {left_out} lines left out …]"]
    return "\n".join(lines)


def _one_line(error: Any) -> str:
    return re.sub(r"\s+", " ", plain_text(f"{error.ename}: {error.evalue}")).strip(": ")
