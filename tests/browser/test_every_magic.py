"""Every magic once, in JupyterLab: what it stores is what papermill and nbclient store."""

from __future__ import annotations

import nbformat
import pytest

from every_magic import NOTEBOOK, compared, without_outputs
from lab import Desk

pytestmark = pytest.mark.browser


def test_jupyterlab_stores_the_same(desk: Desk) -> None:
    page = desk.open(without_outputs(), "every_magic")
    code = [n for n, cell in enumerate(page.saved().cells) if cell.cell_type == "code"]
    page.choose("Run", "Run All Cells")
    page.wait_for_end(code[-1])
    stored = nbformat.read(NOTEBOOK, as_version=4)
    assert compared(page.save()) == compared(stored)
    desk.assert_no_complaints()
