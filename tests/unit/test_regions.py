"""The marked regions of exercises: what is released, what solves, what is refused."""

from __future__ import annotations

import pytest

from rustcell.course.regions import (
    answered,
    refuse_markers,
    released,
    solution_regions,
    solved,
    split_hidden,
)
from rustcell.errors import CourseError

RUST = """\
%%rust_module geometry
fn area(width: f64, height: f64) -> f64 {
    // BEGIN SOLUTION
    width * height
    // END SOLUTION
}"""


def test_a_stub_takes_the_regions_place_at_its_indentation():
    assert released(RUST, "rust") == (
        "%%rust_module geometry\n"
        "fn area(width: f64, height: f64) -> f64 {\n"
        '    todo!("your code here")\n'
        "}"
    )


def test_between_items_a_stub_is_a_comment_because_rust_takes_no_macro_for_an_item():
    source = "%%rust_module m\n// BEGIN SOLUTION\nfn a() {}\n// END SOLUTION"
    assert released(source, "rust") == "%%rust_module m\n// your code here"


@pytest.mark.parametrize(
    ("language", "stub"),
    [("python", 'raise NotImplementedError("your code here")'), ("other", "# your code here")],
)
def test_the_stub_fits_the_language(language, stub):
    source = "first\n  # BEGIN SOLUTION\n  a = 1\n  # END SOLUTION\nlast"
    assert released(source, language) == f"first\n  {stub}\nlast"


def test_a_starter_loses_its_marks_and_keeps_its_own_indentation():
    source = """\
    // BEGIN SOLUTION
    a + b
    // STARTER
    // if a {
    //     todo!()
    //
    // /// a comment stays one
    // END SOLUTION"""
    assert released(source, "rust") == (
        "    if a {\n        todo!()\n\n    /// a comment stays one"
    )
    assert solved(source) == "    a + b"


def test_an_empty_starter_leaves_nothing():
    source = "a\n# BEGIN SOLUTION\nb\n# STARTER\n# END SOLUTION\nc"
    assert released(source, "python") == "a\nc"


def test_every_region_of_a_cell_is_replaced():
    source = "a\n// BEGIN SOLUTION\nb\n// END SOLUTION\nc\n  // BEGIN SOLUTION\n  // END SOLUTION"
    assert released(source, "rust") == 'a\n// your code here\nc\n  todo!("your code here")'
    assert solved(source) == "a\nb\nc"


def test_a_wrong_solution_takes_the_regions_place_at_its_indentation():
    assert answered(RUST, "\n  if true {\n\n      1.0\n  }\n\n") == (
        "%%rust_module geometry\n"
        "fn area(width: f64, height: f64) -> f64 {\n"
        "    if true {\n\n        1.0\n    }\n"
        "}"
    )


def test_one_text_cannot_take_the_place_of_two_regions():
    two = "# BEGIN SOLUTION\na\n# END SOLUTION\n" * 2
    with pytest.raises(CourseError, match="several"):
        answered(two, "b")


def test_regions_know_their_lines():
    (region,) = solution_regions(RUST)
    assert (region.first, region.last) == (3, 5)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("a\n// BEGIN SOLUTION\nb", "line 2: BEGIN SOLUTION without END SOLUTION"),
        ("a\n// END SOLUTION", "line 2: END SOLUTION without BEGIN SOLUTION"),
        ("// STARTER", "line 1: STARTER without BEGIN SOLUTION"),
        (
            "# BEGIN SOLUTION\n# BEGIN SOLUTION\n# END SOLUTION",
            "line 2: a region begins inside that of line 1",
        ),
        (
            "# BEGIN SOLUTION\n# STARTER\n# STARTER\n# END SOLUTION",
            "line 3: a region has a second STARTER",
        ),
        (
            "# BEGIN SOLUTION\n# STARTER\na = 1\n# END SOLUTION",
            "line 3: a starter's line does not begin with #",
        ),
        ("# BEGIN HIDDEN TESTS", "line 1: BEGIN HIDDEN TESTS stands outside of a check cell"),
        ("### BEGIN SOLUTION", "line 1: '### BEGIN SOLUTION' is not written as a marker"),
        ("//BEGIN SOLUTION", "line 1: '//BEGIN SOLUTION' is not written as a marker"),
        ("# begin solution", "line 1: '# begin solution' is not written as a marker"),
        ("a\n// END SOLUTION.", "line 2: '// END SOLUTION.' is not written as a marker"),
        (
            "# BEGIN SOLUTION\n# starter:\n# END SOLUTION",
            "line 2: '# starter:' is not written as a marker",
        ),
    ],
)
def test_what_is_wrong_with_regions_is_said_with_its_line(source, said):
    with pytest.raises(CourseError) as refused:
        solution_regions(source)
    assert refused.value.message == f"{said}."
    assert refused.value.mend


def test_prose_about_solutions_is_no_marker():
    assert solution_regions("# Starter\n# the beginning of a solution\nx = 'BEGIN SOLUTION'") == []


def test_hidden_tests_are_split_from_the_visible_ones():
    source = """\
import a
def test_a(): pass
# BEGIN HIDDEN TESTS
def test_b(): pass
# END HIDDEN TESTS
def test_c(): pass
# BEGIN HIDDEN TESTS
def test_d(): pass
# END HIDDEN TESTS
"""
    visible, hidden = split_hidden(source)
    assert visible == "import a\ndef test_a(): pass\ndef test_c(): pass"
    assert hidden == "def test_b(): pass\ndef test_d(): pass"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("# BEGIN HIDDEN TESTS\na", "line 1: BEGIN HIDDEN TESTS without END HIDDEN TESTS"),
        ("a\n# END HIDDEN TESTS", "line 2: END HIDDEN TESTS without BEGIN HIDDEN TESTS"),
        (
            "# BEGIN HIDDEN TESTS\n# BEGIN HIDDEN TESTS\n# END HIDDEN TESTS",
            "line 2: a region begins inside that of line 1",
        ),
        ("# BEGIN SOLUTION", "line 1: BEGIN SOLUTION stands in a check cell"),
        ("# BEGIN HIDDEN TEST", "line 1: '# BEGIN HIDDEN TEST' is not written as a marker"),
    ],
)
def test_what_is_wrong_with_hidden_tests_is_said_with_its_line(source, said):
    with pytest.raises(CourseError) as refused:
        split_hidden(source)
    assert refused.value.message == f"{said}."


@pytest.mark.parametrize("marker", ["# BEGIN SOLUTION", "// END SOLUTION", "# BEGIN HIDDEN TESTS"])
def test_a_locked_cell_has_no_regions(marker):
    refuse_markers("## Starter\nplain text")
    with pytest.raises(CourseError, match=r"line 2: .* stands in a cell that students can't"):
        refuse_markers(f"a\n{marker}\n")
