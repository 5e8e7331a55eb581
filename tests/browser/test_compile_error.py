"""A mistake in Rust, as the learner sees it, in the light and in the dark theme."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from nbformat import NotebookNode
from playwright.sync_api import expect

from lab import THEMES, Desk, NotebookPage
from reading import contrast

pytestmark = pytest.mark.browser

MISTAKE = """\
%%rust_module broken
use pyo3::prelude::*;

struct Point {
    x: f64,
}

#[pyfunction]
fn origin() -> Point {
    Point { x: 0.0 }
}
"""
MENDED = MISTAKE.replace("struct", "#[pyclass]\nstruct")
WARNED = """\
%%rust_module warned
use pyo3::prelude::*;

#[pyclass]
struct Account { balance: i64 }

#[pymethods]
impl Account {
    #[new]
    fn new(balance: i64) -> Self { Account { balance } }
}

#[pyfunction]
fn double(number: i64) -> i64 {
    let spare = 1;
    2 * number
}
"""


@pytest.fixture(scope="module")
def notebook(desk: Desk, notebook_of: Callable[..., NotebookNode]) -> NotebookPage:
    cells = ("%load_ext rustcell", MISTAKE, WARNED, "print(1)", MENDED, "broken.origin()")
    opened = desk.open(notebook_of(*cells), "mistake")
    for number in range(3):
        opened.run(number)
    return opened


def test_a_compile_error_is_coloured_and_names_the_cells_line_and_a_mend(
    notebook: NotebookPage, desk: Desk
) -> None:
    shown = notebook.output(1)

    expect(shown).to_contain_text("%%rust_module broken:9:16")
    expect(shown).to_contain_text(re.compile(r"Hint: .*#\[pyclass\]"))
    expect(shown).to_contain_text("BuildError: broken does not compile")
    error = shown.locator("span", has_text=re.compile(r"^error")).first
    assert error.evaluate("e => getComputedStyle(e).color") != shown.locator("pre").first.evaluate(
        "e => getComputedStyle(e).color"
    ), "the compiler's text has no colours"
    notebook.run(4)
    expect(notebook.run(5)).to_contain_text("broken.Point")


@pytest.mark.parametrize("theme", THEMES)
def test_all_texts_can_be_read_in_each_theme(
    notebook: NotebookPage, desk: Desk, theme: str
) -> None:
    desk.use_theme(f"JupyterLab {theme}")
    notebook.look_at(1)
    desk.picture(f"mistake-{theme}")
    notebook.look_at(2)
    desk.picture(f"warning-{theme}")

    for text in notebook.output(2).locator(".jp-RenderedHTML").locator("pre, b, span").all():
        assert contrast(text) >= 4.5, text.text_content()
    for text in notebook.output(1).locator("pre, span").all():
        assert contrast(text) >= 4.5, text.text_content()
    for text in notebook.output(2).locator("pre, span").all():
        assert contrast(text) >= 4.5, text.text_content()
    assert contrast(notebook.output(1).locator("pre").first) >= 7
