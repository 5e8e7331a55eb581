"""Reading notebooks: what is refused, in words that name the cell, and what a cell is."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys

import pytest

from notebooks import code, write_notebook
from rustcell.course.notebook import cells_of, is_rust, read, title
from rustcell.course.write_back import write_back
from rustcell.errors import CourseError

CELL = {"cell_type": "code", "metadata": {}, "source": "1", "outputs": [], "execution_count": None}
V3_CELL = {"cell_type": "code", "input": "1", "language": "python", "metadata": {}, "outputs": []}


def version4(*cells, minor=5):
    return {"nbformat": 4, "nbformat_minor": minor, "metadata": {}, "cells": list(cells)}


VERSION_3 = {
    "nbformat": 3,
    "nbformat_minor": 0,
    "metadata": {"name": ""},
    "worksheets": [{"cells": [V3_CELL], "metadata": {}}],
}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"cells":\n [3,', "line 2"),
        ("", "line 1"),
        ("[1]", "it is JSON, and no notebook"),
        ('{"nbformat": "4"}', "it is JSON, and no notebook"),
        (json.dumps(version4(3)), "its cell 1 is none"),
        (json.dumps(version4({"id": "a", "cell_type": "code"})), "expected key: metadata"),
    ],
)
def test_a_file_that_is_no_notebook_is_refused_with_its_reason(tmp_path, text, said):
    path = tmp_path / "02_a.ipynb"
    path.write_text(text)
    with pytest.raises(CourseError) as caught:
        read(path)
    assert caught.value.message.startswith("02_a.ipynb cannot be read as a notebook")
    assert said in caught.value.message
    assert path.read_text() == text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (VERSION_3, "nbformat 3"),
        (version4(CELL, minor=4), "no id for its cell 1"),
        (version4(minor=4), "nbformat 4.4"),
        (version4({**CELL, "id": "a"}, CELL), "no id for its cell 2"),
        (
            version4({**CELL, "id": "a"}, {**CELL, "id": "b"}, {**CELL, "id": "a"}),
            "the id 'a' for both cells 1 and 3",
        ),
    ],
    ids=["nbformat 3", "4.4", "4.4, empty", "no id", "doubled id"],
)
def test_an_old_form_is_refused_and_the_mend_mends_it(tmp_path, content, said):
    path = tmp_path / "02_a.ipynb"
    path.write_text(json.dumps(content))
    with pytest.raises(CourseError) as caught:
        read(path)
    assert said in caught.value.message
    _, *command = shlex.split(caught.value.mend.removeprefix("Bring it up to date: "))
    subprocess.run([sys.executable, "-W", "ignore", *command], cwd=tmp_path, check=True)
    ids = [cell.id for cell in read(path).cells]
    assert len(set(ids)) == len(ids)


def test_title_and_cells(tmp_path):
    path = write_notebook(tmp_path / "00_a.ipynb", code("1"), code("2"))
    assert title(read(path)) == "A chapter"
    assert cells_of(path) == 2
    (tmp_path / "01_b.ipynb").write_text("{")
    assert cells_of(tmp_path / "01_b.ipynb") == 0


@pytest.mark.parametrize(
    ("source", "rust"),
    [
        ("%%rust_module a\nfn f() {}", True),
        ("\n%%time\n%%rust_test\nfn f() {}", True),
        ("%%rust_file a src/b.rs\n", True),
        ("print(1)\n%%rust_module a", False),
        ("%%check ex_01_1\n%%rust_module a", True),
        ("%rust_status", False),
        ("'''\n%%rust_module a\n'''", False),
    ],
)
def test_a_rust_cell_is_known_by_its_magics(source, rust):
    assert is_rust(code(source)) is rust


def test_write_back_leaves_a_chapter_when_only_what_may_differ_differs(tmp_path):
    def cells(number, address):
        shown = code("plot()", printed=f"{number}\n", tags=("nbval-ignore-output",))
        return shown, code("object()", printed=f"<object object at {address}>\n")

    chapter = write_notebook(tmp_path / "00_a.ipynb", *cells(1, "0x7f0000000001"))
    first = write_notebook(tmp_path / "out" / "00_a.ipynb", *cells(1, "0x7f0000000001"))
    assert write_back(first, chapter)  # the canonical form
    stored = chapter.read_bytes()
    again = write_notebook(tmp_path / "out" / "00_a.ipynb", *cells(2, "0x7f0000000002"))
    assert not write_back(again, chapter)
    assert chapter.read_bytes() == stored
    other = write_notebook(tmp_path / "out" / "00_a.ipynb", *cells(3, "0x7f0000000003"), code("1"))
    assert write_back(other, chapter)
    assert b'"3\\n"' in chapter.read_bytes()
