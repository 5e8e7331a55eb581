"""The course in the side bar, and notebooks from strangers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_output
from playwright.sync_api import Locator, expect

from lab import THEMES, Desk, NotebookPage
from reading import contrast
from rustcell.course import working_copy

pytestmark = pytest.mark.browser

FIXTURE = Path(__file__).resolve().parents[1] / "fixture_course"
DONE = {
    "format": 1,
    "chapters_read": ["00_start"],
    "exercises": {"ex_01_1": {"tries": 2, "hints": 0, "solved": True}},
}
HURT = "<img src=x onerror=window.hurt=1>"
CELL = "%%rust_module geometry\nfn wrong() -> i64 { true }"


@pytest.fixture(scope="module")
def course(desk: Desk) -> Locator:
    """The side bar of a student's copy of a course, one of its chapters with a hostile title."""
    root = desk.lab.folder / "course"
    working_copy.start(root, FIXTURE)
    last = root / "notebooks" / "03_numbers.ipynb"
    last.write_text(re.sub(r'"# [^"\\]*', json.dumps(f"# Numbers {HURT}")[:-1], last.read_text()))
    (desk.lab.folder.parent / "progress.json").write_text(json.dumps(DONE))
    NotebookPage(desk.page, desk.lab, root / "notebooks" / "00_start.ipynb")
    desk.page.get_by_role("tab", name="Course").click()
    return desk.page.get_by_role("navigation", name="Course")


def test_the_side_bar_tells_what_is_done_and_what_is_next(course: Locator, desk: Desk) -> None:
    expect(course.get_by_role("heading", name="A course for tests")).to_be_visible()
    expect(course).to_contain_text("2 of 4 chapters read, 1 of 2 exercises solved, 2 of 5 points")
    assert course.get_by_role("progressbar", name="progress").get_attribute("value") == "2"
    course.get_by_text("1 exercise, 1 solved").click()
    expect(course).to_contain_text("ex_01_1 — 2 points, solved")
    desk.picture("course")


@pytest.mark.parametrize("theme", THEMES[::-1])
def test_the_side_bar_can_be_read(course: Locator, desk: Desk, theme: str) -> None:
    desk.use_theme(f"JupyterLab {theme}")
    desk.picture(f"course-{theme}")
    for text in course.locator("h2, p, li, a, summary").all():
        assert contrast(text) >= 4.5, text.text_content()


def test_one_click_opens_a_notebook(course: Locator, desk: Desk) -> None:
    course.get_by_role("link", name="ex_01_1").click()
    tab = desk.page.get_by_role("tab", name="01_shapes.ipynb")
    expect(tab).to_have_attribute("aria-selected", "true")
    assert "/course/exercises/01_shapes.ipynb" in desk.page.url


def test_a_title_is_text(course: Locator, desk: Desk) -> None:
    expect(course).to_contain_text(f"Numbers {HURT}")
    assert course.locator("img").count() == 0
    assert desk.page.evaluate("window.hurt") is None


def test_a_folder_without_a_course_says_how_to_get_one(
    desk: Desk, notebook_of: Callable[..., NotebookNode]
) -> None:
    desk.open(notebook_of("1"), "elsewhere")
    panel = desk.page.get_by_role("navigation", name="Course")
    if not panel.is_visible():
        desk.page.get_by_role("tab", name="Course").click()
    expect(panel).to_contain_text("`rustcell start`")


def test_a_strangers_notebook_marks_runs_and_mends_nothing(
    desk: Desk, notebook_of: Callable[..., NotebookNode]
) -> None:
    problem = {
        "start": [2, 1],
        "end": [2, 5],
        "severity": "error",
        "message": HURT,
        "code": "E0308",
        "fixes": [{"title": "Apply", "edits": [{"start": [2, 1], "end": [2, 5], "text": HURT}]}],
    }
    payload = [{"source": "rustcell", "problems": [problem]}]
    made = notebook_of(CELL, "open('hurt', 'w')")
    made.metadata["rustcell"] = {"payload": payload}
    cell = made.cells[0]
    cell.execution_count = 1
    cell.metadata.update({"payload": payload, "trusted": True, "rustcell": payload[0]})
    failed = ["error[E0308]: mismatched types", " --> %%rust_module geometry:2:21", HURT]
    cell.outputs = [
        new_output(
            "error",
            ename="BuildError",
            evalue=HURT,
            traceback=failed,
        ),
        new_output(
            "display_data",
            {"application/vnd.rustcell+json": payload[0], "text/html": f"<b>shown</b>{HURT}"},
            metadata={"payload": payload},
        ),
    ]
    opened = desk.open(made, "hostile")
    opened.cells.first.locator(".rustcell-editor").wait_for()
    desk.picture("hostile")
    desk.page.wait_for_timeout(500)

    assert desk.page.locator(".cm-lintRange, .cm-lint-marker").count() == 0
    assert desk.page.locator(".rustcell-status").text_content() == ""
    assert desk.page.evaluate("window.hurt") is None
    assert not (opened.path.parent / "hurt").exists()
    assert opened.counts() == {0: 1}
    desk.page.keyboard.press("F8")
    assert opened.editor(0).locator(".cm-line").all_text_contents() == CELL.split("\n")


def test_the_page_reports_no_errors(desk: Desk) -> None:
    # The picture that the hostile notebook names is not there.
    desk.assert_no_complaints(
        "Failed to load resource: the server responded with a status of 404 (Not Found)"
    )
