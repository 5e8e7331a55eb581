"""`?`, `??`, Tab and the hints under errors, in a real kernel."""

from __future__ import annotations

import subprocess
import time
from typing import Any

import pytest

from kernels import Kernel, kernel
from rustcell.errors import plain_text
from rustcell.notebook import rust_words

pytestmark = pytest.mark.rust

CELL = """%%rust_module looked_at
//! Shapes.
use pyo3::prelude::*;

/// Area of a rectangle.
#[pyfunction]
#[pyo3(signature = (width, height=1.0))]
fn area(width: f64, height: f64) -> f64 {
    width * height
}

/// A circle.
#[pyclass]
struct Circle {
    #[pyo3(get, set)]
    radius: f64,
}

#[pymethods]
impl Circle {
    #[new]
    fn new(radius: f64) -> Self {
        Circle { radius }
    }
    /// Make it larger.
    fn grow(&mut self, by: f64) {
        self.radius += by;
    }
    #[getter]
    fn diameter(&self) -> f64 {
        2.0 * self.radius
    }
    #[staticmethod]
    fn unit() -> Self {
        Circle { radius: 1.0 }
    }
    fn __add__(&self, by: f64) -> Self {
        Circle { radius: self.radius + by }
    }
}

#[pyfunction]
fn roundness(_circle: &Circle) -> i32 {
    1
}

#[pyfunction]
fn stumble() {
    panic!("a stone")
}

#[pyfunction]
fn small(value: u8) -> u8 {
    value
}
"""


@pytest.fixture(scope="module")
def shapes() -> Any:
    """A kernel with the module built twice, and a circle of the first build."""
    with kernel() as running:
        for cell in (CELL, "old = looked_at.Circle(1.0)", CELL.replace("a stone", "a step")):
            result = running.run(cell)
            assert result.ok, result.text
        assert running.run("new = looked_at.Circle(2.0)").ok
        yield running


def reply(running: Kernel, wanted: str) -> dict[str, Any]:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        message = running.client.get_shell_msg(timeout=60)
        if message["msg_type"] == wanted:
            return dict(message["content"])
    raise TimeoutError(wanted)


def rustc(*arguments: str) -> str:
    done = subprocess.run(["rustc", *arguments], capture_output=True, text=True, check=True)
    return done.stdout


def inspected(running: Kernel, name: str, level: int) -> dict[str, str]:
    running.client.inspect(name, detail_level=level)
    return dict(reply(running, "inspect_reply")["data"])


def seen(running: Kernel, name: str, level: int) -> str:
    return plain_text(inspected(running, name, level)["text/plain"])


def completed(running: Kernel, code: str) -> list[str]:
    running.client.complete(code, len(code))
    return list(reply(running, "complete_reply")["matches"])


def test_one_question_mark_shows_signature_docs_and_the_cell(shapes: Kernel) -> None:
    text = seen(shapes, "looked_at.area", 0)
    assert "looked_at.area(width, height=1.0)" in text
    assert "Area of a rectangle." in text
    assert "%%rust_module looked_at, line 5" in text
    assert "width * height" not in text


@pytest.mark.parametrize(
    ("name", "line", "piece"),
    [
        ("looked_at.area", 5, "    width * height"),
        ("looked_at", 2, "fn stumble()"),
        ("looked_at.Circle", 12, "fn diameter(&self)"),
        ("looked_at.Circle.grow", 25, "self.radius += by"),
        ("new.grow", 25, "self.radius += by"),
        ("looked_at.Circle.diameter", 29, "2.0 * self.radius"),
        ("looked_at.Circle.unit", 33, "radius: 1.0"),
        ("looked_at.Circle.radius", 12, "radius: f64,"),
        ("new.__add__", 37, "self.radius + by"),
        ("new", 12, "struct Circle"),
        ("old", 12, "struct Circle"),
    ],
)
def test_two_question_marks_show_the_rust_source_and_its_line(
    shapes: Kernel, name: str, line: int, piece: str
) -> None:
    text = seen(shapes, name, 1)
    assert f"%%rust_module looked_at, line {line}\n" in text + "\n"
    assert piece in text


def test_the_source_is_coloured_as_rust(shapes: Kernel) -> None:
    data = inspected(shapes, "looked_at.area", 1)
    keyword = data["text/plain"].partition("fn")[0].rpartition("\n")[2]
    assert keyword.endswith("m")
    assert keyword.startswith("\x1b[")


