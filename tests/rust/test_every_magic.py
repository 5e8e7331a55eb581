"""Every magic once: by papermill, nbclient and nbval, with the same outputs.

tests/browser/test_every_magic.py does it in JupyterLab.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import papermill
import pytest
from IPython.core.interactiveshell import InteractiveShell
from nbclient import NotebookClient
from nbformat import NotebookNode

from every_magic import NOTEBOOK, compared, without_outputs
from rustcell.course.notebook import is_tagged
from rustcell.magics.module import load, unload

pytestmark = pytest.mark.rust

STORED = nbformat.read(NOTEBOOK, as_version=4)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the kernels be as a user's: pytest's own variables are none of theirs."""
    for name in [name for name in os.environ if name.startswith("PYTEST")]:
        monkeypatch.delenv(name)


def test_the_notebook_uses_every_rust_magic():
    shell = InteractiveShell()
    before = {kind: set(found) for kind, found in shell.magics_manager.magics.items()}
    load(shell)
    try:
        known = {
            f"{'%%' if kind == 'cell' else '%'}{name}"
            for kind, found in shell.magics_manager.magics.items()
            for name in set(found) - before[kind]
            if name.startswith("rust_")
        }
    finally:
        unload(shell)
    sources = "\n".join(cell.source for cell in STORED.cells)
    assert known
    assert set(re.findall(r"^%%?rust_\w+", sources, re.MULTILINE)) == known


def test_nbclient_stores_the_same():
    notebook = without_outputs()
    NotebookClient(notebook, kernel_name="python3", timeout=300).execute()
    assert compared(notebook) == compared(STORED)


def calm(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook without the cells that raise on purpose."""
    kept = [cell for cell in notebook.cells if not is_tagged(cell, "raises-exception")]
    return nbformat.from_dict({**notebook, "cells": kept})


def test_papermill_stores_the_same(tmp_path: Path):
    # papermill knows no tag for a cell that raises on purpose: it stops there.
    source, out = tmp_path / "every.ipynb", tmp_path / "out.ipynb"
    nbformat.write(calm(without_outputs()), source)
    papermill.execute_notebook(source, out, kernel_name="python3", progress_bar=False)
    assert compared(nbformat.read(out, as_version=4)) == compared(calm(STORED))


def test_strict_nbval_finds_the_same():
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "--nbval",
            "--current-env",
            "-q",
            "--noconftest",
            "-c",
            os.devnull,
            "-p",
            "no:cacheprovider",
            f"--rootdir={NOTEBOOK.parent}",
            str(NOTEBOOK),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    assert done.returncode == 0, done.stdout[-3000:]
