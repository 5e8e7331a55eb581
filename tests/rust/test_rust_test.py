"""`%%rust_test` in a real kernel: what becomes of each test, and what the cell makes of it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from kernels import CellResult, Kernel, kernel

pytestmark = pytest.mark.rust


@pytest.fixture(scope="module")
def user() -> Iterator[Kernel]:
    with kernel() as running:
        yield running


def went_well(running: Kernel, cell: str) -> CellResult:
    result = running.run(cell, timeout=300)
    assert result.ok, result.text
    return result


def failed(running: Kernel, cell: str, message: str, kind: str = "FailedTestsError") -> CellResult:
    result = running.run(cell, timeout=300)
    assert (result.ename, result.evalue) == (kind, message), result.text
    assert "What to do:" in result.text
    return result


def table(result: CellResult) -> list[str]:
    """Return the lines of the table's text twin."""
    (shown,) = result.shown
    assert set(shown) == {"text/plain", "text/html"}
    return str(shown["text/plain"]).splitlines()


MANY = """\
%%rust_test
fn double(n: i32) -> i32 {
    n * 2
}

#[test]
fn wraps() {
    println!("printed by wraps");
    assert_eq!(double(4), 9, "doubling {}", 4);
}

#[test]
fn adds() {
    println!("printed by adds");
    assert_eq!(double(4), 8);
}

#[test]
#[ignore = "takes an hour"]
fn slow() {}

#[test]
fn gives_an_error() -> Result<(), String> {
    Err("no such shape".into())
}

#[test]
#[should_panic(expected = "by zero")]
fn divides() {
    let zero = std::hint::black_box(0);
    let _ = 1 / zero;
}

#[test]
#[should_panic]
fn does_not_panic() {}

#[test]
fn panics_in_a_thread() {
    std::thread::spawn(|| panic!("in the thread")).join().expect("a result");
}
"""


def test_the_table_says_what_became_of_each_in_the_order_of_the_cell(user):
    result = failed(
        user,
        MANY,
        "4 of 7 tests failed: wraps, gives_an_error, does_not_panic, panics_in_a_thread",
    )
    assert table(result) == [
        "cell: 2 passed, 4 failed, 1 ignored",
        (
            "  ✗ wraps               failed   "
            "line 9: assertion `left == right` failed: doubling 4; left: 8; right: 9"
        ),
        "  ✓ adds                passed",
        "  – slow                ignored  takes an hour",
        '  ✗ gives_an_error      failed   Error: "no such shape"',
        "  ✓ divides             passed",
        "  ✗ does_not_panic      failed   test did not panic as expected at %%rust_test cell:36:4",
        "  ✗ panics_in_a_thread  failed   line 40: a result: Any { .. }",
    ]
    assert "---- wraps ----\nprinted by wraps\n\nthread 'wraps' panicked at" in result.text
    assert "printed by adds" not in result.text


def test_two_runs_show_the_same(user):
    first, second = user.run(MANY), user.run(MANY.replace("%%rust_test", "%%rust_test --force"))
    assert first.shown == second.shown
    assert (first.traceback, first.evalue) == (second.traceback, second.evalue)


def test_the_page_escapes_what_tests_say(user):
    cell = '%%rust_test\n#[test]\nfn a() { panic!("<script>alert(1)</script>") }\n'
    page = str(failed(user, cell, "1 of 1 test failed: a").shown[0]["text/html"])
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>" not in page
    assert "failed</span>" in page, "the words, not the colour alone"


def test_an_unchanged_cell_is_not_built_but_its_tests_run(user):
    cell = (
        "%%rust_test counts -v --env COUNTED={path}\n#[test]\nfn a() {{\n"
        "    use std::io::Write;\n"
        '    let path = std::env::var("COUNTED").unwrap();\n'
        "    let mut file = std::fs::File::options().append(true).create(true).open(path);\n"
        '    file.as_mut().unwrap().write_all(b"x").unwrap();\n}}\n'
    )
    path = user.value("__import__('tempfile').mkdtemp()").strip("'") + "/counted"
    assert "counts: built" in went_well(user, cell.format(path=path)).stdout
    again = went_well(user, cell.format(path=path)).stdout
    assert "counts: from memory or the cache (unchanged)" in again
    assert "cargo" not in again
    assert user.value(f"open({path!r}).read()") == "'xx'"


