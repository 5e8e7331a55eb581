"""The judge over a real module: what Rust code can give, raise, print and do to its process."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from kernels import Kernel
from rustcell.judge import Report, TestResult, examine

pytestmark = pytest.mark.rust

CELL = """\
%%rust_module trial
use pyo3::exceptions::{PyException, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyList;

pyo3::create_exception!(trial, BankError, PyException, "Money is missing.");

#[pyclass(extends = PyValueError, get_all, subclass)]
struct TooFar {
    metres: u32,
}

#[pymethods]
impl TooFar {
    #[new]
    fn new(metres: u32) -> Self {
        TooFar { metres }
    }

    fn __str__(&self) -> String {
        format!("{} m is too far", self.metres)
    }
}

/// A point in the plane.
#[pyclass(get_all, set_all, eq)]
#[derive(PartialEq, Clone)]
struct Point {
    x: i32,
}

#[pymethods]
impl Point {
    #[new]
    fn new(x: i32) -> Self {
        Point { x }
    }

    fn __len__(&self) -> usize {
        2
    }

    fn __iter__(slf: PyRef<'_, Self>) -> PyResult<Py<PyAny>> {
        let list = PyList::new(slf.py(), [slf.x, slf.x])?;
        Ok(list.try_iter()?.into_any().unbind())
    }
}

#[pyfunction]
#[pyo3(signature = (width, height=2))]
fn area(width: i64, height: i64) -> i64 {
    width * height
}

#[pyfunction]
fn swap_ends(items: Bound<'_, PyList>) -> PyResult<()> {
    let (first, last) = (items.get_item(0)?, items.get_item(items.len() - 1)?);
    items.set_item(0, last)?;
    items.set_item(items.len() - 1, first)
}

#[pyfunction]
fn apply(function: Bound<'_, PyAny>, value: i64) -> PyResult<i64> {
    function.call1((value,))?.extract()
}

#[pyfunction]
fn withdraw(balance: i64, amount: i64) -> PyResult<i64> {
    if amount > balance {
        return Err(BankError::new_err((balance, amount)));
    }
    Ok(balance - amount)
}

#[pyfunction]
fn walk(py: Python<'_>, metres: u32) -> PyResult<()> {
    Err(PyErr::from_value(Py::new(py, TooFar { metres })?.into_bound(py).into_any()))
}

#[pyfunction]
fn say(words: Vec<String>) {
    for word in &words {
        println!("{word}");
    }
    print!("no line's end");
    eprintln!("and this aside");
}

#[pyfunction]
fn unfinished() -> i64 {
    todo!("your code here")
}

#[pyfunction]
fn hang() {
    loop {
        std::hint::spin_loop();
    }
}

#[pyfunction]
fn abort() {
    std::process::abort()
}

#[pyfunction]
fn leave(status: i32) {
    std::process::exit(status)
}

#[pyfunction]
fn overflow(depth: u64) -> u64 {
    if depth == u64::MAX { 0 } else { std::hint::black_box(overflow(depth + 1) + depth) }
}

#[pyfunction]
fn flood() {
    loop {
        println!("{}", "x".repeat(1000));
    }
}
"""

TESTS = """
import pytest
import trial
from trial import area


def test_numbers():
    assert area(2, 3) == 6
    assert area(2) == 4
    assert area(width=1, height=2**40) == 2**40


def test_conversion_errors_are_python_s():
    with pytest.raises(TypeError, match="'str' object"):
        area("2", 3)
    with pytest.raises(OverflowError):
        area(2**70)


def test_a_list_shows_what_was_done_to_it():
    items = [1, 2, 3]
    assert trial.swap_ends(items) is None
    assert items == [3, 2, 1]


def test_a_callback():
    assert trial.apply(lambda value: value + 1, 5) == 6
    with pytest.raises(KeyError, match="oh"):
        trial.apply(lambda value: {}["oh"], 5)


def test_exception_classes():
    with pytest.raises(trial.BankError) as caught:
        trial.withdraw(1, 2)
    assert caught.value.args == (1, 2)
    assert issubclass(trial.BankError, Exception)
    assert trial.BankError.__doc__ == "Money is missing."
    with pytest.raises(trial.TooFar, match="7 m is too far") as caught:
        trial.walk(7)
    assert caught.value.metres == 7
    assert isinstance(caught.value, ValueError)


def test_a_class():
    point = trial.Point(3)
    point.x += 1
    assert (point.x, len(point), list(point)) == (4, 2, [4, 4])
    assert point == trial.Point(4)
    assert point != 4
    assert isinstance(point, trial.Point)


def test_what_is_printed(printed):
    trial.say(["one", "two"])
    assert printed() == "one\\ntwo\\nno line's end"
    assert printed.errors() == "and this aside\\n"
    assert printed() == ""


def test_a_panic_is_caught_by_name():
    with pytest.raises(BaseException, match="not yet implemented: your code here") as caught:
        trial.unfinished()
    assert type(caught.value).__name__ == "PanicException"


def test_code_beside_the_answer(student):
    assert student.run("import inspect\\nstr(inspect.signature(trial.area))", trial=trial) == (
        "(width, height=2)"
    )
    code = "import trial; print(trial.area(1, 7))"
    child = "import subprocess, sys\\nsubprocess.check_output([sys.executable, '-c', code])"
    assert student.run(child, code=code).split() == [b"7"]


def test_a_wrong_value():
    assert area(2, 3) == 7, "two by three"


def test_a_panic():
    assert trial.unfinished() == 3


def test_an_abort():
    with pytest.raises(BaseException):
        trial.abort()


def test_after_a_crash():
    assert area(1, 1) == 1


@pytest.mark.timeout(1)
def test_an_endless_loop():
    trial.hang()


def test_an_exit():
    trial.leave(0)


def test_the_stack_runs_over():
    trial.overflow(0)


def test_endless_text():
    trial.flood()


def test_the_last():
    assert area(2, 2) == 4
"""
PASSING = [
    "test_numbers",
    "test_conversion_errors_are_python_s",
    "test_a_list_shows_what_was_done_to_it",
    "test_a_callback",
    "test_exception_classes",
    "test_a_class",
    "test_what_is_printed",
    "test_a_panic_is_caught_by_name",
    "test_code_beside_the_answer",
    "test_after_a_crash",
    "test_the_last",
]
FAILING = {
    "test_a_wrong_value": "two by three",
    "test_a_panic": "the answer raised PanicException: not yet implemented: your code here",
    "test_an_abort": "the answer's process was killed by SIGABRT",
    "test_an_endless_loop": "it took longer than 1 s",
    "test_an_exit": "the answer's process ended itself with the exit status 0",
    "test_the_stack_runs_over": "the answer's process was killed by SIGSEGV",
    "test_endless_text": "it printed more than 20 MB",
}


@pytest.fixture(scope="module")
def folders(live: Kernel) -> list[Path]:
    built = live.run(CELL)
    assert built.ok, built.text
    path = ast.literal_eval(live.value("__import__('os').environ['PYTHONPATH']"))
    return [Path(path)]


@pytest.fixture(scope="module")
def report(folders: list[Path]) -> Report:
    return examine(folders, {}, TESTS, timeout=60)


@pytest.fixture
def results(report: Report) -> dict[str, TestResult]:
    return {result.name: result for result in report.tests}


def test_every_test_has_a_result(report):
    assert sorted(result.name for result in report.tests) == sorted([*PASSING, *FAILING])
    assert not report.passed


@pytest.mark.parametrize("name", PASSING)
def test_it_passes(results, name):
    assert results[name].passed, results[name]


@pytest.mark.parametrize("name", FAILING)
def test_it_fails_and_says_why(results, name):
    assert not results[name].passed
    assert results[name].message == FAILING[name]


def test_the_first_difference_is_shown(results):
    assert results["test_a_wrong_value"].difference.splitlines() == [
        '> assert area(2, 3) == 7, "two by three"',
        "assert 6 == 7",
        " +  where 6 = area(2, 3)",
    ]


def test_two_runs_say_the_same(report, folders):
    assert examine(folders, {}, TESTS, timeout=60) == report


def test_a_module_that_no_cell_of_this_kernel_built_is_not_taken_from_the_environment(live):
    installed = live.run("%rust_status")
    assert "trial [debug] installed" in installed.text
    (result,) = examine([], {}, "def test_it():\n    import trial\n").tests
    assert not result.passed
    assert result.message.startswith("ModuleNotFoundError: No module named 'trial'")