def test_the_operators_show_the_same_as_the_request(shapes: Kernel) -> None:
    shapes.client.execute("looked_at.stumble??")
    payload = reply(shapes, "execute_reply")["payload"]
    text = plain_text(payload[0]["data"]["text/plain"])
    assert 'panic!("a step")' in text


def test_python_objects_are_shown_as_ever(shapes: Kernel) -> None:
    assert "Return the number of items" in seen(shapes, "len", 1)
    assert shapes.run("def twice(x):\n    return 2 * x").ok
    assert "return 2 * x" in seen(shapes, "twice", 1)


def test_source_of_works_here_and_in_a_child_process(shapes: Kernel) -> None:
    code = (
        "import looked_at\nfrom rustcell.notebook.inspection import source_of\n"
        "found = source_of(looked_at.Circle.grow)\nprint(found.place, found.text)"
    )
    here = shapes.run(code)
    assert "%%rust_module looked_at, line 25" in here.stdout, here.text
    child = shapes.run(f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {code!r}])")
    assert child.stdout == here.stdout, child.text


def test_a_new_kernel_knows_the_source_of_a_cached_build(shapes: Kernel) -> None:
    with kernel() as other:
        assert other.run(CELL).ok
        assert "width * height" in seen(other, "looked_at.area", 1)


def test_an_object_of_an_earlier_build_is_explained(shapes: Kernel) -> None:
    result = shapes.run("looked_at.roundness(old)")
    assert result.ename == "TypeError"
    assert result.evalue == "'Circle' object is not an instance of 'Circle'"
    hint = result.text.splitlines()[-1]
    assert hint.startswith("Hint: the object is of another build of `looked_at`")
    assert "`looked_at.Circle`" in hint
    assert "roundness(old)" in result.text


def test_a_method_of_the_new_class_on_an_old_object_is_explained(shapes: Kernel) -> None:
    result = shapes.run("looked_at.Circle.grow(old, 1.0)")
    assert "another build of `looked_at`" in result.text


def test_another_wrong_type_is_not(shapes: Kernel) -> None:
    result = shapes.run("looked_at.roundness('round')")
    assert result.ename == "TypeError"
    assert "Hint" not in result.text


def test_a_panic_says_that_it_is_a_base_exception(shapes: Kernel) -> None:
    result = shapes.run("looked_at.stumble()")
    assert (result.ename, result.evalue) == ("PanicException", "a step")
    assert result.text.count("Hint: ") == 1
    assert "`except Exception` does\nnot catch it" in result.text


def test_a_number_too_large_is_explained_for_rust_and_not_for_python(shapes: Kernel) -> None:
    assert "does not fit the Rust type" in shapes.run("looked_at.small(256)").text
    assert "Hint" not in shapes.run("(256).to_bytes(1, 'big')").text


def test_tab_in_a_rust_cell_offers_rust(shapes: Kernel) -> None:
    matches = completed(shapes, "%%rust_module looked_at\nfn print_all() {}\nfn g() { pri")
    assert matches == ["print_all", "priv", "print!", "println!"]
    assert completed(shapes, "%%rust_module looked_at\nfn f() { zzz") == ["zzz"]


def test_tab_on_the_magic_line(shapes: Kernel) -> None:
    assert completed(shapes, "%%rust_module g --expect-error E038") == ["E0381", "E0382", "E0384"]
    assert "--release" in completed(shapes, "%%rust_module g --")
    assert "%%rust_module" in completed(shapes, "%%rust_mod")


def test_tab_after_the_module_and_in_python_cells(shapes: Kernel) -> None:
    assert {"area", "Circle"} <= set(completed(shapes, "looked_at."))
    assert "grow" in completed(shapes, "new.")
    assert "print" in completed(shapes, "pri")


def test_rustc_knows_all_codes_and_lints_that_are_offered() -> None:
    for code in rust_words.ERROR_CODES:
        assert "no longer emitted" not in rustc("--explain", code), code
    lints = rustc("-W", "help")
    known = {line.split()[0].replace("-", "_") for line in lints.splitlines() if line.split()}
    assert set(rust_words.LINTS) <= known


def test_unloading_gives_ipython_its_own_ways_back(fresh: Kernel) -> None:
    for cell in (CELL, "%unload_ext rustcell"):
        result = fresh.run(cell)
        assert result.ok, result.text
    assert "%%rust_module" not in seen(fresh, "looked_at.area", 1)
    assert "Hint" not in fresh.run("looked_at.stumble()").text
    assert "println!" not in completed(fresh, "%%rust_module g\npri")
    assert fresh.run("%load_ext rustcell").ok
    assert "println!" in completed(fresh, "%%rust_module g\npri")
