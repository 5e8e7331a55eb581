"""`rustcell run` and `check` on a course of four tiny notebooks with real Rust cells."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest

from command_line import rows, rustcell
from notebooks import FAKE
from rustcell.live.installed import installed

pytestmark = pytest.mark.rust

FIXTURE = Path(__file__).parents[1] / "fixture_course"
CHAPTERS = ("00_start", "01_shapes", "02_words", "03_numbers")


@pytest.fixture
def course(tmp_path):
    """A copy without its exercises: they have tests of their own."""
    shutil.copytree(FIXTURE / "notebooks", tmp_path / "notebooks")
    text = (FIXTURE / "course.toml").read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if not line.startswith("exercises")]
    (tmp_path / "course.toml").write_text("\n".join(kept), encoding="utf-8")
    return tmp_path


def chapter(course, name):
    return course / "notebooks" / f"{name}.ipynb"


def test_a_run_passes_stores_the_same_bytes_and_leaves_no_module(course):
    before = {name: chapter(course, name).read_bytes() for name in CHAPTERS}
    done = rustcell("run", "-j", "2", "--write", "--json", cwd=course)
    assert done.returncode == 0, done.stdout + done.stderr
    found = rustcell("run", "--since-change", "--json", cwd=course)
    assert {name: row["earlier"] for name, row in rows(found).items()} == dict.fromkeys(
        CHAPTERS, True
    )
    assert {name: chapter(course, name).read_bytes() for name in CHAPTERS} == before
    assert not {"doubles", "shapes", "words", "squares"} & {one.name for one in installed()}


def test_a_cold_check_passes_and_builds_everything(course):
    done = rustcell("check", "--cold", "-j", "2", cwd=course)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "19 passed" in done.stdout


def test_a_faked_magic_fails_though_all_outputs_are_as_stored(course):
    """The module is there, by other means: nbval alone would be content."""
    name = "00_start"
    notebook = nbformat.read(chapter(course, name), as_version=4)
    module = "doubles = __import__('types').SimpleNamespace(double=lambda number: number * 2)"
    notebook.cells[1].source = f"{FAKE}{module}"
    notebook.cells[2].outputs = []
    nbformat.write(notebook, chapter(course, name))

    checked = rustcell("check", name, cwd=course)
    assert checked.returncode == 1
    assert "1 failed, 3 passed" in checked.stdout
    assert "Cell 1: the cell left no receipt" in checked.stdout

    row = rows(rustcell("run", name, "--json", cwd=course))[name]
    assert (row["verdict"], row["failing_cell"]) == ("failed", 2)
    assert "no receipt" in row["error"]


def test_a_compile_error_is_told_with_cell_and_compiler_text(course):
    name = "02_words"
    notebook = nbformat.read(chapter(course, name), as_version=4)
    notebook.cells[3].source = notebook.cells[3].source.replace("times: usize", "times: &str")
    nbformat.write(notebook, chapter(course, name))
    done = rustcell("run", name, "--html", "r.html", cwd=course)
    assert done.returncode == 1
    assert "02_words, cell 3: BuildError" in done.stdout
    assert "error[E0308]" in done.stdout
    page = (course / "r.html").read_text(encoding="utf-8")
    assert "error[E0308]" in page
    assert "times: &amp;str" in page


def test_an_expected_failure_that_compiles_fails_its_chapter(course):
    name = "01_shapes"
    notebook = nbformat.read(chapter(course, name), as_version=4)
    notebook.cells[5].source = notebook.cells[5].source.replace('"wide"', "width * height")
    nbformat.write(notebook, chapter(course, name))
    row = rows(rustcell("run", name, "--json", cwd=course))[name]
    assert (row["verdict"], row["failing_cell"]) == ("failed", 5)
