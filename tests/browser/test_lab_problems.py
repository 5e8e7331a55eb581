"""What the compiler says, at its place in the editor: marks, hover, one-click mends, their end."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from nbformat import NotebookNode
from playwright.sync_api import Locator, expect

from lab import THEMES, Desk, NotebookPage
from reading import contrast, mark_contrast

pytestmark = pytest.mark.browser

MISTAKES = """\
%%rust_module mistakes
use pyo3::prelude::*;

#[pyfunction]
fn total(values: Vec<i64>) -> i64 {
    let mut sum = 0;
    for value in values { sum += vlaue; }
    let label = "<b>ü🦀</b>"; let wrong: i64 = "x";
    sum.lenght()
}
"""
# Each line is one cell: run in a Rust cell's stead, it answers as a broken kernel might.
BROKEN_KERNEL = """\
%load_ext rustcell
from IPython.core.magic import register_cell_magic

@register_cell_magic
def rust_test(line, cell):
    bad = "<img src=x onerror=window.hurt=1>"
    places = [([1, 1], [1, 3]), ([99, 99], [10**9, 10**9]), ([-5, 0], [2, -7]), ("a", None)]
    problems = [
        {"start": start, "end": end, "severity": bad, "message": bad, "code": "E0308; import os",
         "fixes": [{"title": bad, "edits": [{"start": start, "end": end, "text": "mended"}]}]}
        for start, end in places
    ]
    get_ipython().payload_manager.write_payload(
        {"source": "rustcell", "problems": [*problems, None, 7, {"fixes": "no"}]}
    )
