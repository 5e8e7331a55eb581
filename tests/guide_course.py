"""A course of one chapter and one exercise that keeps every rule of the guide."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from rustcell.course import nav
from rustcell.course.exercise_source import parse
from rustcell.course.manifest import Course, load_course
from rustcell.course.notebook import save
from rustcell.course.release import released

MANIFEST = """\
# The order of reading.
title = "A small course"

[[part]]
name = "A"
title = "Beginnings"
chapters = ["02_shapes"]

[chapter.02_shapes]
minutes = 30
exercises = { ex_02_1 = 2 }
"""
RUST = """\
%%rust_module shapes_{n}
use pyo3::prelude::*;

#[pyfunction]
fn area(width: f64, height: f64) -> f64 {{
    width * height
}}"""
BROKEN = """\
%%rust_module broken --expect-error "expected `;`"
use pyo3::prelude::*;

#[pyfunction]
fn area(width: f64) -> f64 {
    let area = width * width
    area
}"""


def text(cell_id: str, source: str, *tags: str) -> NotebookNode:
    return new_markdown_cell(source, id=cell_id, metadata={"tags": list(tags)} if tags else {})


def code(cell_id: str, source: str, *tags: str) -> NotebookNode:
    return new_code_cell(source, id=cell_id, metadata={"tags": list(tags)} if tags else {})


def _chapter() -> NotebookNode:
    cells = [
        text("title", "# Shapes\n\nYou will measure what you draw. About 30 minutes."),
        text("objectives", "**You will be able to**\n\n- measure;\n- compare.", "objectives"),
    ]
    for n in range(1, 5):
        cells += [
            text(f"section-{n}", f"## Step {n}\n\n" + "Every word here counts once. " * 30),
            code(f"rust-{n}", RUST.format(n=n)),
            text(f"notice-{n}", "What to notice is this. " * 27 + "**Try it.** Change a number."),
            code(f"call-{n}", f"shapes_{n}.area(2.0, 3.0)"),
            code(f"check-{n}", f"assert shapes_{n}.area(2.0, 3.0) == 6.0", "check"),
        ]
    cells += [
        text("break-it", "### Break it on purpose\n\nA semicolon is missing."),
        code("broken", BROKEN),
        text("picture", "![A square beside a circle of the same width.](images/02_shapes.svg)"),
        text("recap", "## Recap\n\n- one\n- two\n- three", "recap"),
        text("questions", "## Check yourself\n\n" + _question(1) + _question(2)),
        text(
            "practice",
            "## Practice\n\n[The exercises](../exercises/02_shapes.ipynb)\n\n**Further reading**"
            "\n\n- [guide](https://pyo3.rs/)\n- [docs](https://docs.rs/pyo3/)",
        ),
    ]
    return new_notebook(cells=cells)


def _question(number: int) -> str:
    return f"<details><summary>{number}. Why?</summary>\n\nBecause.\n\n</details>\n\n"


def _exercises() -> NotebookNode:
    cells = [
        text(
            "title", "# Shapes: exercises\n\nFrom [the chapter](../../notebooks/02_shapes.ipynb)."
        ),
        code("load", "%load_ext rustcell"),
        text("story", "## ex_02_1 · Twice\n\n`twice(n: int) -> int`", "exercise"),
        code(
            "answer",
            "%%answer ex_02_1\ndef twice(n):\n    # BEGIN SOLUTION\n    return 2 * n\n"
            "    # END SOLUTION",
            "answer",
        ),
        code(
            "check",
            "%%check ex_02_1\ndef test_two():\n    assert twice(2) == 4\n\n\n"
            "# BEGIN HIDDEN TESTS\ndef test_zero():\n    assert twice(0) == 0\n\n\n"
            "# END HIDDEN TESTS",
            "check",
        ),
        *(text(f"hint-{n}", f"Hint {n}.", "hint") for n in (1, 2, 3)),
        text("why", "Two of them.", "explanation"),
    ]
    return new_notebook(cells=cells)


def _ran(notebook: NotebookNode) -> NotebookNode:
    codes = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for count, cell in enumerate(codes, start=1):
        cell.execution_count = count
    return notebook


def write_course(root: Path) -> Course:
    """Write the course and return it."""
    for folder in ("notebooks/images", "exercises/solutions/wrong/ex_02_1", "docs"):
        (root / folder).mkdir(parents=True)
    (root / "course.toml").write_text(MANIFEST, encoding="utf-8")
    (root / "README.md").write_text("# It\n\n<!-- chapters -->\n<!-- /chapters -->\n")
    (root / "notebooks/images/02_shapes.svg").write_text("<svg/>")
    for wrong in ("none", "one"):
        (root / f"exercises/solutions/wrong/ex_02_1/{wrong}.py").write_text("# Misconception: …\n")
    course = load_course(root)
    (chapter,) = course.chapters
    save(_ran(_chapter()), course.notebook(chapter))
    source = _ran(_exercises())
    save(source, course.solution_notebook(chapter))
    exercises = parse(source, "02_shapes.ipynb", chapter)
    save(released(source, exercises, for_class=False), course.exercise_notebook(chapter))
    nav.write(course)
    return course


def edit(path: Path, cell_id: str, **values: object) -> None:
    """Change a cell's source, tags or other field as an author does, and keep the file's form."""
    notebook = nbformat.read(path, as_version=4)
    (cell,) = (cell for cell in notebook.cells if cell.id == cell_id)
    for name, value in values.items():
        if name == "tags":
            cell.metadata["tags"] = value
        else:
            cell[name] = value
    save(notebook, path)
