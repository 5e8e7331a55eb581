"""Rust in JupyterLab's editor: colours, switching, indentation, brackets, comments, folds."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from nbformat import NotebookNode
from playwright.sync_api import expect

from lab import Desk, NotebookPage

pytestmark = pytest.mark.browser

RUST = """\
%%rust_module tokens
use pyo3::prelude::*;

/* outer /* inner */ still a comment */
#[pyfunction]
fn first<'a>(text: &'a str) -> &'a str {
    let quote = '\\'';
    let words = "let it";
    let raw = r#"a "quoted" word"#; // let it be
    text.split(quote).next().unwrap_or(raw)
}
"""
PYTHON = """\
def first(text):
    return "fn", 1  # fn
"""
TIMED = '\n%%time\n%%rust_main shout\nfn main() { println!("it\'s"); }\n'
TOML = "%%rust_file tokens Cargo.toml\n[profile.dev]\nopt-level = 1 # one\n"
STUB = "%%rust_file tokens tokens.pyi\ndef first(text: str) -> str: ...  # a stub\n"
NOT_OURS = ("%%rust_modules x\nfn f() {}\n", "%%bash\n%%rust_module x\nfn f() {}\n")
NOTES = "%%rust_module in_prose\nlet us say fn\n"

# The element that draws the first `token` of the first line that contains `within`.
_STYLE = """(editor, [within, token]) => {
    const line = [...editor.querySelectorAll('.cm-line')].find(l => l.textContent.includes(within));
    const at = line.textContent.indexOf(within) + within.indexOf(token);
    const texts = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
    for (let seen = 0, text; (text = texts.nextNode()); seen += text.length) {
        if (at < seen + text.length) {
            const {color, fontWeight, fontStyle} = getComputedStyle(text.parentElement);
            return [color, fontWeight, fontStyle].join(' ');
        }
    }
}"""


def style(page: NotebookPage, number: int, within: str, token: str | None = None) -> str:
    """Return colour, weight and slant of a token in a cell's editor."""
    found = page.editor(number).evaluate(_STYLE, [within, token or within])
    return str(found)


@pytest.fixture(scope="module")
def notebook(desk: Desk, notebook_of: Callable[..., NotebookNode]) -> NotebookPage:
    made = notebook_of(RUST, PYTHON, TIMED, TOML, STUB, *NOT_OURS, "", NOTES)
    made.cells[8].cell_type = "markdown"
    for key in ("outputs", "execution_count"):
        del made.cells[8][key]
    made.cells[8].source = NOTES
    opened = desk.open(made, "language")
    opened.cells.first.locator(".rustcell-editor").wait_for()
    return opened


def test_the_body_is_rust(notebook: NotebookPage, desk: Desk) -> None:
    keyword, string, comment = (
        style(notebook, 1, "def"),
        style(notebook, 1, '"fn"'),
        style(notebook, 1, "# fn"),
    )
    plain = style(notebook, 1, "text")
    desk.picture("language")

    assert len({keyword, string, comment, plain}) == 4
    assert style(notebook, 0, "fn first", "fn") == keyword
    assert style(notebook, 0, "let quote", "let") == keyword
    assert style(notebook, 0, "'\\''") == string
    assert style(notebook, 0, '"let it"', "let") == string
    # A raw string has a colour of its own: the same within its quotes.
    raw = style(notebook, 0, 'r#"a "quoted" word"#', "quoted")
    assert raw == style(notebook, 0, 'r#"a') != comment
    assert style(notebook, 0, "// let it", "let") == comment
    assert style(notebook, 0, "inner */ still a comment", "still") == comment
    lifetime = style(notebook, 0, "<'a>", "'a")
    assert lifetime not in {string, comment}
    assert style(notebook, 0, "&'a str) ->", "str") not in {string, comment}
    assert style(notebook, 0, "#[pyfunction]", "pyfunction") not in {string, comment}
    assert style(notebook, 0, "#[pyfunction]", "#[") != comment


def test_the_magic_line_stays_as_it_is_elsewhere(notebook: NotebookPage) -> None:
    ours, other = style(notebook, 0, "%%rust_module", "rust"), style(notebook, 5, "%%rust", "rust")
    assert ours == other
    assert style(notebook, 0, "%%rust_module", "%") == style(notebook, 5, "%%rust", "%")


def test_magics_above_and_files_by_their_suffix(notebook: NotebookPage) -> None:
    keyword, comment = style(notebook, 1, "def"), style(notebook, 1, "# fn")

    assert style(notebook, 2, "fn main") == keyword
    assert style(notebook, 3, "# one") == comment
    assert style(notebook, 3, "[profile.dev]", "profile") != style(notebook, 1, "text")
    assert style(notebook, 4, "def") == keyword
    assert style(notebook, 4, "# a stub") == comment


