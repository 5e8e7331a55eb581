"""How a failure is told: without addresses, paths and pytest's advice."""

from __future__ import annotations

import ast

import pytest

from rustcell.errors import CourseError
from rustcell.judge import Report, TestResult, examine
from rustcell.judge.explain import explain, scrub, title_of

SOURCE = """\
def test_it(values):
    assert [
        1,
        2,
    ] == values
    with open("x"):
        pass
    for value in values:
        if value:
            print()
            print()
            print()
        assert value, "each is true"
"""


def failure(*values: object):
    space: dict[str, object] = {"open": lambda _name: __import__("contextlib").nullcontext()}
    exec(compile(SOURCE, "tests", "exec"), space)
    with pytest.raises(AssertionError) as caught:
        space["test_it"](*values)
    return explain(caught.value, "tests", SOURCE, from_answer=False)


def test_the_whole_failing_statement_is_shown():
    assert failure([1]).difference.splitlines() == [
        "> assert [",
        ">     1,",
        ">     2,",
        "> ] == values",
    ]


def test_the_authors_words_are_the_message():
    said = "be two\n  or three\nassert 1 == 2\n  Use -v to get more diff"
    told = explain(AssertionError(said), "tests", SOURCE, from_answer=False)
    assert told.message == "be two or three"
    assert told.difference == "assert 1 == 2"


def test_without_words_of_the_author_the_message_gives_no_values_away():
    told = explain(AssertionError("assert 1 == 2"), "tests", SOURCE, from_answer=False)
    assert told.message == "not as expected"


def test_what_changes_from_run_to_run_is_taken_out():
    assert scrub("<Point object at 0x7f00AB> <function f at 0x1>") == "<Point object> f"
    assert scrub("<built-in function area> <function Point.x at 0x1>") == "area x"
    assert scrub("<built-in method startswith of str object at 0x7f>") == "startswith"


def test_long_texts_are_cut():
    many = "assert 1 == 2\n" + "\n".join("x" * 500 for _ in range(100))
    lines = explain(
        AssertionError(many), "tests", SOURCE, from_answer=False
    ).difference.splitlines()
    assert len(lines) <= 17
    assert max(map(len, lines)) <= 160


@pytest.mark.parametrize("error", [RuntimeError, AssertionError])
def test_a_message_of_many_kilobytes_is_cut(error):
    """A panic may quote the whole argument."""
    told = explain(error("x" * 800_000), "tests", SOURCE, from_answer=error is RuntimeError)
    assert len(told.message) < 450
    assert "xxx" in told.message


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("def test_an_empty_list(): pass", "an empty list"),
        ('def test_x():\n    """An empty list gives 0.\n\n    More."""', "An empty list gives 0"),
        ("def test(): pass", "test"),
    ],
)
def test_a_test_has_a_title(text, title):
    assert title_of(ast.parse(text).body[0]) == title


@pytest.mark.parametrize(
    ("visible", "hidden", "said"),
    [
        ("def test_a(:", "", r"the tests cannot be read as Python \(line 1\)"),
        ("def test_a(): pass", "x = (", r"the hidden tests cannot be read"),
        ("import math", "", "there is no test"),
        ("", "", "there is no test"),
        ("def test_a(): pass", "def test_a(): pass", "two tests have the name test_a"),
    ],
)
def test_tests_that_cannot_run_are_refused(visible, hidden, said):
    with pytest.raises(CourseError, match=said):
        examine([], {}, visible, hidden)


def test_points_are_earned_by_passing_everything():
    good, bad = TestResult("a", hidden=False, passed=True), TestResult("b", True, False)
    assert Report((good,), 3).earned == 3
    assert Report((good, bad), 3).earned == 0
    assert Report((good, bad), 3).to_json()["passed"] is False
