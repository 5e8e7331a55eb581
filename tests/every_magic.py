"""The notebook with every magic, and what of its outputs must be the same in every run."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat import NotebookNode

from rustcell.course.notebook import canonical, is_tagged

NOTEBOOK = Path(__file__).with_name("every_magic.ipynb")


def without_outputs() -> NotebookNode:
    """Return the notebook as a new user has it."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def compared(notebook: NotebookNode) -> list[tuple[str, list[object]]]:
    """Return each code cell with its outputs, but for those that tell of the machine.

    A traceback's text is not compared: nbval leaves it out too.
    """
    found = []
    for cell in canonical(notebook).cells:
        if cell.cell_type == "code" and not is_tagged(cell, "nbval-ignore-output"):
            outputs = [{**output, "traceback": None} for output in cell.outputs]
            found.append((cell.source, outputs))
    return found
