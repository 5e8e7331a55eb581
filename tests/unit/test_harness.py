"""What libtest and rustdoc print, read back as results."""

from __future__ import annotations

import pytest

from rustcell.programs import doc_tests
from rustcell.programs.harness import Output, TestResult, read

PRINTED = """
running 6 tests
test a_ok ... test b_fails ... okok
test b_fails ... FAILED
test c_ignored ... ignored, takes long
test d_ignored ... ignored
test e - should panic ... ok
test tests::f ... 7
test e - should panic ... ok
FAILED

failures:

---- b_fails stdout ----
before

thread 'b_fails' (30929) panicked at src/lib.rs:35:68:
assertion `left == right` failed: why
  left: 2
 right: 3
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace

---- tests::f stdout ----
Error: "bad"


failures:
    b_fails
    tests::f

test result: FAILED. 2 passed; 2 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.00s
"""
NAMES = ["a_ok", "b_fails", "c_ignored", "d_ignored", "e", "tests::f"]


def by_name(results):
    return {result.name: result for result in results}


def test_each_test_has_its_result_though_tests_print_what_libtest_prints():
    results = read(PRINTED, NAMES)
    assert [result.name for result in results] == NAMES
    words = [result.status for result in results]
    assert words == ["passed", "failed", "ignored", "ignored", "passed", "failed"]


def test_failed_tests_have_their_own_text():
    results = by_name(read(PRINTED, NAMES))
    assert results["b_fails"].text.startswith("before\n\nthread 'b_fails' panicked at src/lib.rs:")
    assert results["b_fails"].text.endswith("run with `--backtrace` to display a backtrace")
    assert results["tests::f"].text == '7\ntest e - should panic ... ok\nError: "bad"'
    assert results["c_ignored"].text == "takes long"


@pytest.mark.parametrize(
    "end", ["test b_fails ... ", "test b_fails ... half a li", "test b_fails ... FAIL"]
)
def test_the_results_stop_at_the_test_that_ended_the_process(end):
    printed = PRINTED[: PRINTED.index("test b_fails ... FAILED")] + end
    assert read(printed, NAMES) == [TestResult("a_ok", "passed", "test b_fails ... ok")]


def test_a_report_cut_short_keeps_what_is_there():
    printed = PRINTED[: PRINTED.index("  left: 2")]
    assert "assertion" in by_name(read(printed, NAMES))["b_fails"].text


DOC = """
running 5 tests
test src/lib.rs - (line 1) ... FAILED
test src/lib.rs - add (line 11) ... FAILED
test src/lib.rs - add (line 18) - compile fail ... ok
test src/lib.rs - add (line 24) ... ignored
test src/lib.rs - Add::add (line 7) ... ok

failures:

---- src/lib.rs - (line 1) stdout ----
Test executable failed (exit status: 101).

stderr:

thread 'main' (30981) panicked at src/lib.rs:5:1:
assertion failed


---- src/lib.rs - add (line 11) stdout ----
error[E0308]: mismatched types
Couldn't compile the test.

failures:
    src/lib.rs - (line 1)

test result: FAILED. 2 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 1.21s
"""


def test_examples_come_in_the_order_of_the_source():
    results = doc_tests.read(Output(stdout=DOC))
    assert [(r.name, r.line, r.status) for r in results] == [
        ("crate (line 1)", 1, "failed"),
        ("Add::add (line 7)", 7, "passed"),
        ("add (line 11)", 11, "failed"),
        ("add (line 18)", 18, "passed"),
        ("add (line 24)", 24, "ignored"),
    ]


def test_an_example_that_panics_names_its_own_line():
    first = doc_tests.read(Output(stdout=DOC))[0]
    assert first.text == "thread 'main' panicked at src/lib.rs:1:1:\nassertion failed"


def test_an_example_that_does_not_end_is_told():
    printed = "\nrunning 1 test\ntest src/lib.rs - add (line 3) ... "
    assert [r.status for r in doc_tests.read(Output(stdout=printed))] == ["timed out"]
