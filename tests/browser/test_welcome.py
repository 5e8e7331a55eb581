"""The first chapter as a new user meets it: run all, edit a Rust cell, run it, call it."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from lab import Desk, NotebookPage

pytestmark = pytest.mark.browser
WELCOME = Path(__file__).resolve().parents[2] / "notebooks" / "00_welcome.ipynb"
COURSE = """title = "A course"
[[part]]
name = "A"
title = "Functions"
chapters = ["00_welcome"]
[chapter.00_welcome]
minutes = 30
"""


@pytest.fixture(scope="module")
def welcome(desk: Desk) -> NotebookPage:
    """The chapter, open in the browser, with all its cells run."""
    chapter = nbformat.read(WELCOME, as_version=4)
    for cell in chapter.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    opened = desk.open(chapter, "welcome", WELCOME.with_name("images"))
    # Its last cell notes in the student's progress that it was read: that takes a course.
    course = desk.lab.folder / "welcome"
    (course / "notebooks").mkdir()
    shutil.copy(WELCOME, course / "notebooks")
    (course / "course.toml").write_text(COURSE, encoding="utf-8")
    opened.choose("Run", "Run All Cells")
    return opened


def test_run_all_runs_every_cell_without_an_error(welcome: NotebookPage, desk: Desk) -> None:
    code = [n for n, cell in enumerate(welcome.saved().cells) if cell.cell_type == "code"]
    welcome.wait_for_end(code[-1])

    stored = welcome.save().cells
    assert [stored[n].execution_count for n in code] == list(range(1, len(code) + 1))
    wrong = [o for n in code for o in stored[n].outputs if o.output_type == "error"]
    assert not wrong
    rust = welcome.holding("%%rust_module hello")
    expect(welcome.output(rust)).to_contain_text("greet(name)")
    expect(welcome.output(welcome.holding('hello.greet("Ada")'))).to_contain_text("Hello, Ada!")
    welcome.look_at(rust)
    desk.picture("welcome-run-all")
    for name in ("price", "shelf", "race", "import base64", "import re"):
        welcome.look_at(welcome.holding(name if " " in name else f"%%rust_module {name}"))
        desk.picture(f"welcome-{name.replace(' ', '-')}")


def test_an_edited_rust_cell_answers_anew_without_a_restart(
    welcome: NotebookPage, desk: Desk
) -> None:
    rust, call = welcome.holding("%%rust_module hello"), welcome.holding('hello.greet("Ada")')
    last = max(welcome.counts().values())
    welcome.look_at(rust)
    welcome.replace(rust, "Hello", "Ahoy")

    welcome.run(rust)
    expect(welcome.run(call)).to_contain_text("Ahoy, Ada!")

    counts = welcome.counts()
    assert (counts[rust], counts[call]) == (last + 1, last + 2), "the kernel was restarted"
    desk.picture("welcome-edited")


def test_the_page_reports_no_errors(welcome: NotebookPage, desk: Desk) -> None:
    desk.assert_no_complaints()