ENDS = """\
%%rust_test
#[test]
fn c_aborts() { std::process::abort() }
#[test]
fn b_fails() { println!("heard"); panic!("so") }
#[test]
fn a_passes() {}
#[test]
fn d_exits() { std::process::exit(0) }
#[test]
fn e_overflows() {
    #[allow(unconditional_recursion)]
    fn down(n: u64) -> u64 { 1 + down(std::hint::black_box(n + 1)) }
    println!("{}", down(0));
}
#[test]
fn f_segfaults() { unsafe { std::ptr::null_mut::<u8>().write_volatile(1) } }
#[test]
fn g_passes() {}
"""


def test_a_test_that_ends_the_process_is_named_and_the_others_run(user):
    cell = ENDS.replace("%%rust_test", "%%rust_test --release")
    result = failed(
        user, cell, "5 of 7 tests failed: c_aborts, b_fails, d_exits, e_overflows, f_segfaults"
    )
    assert table(result) == [
        "cell: 2 passed, 1 failed, 4 died",
        "  ✗ c_aborts     died    ended the whole process: SIGABRT",
        "  ✗ b_fails      failed  line 5: so",
        "  ✓ a_passes     passed",
        "  ✗ d_exits      died    ended the whole process: exit status 0",
        "  ✗ e_overflows  died    ended the whole process: SIGABRT",
        "  ✗ f_segfaults  died    ended the whole process: SIGSEGV",
        "  ✓ g_passes     passed",
    ]
    assert "heard" in result.text
    assert "thread 'e_overflows' has overflowed its stack" in result.text


def test_a_test_that_hangs_is_named_and_stopped(user):
    cell = "%%rust_test --timeout 2\n" + "".join(
        f"#[test]\nfn {name}() {{ {code} }}\n"
        for name, code in (("a", ""), ("b", "loop { std::thread::park() }"), ("c", ""))
    )
    result = failed(user, cell, "1 of 3 tests failed: b; not run: c")
    assert table(result) == [
        "cell: 1 passed, 1 timed out, 1 not run",
        "  ✓ a  passed",
        "  ✗ b  timed out  did not end in time",
        "  – c  not run",
    ]


def test_interrupt_ends_the_tests_and_the_next_run_works(user):
    hangs = "%%rust_test waits --timeout 100\n#[test]\nfn a() { loop { std::thread::park() } }\n"
    went_well(user, "import psutil, threading, _thread, time")
    waits = (
        "def ends():\n"
        "    while not any('waits' in str(c.exe()) or 'src/lib' in str(c.exe())\n"
        "                  for c in psutil.Process().children(recursive=True)\n"
        "                  if c.status() != 'zombie'): time.sleep(.05)\n"
        "    time.sleep(.3); import os, signal; os.kill(os.getpid(), signal.SIGINT)\n"
        "threading.Thread(target=ends, daemon=True).start()\n"
    )
    went_well(user, waits)
    began = time.monotonic()
    result = user.run(hangs, timeout=90)
    assert result.ename == "KeyboardInterrupt", result.text
    assert time.monotonic() - began < 60
    assert user.value("[c.status() for c in psutil.Process().children() if 'lib' in c.name()]") in (
        "[]",
        "['zombie']",
    )
    went_well(user, "%%rust_test\n#[test]\nfn a() {}\n")


def test_a_lesson_names_the_test_that_must_fail(user):
    cell = "%%rust_test --expect-fail b\n#[test]\nfn a() {}\n#[test]\nfn b() { assert!(1 > 2) }\n"
    result = went_well(user, cell)
    assert table(result)[2] == "  ✗ b  failed, as expected  line 5: assertion failed: 1 > 2"
    assert "thread 'b' panicked at %%rust_test cell:5:10:" in result.stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--expect-fail a", "1 of 2 tests failed: b; expected to fail, but did not: a"),
        ("--expect-fail b --expect-fail a", "expected to fail, but did not: a"),
    ],
)
def test_a_lesson_that_goes_otherwise_raises(user, options, message):
    cell = f"%%rust_test {options}\n#[test]\nfn a() {{}}\n#[test]\nfn b() {{ panic!() }}\n"
    failed(user, cell, message)