def test_other_cells_are_left_alone(notebook: NotebookPage) -> None:
    keyword = style(notebook, 1, "def")

    for number in (5, 6):
        assert style(notebook, number, "fn f", "fn") != keyword
    assert notebook.cells.nth(1).locator(".rustcell-editor").count() == 0
    notebook.cells.nth(8).dblclick()
    expect(notebook.cells.nth(8).locator(".cm-content")).to_be_visible()
    assert notebook.cells.nth(8).locator(".rustcell-editor").count() == 0
    notebook.page.keyboard.press("Escape")


def test_a_cell_switches_while_the_magic_is_typed_and_removed(notebook: NotebookPage) -> None:
    keyboard, marked = notebook.page.keyboard, notebook.cells.nth(7).locator(".rustcell-editor")
    notebook.editor(7).click()
    keyboard.type("fn f() {}")
    keyboard.press("Control+Home")
    keyboard.press("Enter")
    keyboard.press("ArrowUp")
    keyboard.type("%%rust_mod")
    expect(marked).to_have_count(0)

    keyboard.type("ule")
    expect(marked).to_have_count(1)
    assert style(notebook, 7, "fn f", "fn") == style(notebook, 1, "def")
    keyboard.press("Backspace")
    expect(marked).to_have_count(0)
    keyboard.type("e")
    expect(marked).to_have_count(1)
    keyboard.press("Home")
    keyboard.press("Shift+End")
    keyboard.press("Delete")
    expect(marked).to_have_count(0)
    keyboard.press("Control+a")
    keyboard.press("Delete")


def text_of(notebook: NotebookPage, number: int) -> str:
    """Return a cell's text as its editor shows it."""
    lines = notebook.editor(number).locator(".cm-line").all_text_contents()
    return "\n".join(lines)


@pytest.fixture(scope="module")
def typed(
    notebook: NotebookPage, desk: Desk, notebook_of: Callable[..., NotebookNode]
) -> NotebookPage:
    """A notebook whose editors close brackets and fold."""
    codemirror = "@jupyterlab/codemirror-extension:plugin"
    desk.configure(codemirror, {"defaultConfig": {"autoClosingBrackets": True}})
    folding = {"codeCellConfig": {"codeFolding": True}}
    desk.configure("@jupyterlab/notebook-extension:tracker", folding)
    yield desk.open(notebook_of(RUST, "", PYTHON), "typed")
    desk.configure(codemirror, {})
    desk.configure("@jupyterlab/notebook-extension:tracker", {})


def test_typing_follows_rusts_rules(typed: NotebookPage, desk: Desk) -> None:
    keyboard = typed.page.keyboard
    typed.editor(1).click()
    for line in ("%%rust_module typed", "fn longest<'a>(x: &'a str) {", "if x.len() > 1 {"):
        keyboard.type(line)
        keyboard.press("Enter")
    keyboard.type("return")

    desk.picture("language-typed")
    assert text_of(typed, 1) == (
        "%%rust_module typed\nfn longest<'a>(x: &'a str) {\n    if x.len() > 1 {\n"
        "        return\n    }\n}"
    )


def test_a_closing_brace_goes_back_under_its_line(typed: NotebookPage) -> None:
    typed.editor(0).click()
    typed.page.keyboard.press("Control+End")
    typed.page.keyboard.type("mod inner {")
    typed.page.keyboard.press("Delete")
    typed.page.keyboard.press("Enter")
    assert text_of(typed, 0).endswith("mod inner {\n    ")
    typed.page.keyboard.type("}")
    assert text_of(typed, 0).endswith("mod inner {\n}")


def test_brackets_match_by_rusts_rules_and_comments_are_rusts(typed: NotebookPage) -> None:
    line = typed.editor(0).locator(".cm-line", has_text="text.split(quote)")
    line.click()
    typed.page.keyboard.press("End")
    expect(line.locator(".cm-matchingBracket")).to_have_count(2)

    typed.page.keyboard.press("Control+/")
    expect(line).to_have_text("    // text.split(quote).next().unwrap_or(raw)")
    typed.page.keyboard.press("Control+/")
    expect(line).to_have_text("    text.split(quote).next().unwrap_or(raw)")
    typed.editor(2).click()
    typed.page.keyboard.press("Control+/")
    expect(typed.editor(2)).to_contain_text("# ")


def test_a_function_folds(typed: NotebookPage, desk: Desk) -> None:
    typed.editor(0).locator(".cm-line", has_text="fn first").click()
    typed.choose("View")
    typed.page.get_by_text("Code Folding", exact=True).hover()
    typed.choose("Fold Current Region")

    expect(typed.editor(0).locator(".cm-foldPlaceholder")).to_have_count(1)
    desk.picture("language-folded")
    assert "let raw" not in text_of(typed, 0)


def test_the_page_reports_no_errors(desk: Desk) -> None:
    desk.assert_no_complaints()
