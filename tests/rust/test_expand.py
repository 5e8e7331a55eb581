"""`%rust_expand`: what rustc makes of a module's macros, whole or for one item."""

from __future__ import annotations

from pathlib import Path

import pytest

from environments import compiled
from kernels import Kernel

pytestmark = pytest.mark.rust

CODE = """
use pyo3::prelude::*;

/// Area of a rectangle.
#[pyfunction]
fn area(width: f64, height: f64) -> f64 {
    width * height
}

#[pyclass]
struct Point {
    #[pyo3(get)]
    x: i64,
}

#[pymethods]
impl Point {
    #[new]
    fn new(x: i64) -> Self {
        Point { x }
    }

    fn moved(&self, by: i64) -> Point {
        println!("{}", env!("CARGO_PKG_VERSION"));
        Point { x: self.x + by }
    }
}

#[derive(Debug)]
enum Unused {}
"""
CELL = f"%%rust_module opened{CODE}"


@pytest.fixture(scope="module")
def running(live: Kernel) -> Kernel:
    result = live.run(CELL)
    assert result.ok, result.text
    return live


def expanded(running: Kernel, line: str) -> str:
    result = running.run(f"%rust_expand {line}")
    assert result.ok, result.text
    (shown,) = result.shown
    assert result.stdout == result.stderr == ""
    return str(shown["text/plain"])


def test_the_whole_module_without_what_rustcell_adds_to_link_it(running: Kernel):
    text = expanded(running, "opened")
    assert "fn __pyfunction_area" in text
    assert "#[pyfunction]" not in text
    assert "derive(Debug)" not in text
    assert '"0.1.0"' in text
    # The generated #[pymodule] is part of it, the line that links the support crate is not.
    assert "mod __rustcell_module" in text
    assert "rustcell_support" not in text
    assert text == expanded(running, "opened")


def test_it_is_laid_out_by_rustfmt(running: Kernel):
    assert "fn area(width: f64, height: f64) -> f64 {\n    width * height\n}" in expanded(
        running, "opened"
    )


def test_a_function_comes_with_what_its_macro_made_and_nothing_else(running: Kernel):
    text = expanded(running, "opened area")
    assert text.startswith('#[doc = " Area of a rectangle."]\nfn area(width: f64, height: f64)')
    assert "fn __pyfunction_area" in text
    assert "impl area::MakeDef" in text
    assert "Point" not in text


def test_a_class_comes_with_its_impls(running: Kernel):
    text = expanded(running, "opened Point")
    assert "struct Point {" in text
    assert "PyClassImpl for Point" in text
    assert "fn moved(&self" in text
    assert "fn area" not in text
    assert "Unused" not in text


@pytest.mark.parametrize("item", ["Point::moved", "Point.moved"])
def test_a_method_comes_with_the_function_that_python_calls(running: Kernel, item: str):
    text = expanded(running, f"opened {item}")
    assert text.startswith("fn moved(&self, by: i64) -> Point {")
    assert "unsafe fn __pymethod_moved__" in text
    assert "fn new" not in text
    assert "__pymethod___new____" in expanded(running, "opened Point::new")


def test_it_is_highlighted_as_rust(running: Kernel):
    (shown,) = running.run("%rust_expand opened area").shown
    assert '<span style="color: #008000; font-weight: bold">fn</span>' in shown["text/html"]


@pytest.mark.parametrize(
    ("line", "message", "mend"),
    [
        ("opened aera", "there is no item 'aera' in opened", "Did you mean area?"),
        ("opened Point::move", "there is no item 'Point::move' in opened", "Point::moved"),
        ("opened quaternion", "there is no item 'quaternion' in opened", "Name one of: Point"),
        ("opened ::", "there is no item '::' in opened", "Name one of: Point"),
        ("never_built", "this kernel has built no module 'never_built'", "%rust_status"),
        ("", "the following arguments are required: NAME", "`%rust_expand?`"),
        ("2d", "'2d' cannot name a module", "m2d"),
        ("opened area Point", "unrecognized arguments: Point", "`%rust_expand?`"),
    ],
)
def test_bad_lines(running: Kernel, line: str, message: str, mend: str):
    result = running.run(f"%rust_expand {line}")
    assert result.ename == "OptionsError"
    assert message in result.evalue
    assert mend in result.text


def test_the_next_build_of_the_cell_starts_from_where_it_was(running: Kernel):
    # From the cache, there would be nothing in the slot.
    assert running.run(CELL.replace("opened", "opened --force", 1)).ok
    built = Path(eval(running.value("opened.__file__")))
    before = sorted((p, p.stat().st_mtime_ns) for p in slot_files(running))
    expanded(running, "opened area")
    assert sorted((p, p.stat().st_mtime_ns) for p in slot_files(running)) == before
    changed = running.run(CELL.replace("width * height", "height * width") + "// again\n")
    assert changed.ok, changed.text
    log = running.run(f"%%rust_module opened --force -v{CODE}")
    assert set(compiled(log.text)) <= {"rustcell-opened"}, log.text
    assert built.exists()


SLOTS = """
magics = get_ipython().magics_manager.magics["line"]["rust_expand"].__self__
[str(slot.folder) for slot in magics._front.session()._slots.values()]
"""


def slot_files(running: Kernel) -> list[Path]:
    """Return the files of the target folder in which this kernel builds the module."""
    running.run("%rust_status")
    slots = map(Path, eval(running.value(SLOTS)))
    (own,) = [slot for slot in slots if (slot / "crates" / "opened").exists()]
    return [path for path in (own / "target").rglob("*opened*") if path.is_file()]


def test_items_of_other_files_and_modules_are_found(running: Kernel):
    far = (
        "%%rust_module far\nuse pyo3::prelude::*;\nmod shapes;\n#[pymodule]\nmod far {\n"
        "    use super::*;\n    #[pyfunction]\n    fn side() -> f64 { shapes::side() }\n}"
    )
    for cell in ("%%rust_file far src/shapes.rs\npub fn side() -> f64 { 2.0 }", far):
        result = running.run(cell)
        assert result.ok, result.text
    both = expanded(running, "far side")
    assert "pub fn side() -> f64" in both
    assert "shapes::side()" in both
    assert "__pyfunction_side" not in expanded(running, "far shapes::side")


def test_it_works_with_other_profiles_and_crates(running: Kernel):
    cell = (
        "%%rust_module quick_one --release\nuse pyo3::prelude::*;\n"
        "#[pyfunction]\nfn one() -> i32 { 1 }"
    )
    result = running.run(cell)
    assert result.ok, result.text
    assert "__pyfunction_one" in expanded(running, "quick_one one")
