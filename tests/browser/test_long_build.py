"""The very first build of a learner: a bar while it lasts, nothing of it later, and a way out."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from nbformat import NotebookNode
from playwright.sync_api import Route, expect

from lab import BUILD, Desk, NotebookPage

pytestmark = pytest.mark.browser

COLD = """\
import os
os.environ["RUSTCELL_CACHE_DIR"] = {cache!r}
%load_ext rustcell"""
# The page loads what draws widgets with the first of them: this one ends before it is drawn.
BRIEF = """\
import time
from rustcell.notebook.progress import Progress, ProgressBar

with ProgressBar("brief", notebook=True) as bar:
    time.sleep(0.6)
    bar(Progress(1, 10, "pyo3"))"""
CELL = """\
%%rust_module first_ever
use pyo3::prelude::*;

#[pyfunction]
fn answer() -> i64 {
    42
}
"""


@pytest.fixture(scope="module")
def cold(
    desk: Desk,
    notebook_of: Callable[..., NotebookNode],
    tmp_path_factory: pytest.TempPathFactory,
) -> NotebookPage:
    """A notebook whose kernel begins with an empty cache."""
    source = COLD.format(cache=str(tmp_path_factory.mktemp("cold") / "cache"))
    cells = (source, CELL, "first_ever.answer()", "print('after')", BRIEF)
    opened = desk.open(notebook_of(*cells), "cold")
    opened.run(0)
    return opened


def test_a_bar_that_goes_before_it_is_drawn_is_no_error(cold: NotebookPage, desk: Desk) -> None:
    def late(route: Route) -> None:
        time.sleep(0.3)
        route.continue_()

    loading = re.compile("jupyterlab-manager/static")
    desk.page.route(loading, late)
    with desk.page.expect_response(loading):
        cold.run(4)
    desk.page.wait_for_load_state("networkidle")
    desk.page.unroute(loading)

    desk.assert_no_complaints()
    expect(cold.output(4)).to_have_text(re.compile(r"^\s*$"))


def test_the_stop_button_ends_a_cold_build_at_once(cold: NotebookPage, desk: Desk) -> None:
    bar = cold.output(1).get_by_role("progressbar")
    cold.start(1)
    expect(bar).to_be_visible(timeout=BUILD)

    cold.click_tool("Interrupt the kernel")
    begin = time.monotonic()
    cold.wait_for_end(1)

    assert time.monotonic() - begin < 2
    expect(cold.output(1)).to_have_text(re.compile(r"^\s*KeyboardInterrupt: stopped\.[^\n]*\s*$"))
    expect(bar).to_have_count(0)
    desk.picture("cold-build-interrupted")
    expect(cold.run(3)).to_have_text(re.compile("after"))


def test_a_cold_build_shows_a_bar_that_leaves_no_trace(cold: NotebookPage, desk: Desk) -> None:
    bar, shown = cold.output(1).get_by_role("progressbar"), cold.output(1)
    cold.start(1)

    expect(bar).to_be_visible(timeout=BUILD)
    words = re.compile(r"compiling pyo3[-\w]*, \d+ of about \d+ crates.*\d+ s")
    expect(shown).to_contain_text(words, timeout=BUILD)
    assert bar.get_attribute("aria-label") == "building first_ever"
    desk.picture("cold-build")
    cold.wait_for_end(1)

    expect(bar).to_have_count(0)
    expect(shown).to_have_text(re.compile(r"^\s*first_ever\s+debug\s+answer\(\)\s*$"))
    expect(cold.run(2)).to_contain_text("42")
    kept = cold.save()
    (output,) = kept.cells[1].outputs
    assert set(output.data) == {"text/plain", "text/html"}
    desk.picture("cold-build-done")


def test_the_page_reports_no_errors(desk: Desk) -> None:
    desk.assert_no_complaints()
