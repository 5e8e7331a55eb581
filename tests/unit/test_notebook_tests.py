"""Check cells of a notebook become tests that stand alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from notebooks import code, write_notebook
from rustcell.errors import OptionsError
from rustcell.projects import notebook_tests

BUILT = "%%rust_module m\nfn one() {}"
SOURCE = "fn one() {}"


def check(text: str) -> Any:
    return code(text, tags=("check",))


def found(folder: Path, *cells: Any, source: str = SOURCE) -> notebook_tests.TestFile:
    path = write_notebook(folder / "a.ipynb", *cells)
    return notebook_tests.tests_of(path, "m", source, ["one", "two"])


def test_a_check_becomes_a_function_with_its_texts_as_they_were(tmp_path):
    cell = 'text = """a\n b"""\nif m.one():\n\n    assert text == "a\\n b", f"""{text}\nc"""'
    made = found(tmp_path, code(BUILT), check(cell))
    assert made.text == (
        '"""From the check cells of a.ipynb."""\n\nimport m\n\n\n'
        'def test_cell_3():\n    text = """a\n b"""\n    if m.one():\n\n'
        '        assert text == "a\\n b", f"""{text}\nc"""\n'
    )
    assert made.cells == 1


def test_what_it_needs_of_other_cells_comes_along_and_nothing_else(tmp_path):
    made = found(
        tmp_path,
        code("import json, os\nimport sys as system\nfrom m import one\nLIMIT = 3; unused = 4"),
        code("%matplotlib inline\n@staticmethod\ndef helper():\n    return json.dumps(LIMIT)"),
        code(BUILT),
        check("assert one() == helper()"),
    )
    assert made.left_out == ()
    assert "import m\nfrom m import one\nimport json, os\n\n\n" in made.text
    assert "LIMIT = 3; unused = 4" in made.text
    assert "@staticmethod\ndef helper():\n    return json.dumps(LIMIT)\n" in made.text
    assert "system" not in made.text
    compile(made.text, "test", "exec")


def test_names_that_star_has_bound_are_imported(tmp_path):
    made = found(tmp_path, code(BUILT), check("assert two() == len([1, 2])"))
    assert "from m import two" in made.text
    assert made.cells == 1


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("assert m.one() == values", "cell 4 uses values of other cells"),
        ("%time m.one()", "cell 4 is not plain Python"),
        ("!ls m", "cell 4 is not plain Python"),
        ("from m import *\nassert one()", "cell 4 is not plain Python"),
        ("assert m.one(", "cell 4 is not plain Python"),
        ("await m.one()", "cell 4 is not plain Python"),
    ],
)
def test_what_cannot_stand_alone_is_left_out_with_the_reason(tmp_path, cell, reason):
    made = found(tmp_path, code("values = [n for n in range(3)]"), code(BUILT), check(cell))
    assert made.left_out == (reason,)
    assert made.text == notebook_tests.import_test("m", ["one", "two"]).text


def test_only_checks_of_this_module_and_this_build_count(tmp_path):
    made = found(
        tmp_path,
        code("%%rust_module m\nfn before() {}"),
        check("assert m.before()"),
        code(BUILT),
        code("assert m.untagged()"),
        check("assert 'm' == other.m"),
        check("assert m.one()"),
        code("%%rust_module --release m\nfn after() {}"),
        check("assert m.after()"),
    )
    assert (made.cells, made.left_out) == (1, ())
    assert "def test_cell_7" in made.text


def test_a_cell_that_was_not_saved_stands_for_the_last_one_of_its_module(tmp_path):
    cells = (code(BUILT), check("assert m.one()"), code(BUILT + "//"), check("assert m.two()"))
    made = found(tmp_path, *cells, source="fn newer() {}")
    assert "m.two()" in made.text
    assert "m.one()" not in made.text


def test_the_tests_of_an_exercise_are_taken_as_they_are(tmp_path):
    cell = "%%check ex_01_1\nimport m\n\ndef test_one():\n    assert m.one()"
    made = found(tmp_path, code(BUILT), check(cell))
    assert made.text.endswith("\n\n\nimport m\n\ndef test_one():\n    assert m.one()\n")


def test_without_checks_the_public_names_are_tested():
    made = notebook_tests.import_test("m", ["b", "a"])
    assert made.text.endswith('{\n        "a",\n        "b",\n    } <= set(dir(m))\n')
    assert "assert set() <=" in notebook_tests.import_test("m", []).text
    assert made.cells == 0


@pytest.mark.parametrize("text", ["", "[]", '{"cells": [{"cell_type": "code"}]}', "\0"])
def test_a_file_that_is_no_notebook_is_refused(tmp_path, text):
    path = tmp_path / "a.ipynb"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(OptionsError, match=r"a\.ipynb cannot be read as a notebook"):
        notebook_tests.tests_of(path, "m", "", [])
