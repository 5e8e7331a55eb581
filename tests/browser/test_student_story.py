"""A student's way through an exercise, in the browser: fail, take a hint, solve, look, reset."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from lab import THEMES, Desk, NotebookPage
from reading import contrast
from rustcell.course import working_copy

pytestmark = pytest.mark.browser

FIXTURE = Path(__file__).resolve().parents[1] / "fixture_course"
STARTER = 'todo!("multiply {width} and {height}")'
SOLUTION = "Ok(width * height)"


@pytest.fixture(scope="module")
def story(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> NotebookPage:
    """The exercise notebook of a fresh copy of the course, as `rustcell start` makes it."""
    home = desk.lab.folder / "story"
    working_copy.start(home, FIXTURE)
    path = home / "exercises" / "01_shapes.ipynb"
    notebook = nbformat.read(path, as_version=4)
    progress = tmp_path_factory.mktemp("student") / "progress.json"
    first = (
        f"import os\nos.environ['RUSTCELL_PROGRESS_FILE'] = {str(progress)!r}\n%load_ext rustcell"
    )
    for cell in notebook.cells:
        if cell.source == "%load_ext rustcell":
            cell.source = first
    for line in ("%hint ex_01_1", "%progress", "%reset_exercise ex_01_1"):
        notebook.cells.append(nbformat.v4.new_code_cell(line))
    nbformat.write(notebook, path)
    opened = NotebookPage(desk.page, desk.lab, path)
    opened.run(opened.holding("%load_ext"))
    return opened


def test_a_check_of_the_starter_fails_in_plain_words(story: NotebookPage, desk: Desk) -> None:
    answer, check = story.holding("%%rust_module field"), story.holding("%%check ex_01_1")
    story.run(answer)
    shown = story.run(check)

    expect(shown.get_by_role("region", name=re.compile("ex_01_1"))).to_contain_text(
        "ex_01_1: 4 of 4 tests fail"
    )
    expect(shown).to_contain_text("✗ FAILED a field of two by three")
    expect(shown).to_contain_text("not yet implemented: multiply")
    expect(shown).not_to_contain_text("Traceback")
    story.look_at(check)
    desk.picture("story-check-fails")


@pytest.mark.parametrize("theme", THEMES[::-1])
def test_a_failed_check_can_be_read(story: NotebookPage, desk: Desk, theme: str) -> None:
    desk.use_theme(f"JupyterLab {theme}")
    shown = story.output(story.holding("%%check ex_01_1"))
    desk.picture(f"story-check-{theme}")
    for text in shown.locator("b, li, p, pre, span, code").all():
        assert contrast(text) >= 4.5, text.text_content()


def test_a_hint_helps(story: NotebookPage, desk: Desk) -> None:
    hint = story.holding("%hint ex_01_1")
    shown = story.run(hint)

    expect(shown.locator("strong").first).to_have_text("Hint 1 of 3 for ex_01_1")
    expect(shown).to_contain_text("Which two things can come out")
    story.look_at(hint)
    desk.picture("story-hint")


def test_a_wrong_answer_shows_the_first_difference(story: NotebookPage, desk: Desk) -> None:
    answer, check = story.holding("%%rust_module field"), story.holding("%%check ex_01_1")
    story.replace(answer, STARTER, "Ok(width + height)")
    story.run(answer)
    shown = story.run(check)

    expect(shown).to_contain_text("assert 5.0 == 6.0")
    expect(shown).to_contain_text("✗ FAILED two negative sides are refused (hidden)")
    story.look_at(check)
    desk.picture("story-check-difference")


def test_the_solved_exercise_leads_on(story: NotebookPage, desk: Desk) -> None:
    answer, check = story.holding("%%rust_module field"), story.holding("%%check ex_01_1")
    guard = 'if width < 0.0 || height < 0.0 { return Err(PyValueError::new_err("negative")); }'
    story.replace(answer, "Ok(width + height)", f"{guard} {SOLUTION}")
    story.run(answer)
    shown = story.run(check)

    expect(shown).to_contain_text("ex_01_1 solved: all 4 tests pass, 2 points")
    story.look_at(check)
    desk.picture("story-solved")
    link = shown.get_by_role("link")
    expect(link).to_have_text("read Words")


def test_progress_shows_it_and_links_to_what_is_next(story: NotebookPage, desk: Desk) -> None:
    progress = story.holding("%progress")
    shown = story.run(progress)

    expect(shown).to_contain_text("1 of 2 exercises solved, 2 of 5 points")
    bar = shown.get_by_role("progressbar", name="points earned")
    assert (bar.get_attribute("max"), bar.get_attribute("value")) == ("5", "2")
    story.look_at(progress)
    desk.picture("story-progress")
    shown.get_by_role("link", name="Words").click()
    expect(desk.page.get_by_role("tab", name="02_words.ipynb")).to_be_visible(timeout=30_000)
    desk.picture("story-next-chapter")
    desk.page.get_by_role("tab", name="01_shapes.ipynb").click()


def test_a_reset_brings_the_first_text_back_and_keeps_the_answer(
    story: NotebookPage, desk: Desk
) -> None:
    reset = story.holding("%reset_exercise")
    shown = story.run(reset)

    expect(shown).to_contain_text("kept in ex_01_1_answer_1.txt")
    expect(story.editor(reset + 1)).to_contain_text(STARTER)
    kept = (story.path.parent / "ex_01_1_answer_1.txt").read_text()
    assert SOLUTION in kept
    story.look_at(reset)
    desk.picture("story-reset")
    story.run(reset + 1)
    expect(story.run(story.holding("%%check ex_01_1"))).to_contain_text("tests fail")
    expect(story.run(story.holding("%progress"))).to_contain_text("1 of 2 exercises solved")


def test_the_page_reports_no_errors(desk: Desk) -> None:
    desk.assert_no_complaints()
