"""Notebook 7, which loads JupyterLab's extensions: Rust is Rust there, and errors are marked."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from nbformat import NotebookNode
from playwright.sync_api import expect

from lab import Desk, NotebookPage

pytestmark = pytest.mark.browser

CELL = """\
%%rust_module seven
use pyo3::prelude::*;

#[pyfunction]
fn first<'a>(text: &'a str) -> &'a str {
    vlaue // it's a typing error
}
"""
KEYWORD = "e => [getComputedStyle(e).color, getComputedStyle(e).fontWeight].join()"


@pytest.fixture(scope="module")
def notebook(desk: Desk, notebook_of: Callable[..., NotebookNode]) -> NotebookPage:
    made = notebook_of("%load_ext rustcell", CELL, "def first(): ...")
    return desk.open(made, "seven", view="notebooks")


def test_the_body_is_rust(notebook: NotebookPage) -> None:
    expect(notebook.cells.nth(1).locator(".rustcell-editor")).to_have_count(1)
    python = notebook.editor(2).locator("span", has_text="def").evaluate(KEYWORD)

    line = notebook.editor(1).locator(".cm-line", has_text="fn first")
    assert line.locator("span").first.evaluate(KEYWORD) == python
    body = notebook.editor(1).locator(".cm-line", has_text="vlaue")
    expect(body.locator("span").last).to_have_text("// it's a typing error")


def test_an_error_is_marked_and_explained(notebook: NotebookPage, desk: Desk) -> None:
    notebook.run(0)
    notebook.run(1)
    marks = notebook.cells.nth(1).locator(".cm-lintRange-error")

    expect(marks).to_have_text(["vlaue"])
    expect(notebook.cells.nth(1).locator(".cm-lint-marker-error")).to_have_count(1)
    marks.hover()
    expect(notebook.page.locator(".cm-tooltip-lint")).to_contain_text("cannot find value `vlaue`")
    desk.picture("notebook7")


def test_the_page_reports_no_errors(desk: Desk) -> None:
    # Both are Notebook's own, at times, while the page loads, with and without extensions:
    # https://github.com/jupyter/notebook/issues/7862, and its file browser asks for a command that
    # only JupyterLab has.
    desk.assert_no_complaints(
        "TypeError: Cannot read properties of undefined (reading 'schema')",
        "Error: Command 'filebrowser:open-path' not registered.",
    )