def test_ignored_tests_run_when_asked_to(user):
    cell = "%%rust_test --include-ignored\n#[test]\n#[ignore]\nfn a() { panic!() }\n"
    failed(user, cell, "1 of 1 test failed: a")


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("%%rust_test\npub fn a() {}\n", "there are no tests in this cell"),
        ("%%rust_test", "the cell is empty"),
        (
            "%%rust_test --expect-fail z\n#[test]\nfn a() {}\n",
            "--expect-fail z: there is no such test",
        ),
        ("%%rust_test --nocapture\n#[test]\nfn a() {}\n", "unrecognized arguments: --nocapture"),
    ],
)
def test_bad_input(user, cell, message):
    failed(user, cell, message, kind="OptionsError")


def test_a_compile_error_is_one_of_the_cell(user):
    result = user.run('%%rust_test\n#[test]\nfn a() { let _: i32 = ""; }\n')
    assert result.evalue == "cell does not compile: 1 error: E0308"
    assert "--> %%rust_test cell:3:23" in result.text


DOCUMENTED = """\
%%rust_test shapes --timeout 120
//! Shapes.
//!
//! ```
//! assert_eq!(shapes::square(2), 4);
//! ```

/// The area of a square.
///
/// ```
/// assert_eq!(shapes::square(3), 10);
/// ```
///
/// ```compile_fail
/// shapes::square("3");
/// ```
pub fn square(side: u32) -> u32 {
    side * side
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares() {
        assert_eq!(square(3), 9);
    }
}
"""


def test_examples_in_doc_comments_are_tests(user):
    result = failed(user, DOCUMENTED, "1 of 4 tests failed: square (line 10)")
    assert table(result) == [
        "shapes: 3 passed, 1 failed",
        "  ✓ tests::squares    passed",
        "  ✓ crate (line 4)    passed",
        (
            "  ✗ square (line 10)  failed  "
            "line 10: assertion `left == right` failed; left: 9; right: 10"
        ),
        "  ✓ square (line 14)  passed",
    ]
    options = "--expect-fail 'square (line 10)'"
    went_well(user, DOCUMENTED.replace("%%rust_test shapes", f"%%rust_test shapes {options}"))


def test_files_of_the_crate_and_its_integration_tests(user):
    went_well(user, "%%rust_file boxes src/volume.rs\npub fn volume(a: u32) -> u32 { a * a * a }\n")
    went_well(
        user,
        "%%rust_file boxes tests/api.rs\n#[test]\nfn api() {\n    assert_eq!(boxes::of(2), 9)\n}",
    )
    cell = (
        "%%rust_test boxes\nmod volume;\npub fn of(side: u32) -> u32 { volume::volume(side) }\n"
        "#[test]\nfn unit() { assert_eq!(of(2), 8) }\n"
    )
    result = failed(user, cell, "1 of 2 tests failed: api")
    assert table(result)[2].startswith("  ✗ api   failed  %%rust_file boxes tests/api.rs, line 4: ")


WITH_PYTHON = """\
%%rust_test doubles
use pyo3::prelude::*;

#[pyfunction]
fn double(n: i32) -> i32 { n * 2 }

#[test]
fn from_python() {
    Python::attach(|py| {
        let function = wrap_pyfunction!(double, py).unwrap();
        py.run(c"print('test no ... FAILED')", None, None).unwrap();
        assert_eq!(function.call1((4,)).unwrap().extract::<i32>().unwrap(), 8);
    });
}

#[test]
fn python_prints_and_it_fails() {
    Python::attach(|py| {
        py.run(c"import sys; print(sys.prefix)", None, None).unwrap();
        py.run(c"1/0", None, None).unwrap();
    });
}
"""


def test_tests_may_start_python(user):
    result = failed(user, WITH_PYTHON, "1 of 2 tests failed: python_prints_and_it_fails")
    assert table(result)[1] == "  ✓ from_python                 passed"
    assert user.value("__import__('sys').prefix").strip("'") in result.text
    assert "ZeroDivisionError" in result.text
