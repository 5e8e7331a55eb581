"""The palette's commands, the button, the keyboard, and the export from the menu."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from nbformat import NotebookNode
from playwright.sync_api import expect

from lab import Desk, NotebookPage

pytestmark = pytest.mark.browser

CELL = """\
%%rust_module counted
use pyo3::prelude::*;

#[pyfunction]
fn number() -> i64 {
    7
}
"""


@pytest.fixture(scope="module")
def notebook(desk: Desk, notebook_of: Callable[..., NotebookNode]) -> NotebookPage:
    made = notebook_of("%load_ext rustcell", CELL, "before = id(counted)\ncounted.number()", "1")
    opened = desk.open(made, "commands")
    for number in range(3):
        opened.run(number)
    return opened


def command(notebook: NotebookPage, label: str) -> None:
    """Choose a command in the palette, for the cell that has the cursor."""
    notebook.page.keyboard.press("Control+Shift+c")
    notebook.page.locator(".lm-CommandPalette-input").fill(label)
    found = notebook.page.locator(".lm-CommandPalette-item", has_text=label).first
    found.click()


def close_answer(notebook: NotebookPage, title: str) -> None:
    notebook.page.get_by_role("tab", name=title).locator(".lm-TabBar-tabCloseIcon").click()


def test_the_generated_crate_is_shown_beside(notebook: NotebookPage, desk: Desk) -> None:
    notebook.editor(1).click()
    command(notebook, "Show Generated Crate")

    answer = notebook.page.locator(".rustcell-answer")
    expect(answer).to_contain_text("===== Cargo.toml =====")
    expect(answer).to_contain_text("fn number() -> i64")
    desk.picture("commands-crate")
    close_answer(notebook, "Generated crate")


def test_macros_are_expanded_beside(notebook: NotebookPage, desk: Desk) -> None:
    notebook.editor(1).click()
    command(notebook, "Expand Macros")

    answer = notebook.page.locator(".rustcell-answer")
    expect(answer).to_contain_text("number", timeout=60_000)
    desk.picture("commands-expanded")
    close_answer(notebook, "Expanded counted")


def test_building_again_gives_a_fresh_module_without_a_restart(notebook: NotebookPage) -> None:
    last = max(notebook.counts().values())
    notebook.editor(1).click()
    notebook.page.keyboard.press("Control+Alt+Enter")

    expect(notebook.prompt(1)).to_have_text(f"[{last + 1}]:", timeout=60_000)
    expect(notebook.output(1)).to_contain_text("number()")
    notebook.replace(3, "1", "before == id(counted)")
    expect(notebook.run(3)).to_contain_text("False")
    assert "--force" not in (notebook.editor(1).text_content() or "")


def test_an_explanation_is_asked_for(notebook: NotebookPage, desk: Desk) -> None:
    notebook.editor(1).click()
    command(notebook, "Explain the Compiler's Error")
    notebook.page.get_by_role("dialog").get_by_role("textbox").fill("E0382")
    notebook.page.keyboard.press("Enter")

    answer = notebook.page.locator(".rustcell-answer")
    expect(answer).to_contain_text("A variable was used after its contents have been moved")
    close_answer(notebook, "E0382")


@pytest.mark.parametrize("by", ["button", "keyboard"])
def test_a_new_rust_cell_is_ready_to_name_and_run(
    notebook: NotebookPage, desk: Desk, by: str
) -> None:
    notebook.editor(3).click()
    if by == "button":
        notebook.click_tool("New Rust Cell")
    else:
        notebook.page.keyboard.press("Control+Alt+r")
    expect(notebook.cells.nth(4).locator(".rustcell-editor")).to_have_count(1)

    notebook.page.keyboard.type(f"made_by_{by}")
    desk.picture("commands-new-cell")
    notebook.page.keyboard.press("Shift+Enter")
    notebook.wait_for_end(4)
    expect(notebook.output(4)).to_contain_text(f"made_by_{by}")
    expect(notebook.output(4)).to_contain_text("answer()")


def test_the_menus_export_colours_rust(notebook: NotebookPage) -> None:
    notebook.save()
    export = """async path => {
        const answer = await fetch(`/nbconvert/html/${path}?download=false`);
        const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
        const drawn = [...page.querySelectorAll('.highlight .k')].map(e => e.textContent);
        return {drawn, wrong: page.querySelectorAll('.highlight .err').length};
    }"""
    found = notebook.page.evaluate(export, "commands/commands.ipynb")

    assert {"rust_module", "use", "fn"} <= set(found["drawn"])
    assert found["wrong"] == 0


def test_the_page_reports_no_errors(desk: Desk) -> None:
    desk.assert_no_complaints()
