"""The helpers for lessons with real Rust cells in a real kernel."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernels import Kernel, kernel

pytestmark = [pytest.mark.rust, pytest.mark.alone]

PAGE = Path(__file__).parents[2] / "docs" / "teaching.md"

LESSON = """%%rust_module lesson
use pyo3::prelude::*;
use std::{thread, time::Duration};

#[pyfunction]
fn hold(ms: u64) { thread::sleep(Duration::from_millis(ms)) }

#[pyfunction]
fn release(py: Python<'_>, ms: u64) { py.detach(|| thread::sleep(Duration::from_millis(ms))) }

#[pyfunction]
fn abort() { println!("before the abort"); std::process::abort() }

#[pyfunction]
fn exit(status: i32) { std::process::exit(status) }

#[pyfunction]
fn panic() { panic!("no way") }

#[pyfunction]
fn flood() { loop { println!("again and again") } }

#[pyfunction]
fn spin() { loop { thread::sleep(Duration::from_millis(1)) } }

#[pyfunction]
fn depth(n: u64) -> u64 {
    let page = std::hint::black_box([n; 512]);
    if n == 0 { 0 } else { depth(n - 1) + page[7] }
}

#[pyfunction]
fn drop_in_a_thread(object: Py<PyAny>) { thread::spawn(move || drop(object)); }

#[pyfunction]
fn touch() {}

#[pyclass(weakref)]
#[derive(Default)]
struct Keeper { kept: Vec<Py<PyAny>> }

#[pymethods]
impl Keeper {
    #[new]
    fn new() -> Self { Keeper::default() }
    fn keep(&mut self, object: Py<PyAny>) { self.kept.push(object) }
    fn forget(&mut self) { self.kept.clear() }
}

#[pyclass]
struct Leaky { other: Option<Py<PyAny>>, #[allow(dead_code)] token: Py<PyAny> }

#[pymethods]
impl Leaky {
    #[new]
    fn new(token: Py<PyAny>) -> Self { Leaky { other: None, token } }
    fn link(&mut self, other: Py<PyAny>) { self.other = Some(other) }
}

#[pyclass]
struct Sound { other: Option<Py<PyAny>>, #[allow(dead_code)] token: Py<PyAny> }

#[pymethods]
impl Sound {
    #[new]
    fn new(token: Py<PyAny>) -> Self { Sound { other: None, token } }
    fn link(&mut self, other: Py<PyAny>) { self.other = Some(other) }
    fn __traverse__(&self, visit: pyo3::gc::PyVisit<'_>) -> Result<(), pyo3::gc::PyTraverseError> {
        visit.call(&self.other)
    }
    fn __clear__(&mut self) { self.other = None }
}
"""

SPEED = """%%rust_module speed {options}
use pyo3::prelude::*;

#[pyfunction]
fn total(n: u64) -> u64 {{ (0..n).map(|x| x ^ 3).sum() }}

#[pyclass]
struct Adder {{ #[allow(dead_code)] step: u64 }}

#[pymethods]
impl Adder {{
    #[new]
    fn new() -> Self {{ Adder {{ step: 2 }} }}
    fn total(&self, n: u64) -> u64 {{ (0..n).map(|x| x ^ self.step).sum() }}
}}
"""


@pytest.fixture(scope="module")
def lesson() -> Iterator[Kernel]:
    """A kernel with the module `lesson` and all helpers."""
    with kernel() as running:
        built = running.run(LESSON)
        assert built.ok, built.text
        assert running.run("from rustcell.teaching import *").ok
        yield running


def test_an_abort_is_told_and_the_kernel_lives(lesson: Kernel) -> None:
    assert lesson.run("died = run_isolated('import lesson; lesson.abort()')").ok
    assert lesson.value("died") == "killed by SIGABRT"
    assert lesson.value("died.stdout") == r"'before the abort\n'"


def test_a_stack_overflow_is_a_signal_and_no_recursion_error(lesson: Kernel) -> None:
    assert lesson.run("died = run_isolated('import lesson; lesson.depth(10**7)')").ok
    assert lesson.value("died, died.signal") == "(killed by SIGSEGV, 'SIGSEGV')"


def test_exit_and_hang_and_flood(lesson: Kernel) -> None:
    assert lesson.value("run_isolated('import lesson; lesson.exit(7)')") == "exit status 7"
    assert (
        lesson.value("run_isolated('import lesson; lesson.spin()', timeout=2)")
        == "still running after 2 s, killed"
    )
    assert lesson.run("wet = run_isolated('import lesson; lesson.flood()', timeout=2)").ok
    assert lesson.value("wet, len(wet.stdout) < 1_000_100") == (
        "(still running after 2 s, killed, True)"
    )


def test_a_panic_is_the_same_text_in_every_run(lesson: Kernel) -> None:
    assert lesson.run("ends = [run_isolated('import lesson; lesson.panic()') for _ in '12']").ok
    assert lesson.value("ends[0], ends[0] == ends[1]") == "(exit status 1, True)"
    shown = lesson.run("print(ends[0].stderr)").stdout
    assert "panicked at %%rust_module lesson:" in shown
    assert "no way" in shown
    assert "stack backtrace" not in shown


def test_the_child_has_the_kernels_present_build(lesson: Kernel) -> None:
    cell = "%%rust_module answer\nuse pyo3::prelude::*;\n#[pyfunction]\nfn get() -> i32 {{ {} }}\n"
    for number in (1, 2):
        assert lesson.run(cell.format(number)).ok
        assert lesson.value("fresh_import('answer', 'answer.get()')") == f"'{number}'"
        code = "'import answer; print(answer.get())'"
        assert lesson.value(f"run_isolated({code}).stdout") == rf"'{number}\n'"


def test_a_fresh_import_tells_errors_and_panics(lesson: Kernel) -> None:
    assert lesson.value("fresh_import('lesson', 'lesson.panic()')") == "'PanicException: no way'"
    assert lesson.value("fresh_import('lesson', 'lesson.abort()')") == "'killed by SIGABRT'"
    assert (
        lesson.value("fresh_import('lesson.hold')")
        == "\"ModuleNotFoundError: No module named 'lesson.hold'\""
    )


def test_the_ticker_tells_a_held_call_from_a_detached_one(lesson: Kernel) -> None:
    said = lesson.run("""
import lesson
for work in (lesson.hold, lesson.release):
    with Ticker() as ticker:
        work(200)
    print(ticker.ticks <= 3, ticker.ticks >= 8, ticker.others_ran)
""")
    assert said.stdout == "True False False\nFalse True True\n", said.text


def test_references_held_by_rust_are_counted(lesson: Kernel) -> None:
    said = lesson.run("""
keeper = lesson.Keeper()
print(refcount(keeper))
thing = object()
counts = [refcount(thing)]
for _ in "123":
    keeper.keep(thing)
    counts.append(refcount(thing))
keeper.forget()
print(*counts, refcount(thing))
""")
    assert said.stdout == "1\n1 2 3 4 1\n", said.text


def test_a_drop_while_detached_comes_with_the_next_call(lesson: Kernel) -> None:
    said = lesson.run("""
import time
counter = DropCounter()
token = counter.new()
seen = [counter.dropped]
lesson.drop_in_a_thread(token)
del token
time.sleep(0.3)
seen.append(counter.dropped)
lesson.touch()
print(*seen, counter.dropped)
""")
    assert said.stdout == "0 0 1\n", said.text


@pytest.mark.parametrize(("kind", "dropped"), [("Leaky", 0), ("Sound", 1)])
def test_a_cycle_leaks_unless_it_is_traversed(lesson: Kernel, kind: str, dropped: int) -> None:
    said = lesson.run(f"""
import gc
counter = DropCounter()
node = lesson.{kind}(counter.new())
node.link(node)
del node
gc.collect()
print(counter.dropped)
""")
    assert said.stdout == f"{dropped}\n", said.text


def test_rust_objects_are_watched_when_their_class_allows_it(lesson: Kernel) -> None:
    said = lesson.run("""
counter = DropCounter()
keeper = lesson.Keeper()
counter.watch(keeper)
del keeper
print(counter)
try:
    counter.watch(lesson.Leaky(1))
except TypeError as error:
    print(error)
""")
    assert said.stdout.startswith("1 of 1 dropped\nLeaky objects cannot be watched"), said.text


def test_a_debug_build_is_refused_and_a_release_build_timed(lesson: Kernel) -> None:
    assert lesson.run(SPEED.format(options="")).ok
    compare = """
def python(n):
    return sum(x ^ 3 for x in range(n))

times = compare_times({{
    "python": lambda: python(1000), "rust": lambda: speed.total(1000)
}}, {options})
times
"""
    refused = lesson.run(compare.format(options=""))
    assert refused.ename == "DebugBuildError", refused.text
    assert refused.evalue == "'rust' would be timed as a debug build, which is not Rust's speed"
    assert "%%rust_module speed --release" in refused.text
    shown = lesson.run(compare.format(options="allow_debug=True"))
    assert "debug build\n" in shown.text
    assert "rust: speed is a debug build (profile dev)" in shown.text

    # In a list: plain names of old functions are bound anew by the next build.
    assert lesson.run("old, kept = [speed.total], speed.Adder()").ok
    assert lesson.run(SPEED.format(options="--release")).ok
    shown = lesson.run(compare.format(options=""))
    assert shown.ok, shown.text
    assert "debug" not in shown.text
    assert lesson.value("times['rust'].min < times['python'].min") == "True"
    # A function knows its own module, also an earlier one; an object knows its class only.
    assert lesson.run("from rustcell.teaching.profiles import profiles_of").ok
    assert lesson.value("profiles_of(speed.total)") == "{'speed': 'release'}"
    assert lesson.value("profiles_of(speed.Adder().total)") == "{'speed': 'release'}"
    assert lesson.value("profiles_of(old[0])") == "{'speed': 'dev'}"
    assert lesson.value("profiles_of(kept.total)") == "{'speed': 'unknown'}"


NESTED = """%%rust_module nested
use pyo3::prelude::*;

#[pymodule]
mod nested {
    use super::*;

    #[pymodule]
    mod inner {
        use super::*;

        #[pyfunction]
        fn one() -> i32 { 1 }

        #[pyclass]
        struct Two;

        #[pymethods]
        impl Two {
            #[new]
            fn new() -> Self { Two }
            fn two(&self) -> i32 { 2 }
        }
    }
}
"""

BY_HAND = """%%rust_module by_hand
use pyo3::prelude::*;

#[pyfunction]
fn one() -> i32 { 1 }

#[pymodule]
fn by_hand(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(one, module)?)
}
"""


def test_the_profile_of_submodules_and_of_modules_written_as_functions(lesson: Kernel) -> None:
    for cell in (NESTED, BY_HAND):
        built = lesson.run(cell)
        assert built.ok, built.text
    assert lesson.run("from rustcell.teaching.profiles import profiles_of").ok
    for function in ("nested.inner.one", "nested.inner.Two", "nested.inner.Two().two"):
        assert lesson.value(f"profiles_of({function})") == "{'nested': 'dev'}", function
    assert lesson.value("profiles_of(by_hand.one)") == "{'by_hand': 'dev'}"


def test_the_profile_is_known_in_a_child_too(lesson: Kernel) -> None:
    expression = "__import__('rustcell.teaching.profiles').teaching.profiles.profiles_of(lesson)"
    assert lesson.value(f"fresh_import('lesson', {expression!r})") == "\"{'lesson': 'dev'}\""


def cells_and_outputs(page: str) -> list[tuple[str, str]]:
    """The page's code blocks, each with the block of its output if one follows."""
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    following = [*blocks[1:], ("", "")]
    return [
        (code, output if kind == "text" else "")
        for (language, code), (kind, output) in zip(blocks, following, strict=True)
        if language in ("python", "rust")
    ]


def without_figures(text: str) -> str:
    """Leave out a table's times, which differ from machine to machine."""
    if "per call" in text:
        text = re.sub(r"\s+", " ", re.sub(r"[\d.]+( [nµm]?s\b)?", "", text))
    return text.strip()


def test_the_pages_examples_give_what_it_says() -> None:
    cells = cells_and_outputs(PAGE.read_text(encoding="utf-8"))
    assert sum(bool(output) for _, output in cells) > 8
    with kernel() as reader:
        for code, output in cells:
            result = reader.run(code)
            assert result.ok, f"{code}\n{result.text}"
            if output:
                assert without_figures(result.text) == without_figures(output), code
