"""Builds small notebooks in code, as fixtures for the course tools."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook


def code(source: str, *, printed: str = "", tags: tuple[str, ...] = ()) -> NotebookNode:
    """A code cell with the text that it is stored to have printed."""
    cell = new_code_cell(source)
    if tags:
        cell.metadata["tags"] = list(tags)
    if printed:
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=printed)]
    return cell


def write_notebook(path: Path, *cells: NotebookNode) -> Path:
    """Write a notebook of these cells, numbered as if they had run in order."""
    for count, cell in enumerate(cells, start=1):
        cell.id = f"cell-{count}"
        cell.execution_count = count
    notebook = new_notebook(cells=[new_markdown_cell("# A chapter", id="title"), *cells])
    # A kernelspec that no machine has: the kernel must be this interpreter's all the same.
    notebook.metadata["kernelspec"] = {
        "name": "of-another-machine",
        "display_name": "Other",
        "language": "python",
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.validate(notebook)
    nbformat.write(notebook, path)
    return path


# What a library writes as it goes down stays in the folder that the kernel was given for it.
DIES = """\
import os, pathlib
pathlib.Path(os.environ["RUSTCELL_LAST_WORDS"], "stderr").write_text("the last words\\n")
os.kill(os.getpid(), 11) if os.name != "nt" else os._exit(3)
"""

RUST = "%%rust_module area\nfn area() {}"
# A magic of the right name that does nothing.
FAKE = """\
def rust_module(line, cell):
    pass

get_ipython().register_magic_function(rust_module, "cell")
"""