"""


@pytest.fixture(scope="module")
def notebook(desk: Desk, notebook_of: Callable[..., NotebookNode]) -> NotebookPage:
    slow = "import time; time.sleep(3)"
    broken = (BROKEN_KERNEL, "%%rust_test\nfn f() {}")
    made = notebook_of("%load_ext rustcell", MISTAKES, *broken, slow)
    opened = desk.open(made, "problems")
    opened.run(0)
    opened.run(1)
    opened.look_at(1)
    return opened


def marks(notebook: NotebookPage, number: int, kind: str = "error") -> Locator:
    return notebook.cells.nth(number).locator(f".cm-lintRange-{kind}")


def gutter_marks(notebook: NotebookPage, number: int) -> Locator:
    return notebook.cells.nth(number).locator(".cm-lint-marker-error")


def test_the_compilers_places_are_underlined_and_marked_in_the_gutter(
    notebook: NotebookPage, desk: Desk
) -> None:
    expect(marks(notebook, 1)).to_have_text(["vlaue", '"x"', "lenght"])
    expect(marks(notebook, 1, "info")).to_have_text(["i64"])
    expect(gutter_marks(notebook, 1)).to_have_count(3)
    status = notebook.page.get_by_role("status").filter(has_text="problems in this Rust cell")
    expect(status).to_have_text(
        "3 problems in this Rust cell. "
        "Line 7: error[E0425]: cannot find value `vlaue` in this scope"
    )
    desk.picture("problems")


@pytest.mark.parametrize("theme", THEMES)
def test_hovering_shows_the_message_and_all_can_be_read(
    notebook: NotebookPage, desk: Desk, theme: str
) -> None:
    desk.use_theme(f"JupyterLab {theme}")
    marks(notebook, 1).nth(1).hover()
    tooltip = notebook.page.locator(".cm-tooltip-lint")

    expect(tooltip).to_contain_text("error[E0308]: mismatched types")
    expect(tooltip).to_contain_text("expected `i64`, found `&str`")
    desk.picture(f"problems-hover-{theme}")
    for text in tooltip.locator("span, button").all():
        assert contrast(text) >= 4.5, text.text_content()
    for text in notebook.editor(1).locator(".cm-line span").all():
        assert contrast(text) >= 4.5, text.text_content()
    for mark in (marks(notebook, 1), marks(notebook, 1, "info"), gutter_marks(notebook, 1)):
        assert mark_contrast(mark.first) >= 3
    for text in notebook.output(1).locator("pre, span").all():
        assert contrast(text) >= 4.5, text.text_content()


def test_the_list_is_reached_by_the_keyboard(notebook: NotebookPage, desk: Desk) -> None:
    notebook.editor(1).click()
    notebook.page.keyboard.press("Shift+F8")
    listed = notebook.cells.nth(1).get_by_role("listbox", name="Diagnostics")

    expect(listed).to_be_focused()
    expect(listed.get_by_role("option")).to_have_count(4)
    desk.picture("problems-list-dark")
    for text in listed.locator("span, button").all():
        assert contrast(text) >= 4.5, text.text_content()
    notebook.page.keyboard.press("Shift+F8")
    expect(listed).to_have_count(0)
    expect(notebook.editor(1)).to_be_focused()
    notebook.page.keyboard.press("F8")
    selected = notebook.page.evaluate("getSelection().toString()")
    assert selected == "vlaue"
    desk.use_theme("JupyterLab Light")


def test_the_explanation_opens_beside_the_notebook(notebook: NotebookPage, desk: Desk) -> None:
    marks(notebook, 1).first.hover()
    notebook.page.get_by_role("button", name="Explain E0425").click()

    answer = notebook.page.locator(".rustcell-answer")
    expect(answer).to_contain_text("An unresolved name was used", timeout=30_000)
    desk.picture("problems-explained")
    notebook.page.get_by_role("tab", name="E0425").locator(".lm-TabBar-tabCloseIcon").click()
    expect(answer).to_have_count(0)


def test_one_click_mends_and_an_edit_ends_a_lines_marks(notebook: NotebookPage) -> None:
    # A new line above moves the marks along.
    notebook.editor(1).locator(".cm-line", has_text="let mut sum").click()
    notebook.page.keyboard.press("End")
    notebook.page.keyboard.press("Enter")
    expect(marks(notebook, 1)).to_have_text(["vlaue", '"x"', "lenght"])

    marks(notebook, 1).first.hover()
    notebook.page.get_by_role("button", name="Try: a local variable").click()
    expect(notebook.editor(1)).to_contain_text("{ sum += value; }")
    expect(marks(notebook, 1)).to_have_text(['"x"', "lenght"])

    notebook.editor(1).locator(".cm-line", has_text="let label").click()
    notebook.page.keyboard.press("End")
    notebook.page.keyboard.type(" ")
    expect(marks(notebook, 1)).to_have_text(["lenght"])
    expect(marks(notebook, 1, "info")).to_have_count(0)

    notebook.run(1)
    expect(marks(notebook, 1)).to_have_text(['"x"', "lenght"])


def test_building_again_marks_as_a_run_does(notebook: NotebookPage) -> None:
    notebook.editor(1).locator(".cm-line", has_text="let label").click()
    notebook.page.keyboard.press("End")
    notebook.page.keyboard.press("Backspace")
    expect(marks(notebook, 1)).to_have_text(["lenght"])
    notebook.page.keyboard.press("Control+Alt+Enter")
    expect(marks(notebook, 1)).to_have_text(['"x"', "lenght"])


def test_a_text_that_was_edited_while_it_compiled_is_not_marked(notebook: NotebookPage) -> None:
    notebook.start(4)
    notebook.editor(1).click()
    notebook.page.keyboard.press("Control+Enter")
    expect(notebook.prompt(1)).to_have_text("[*]:")
    notebook.replace(1, "lenght", "length")
    notebook.wait_for_end(1)

    expect(notebook.output(1)).to_contain_text("no method named `lenght`")
    expect(marks(notebook, 1)).to_have_count(0)


def test_what_a_kernel_sends_is_text_and_stays_inside_the_cell(
    notebook: NotebookPage, desk: Desk
) -> None:
    notebook.run(2)
    notebook.run(3)
    cell = notebook.cells.nth(3)
    expect(marks(notebook, 3, "info").first).to_be_visible()

    marks(notebook, 3, "info").first.hover()
    tooltip = notebook.page.locator(".cm-tooltip-lint")
    expect(tooltip).to_contain_text("<img src=x onerror=window.hurt=1>")
    assert notebook.page.locator(".cm-tooltip-lint img").count() == 0
    assert tooltip.get_by_role("button", name="Explain").count() == 0
    desk.picture("problems-of-a-broken-kernel")
    notebook.page.mouse.move(0, 0)
    assert cell.locator(".cm-line").all_text_contents() == ["%%rust_test", "fn f() {}"]
    assert notebook.page.evaluate("window.hurt") is None
    desk.assert_no_complaints()
