"""`%rust_stubs`: type stubs that go with the module, and what PyO3 cannot tell."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from kernels import Kernel, kernel

pytestmark = pytest.mark.rust

WHOLE = """%%rust_module drawn
use pyo3::prelude::*;

/// Area of a rectangle.
#[pyfunction]
#[pyo3(signature = (width, height=1.0))]
fn area(width: f64, height: f64) -> f64 {
    width * height
}

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
    fn grow(&mut self, by: f64) {
        self.radius += by;
    }
}

#[pyfunction]
fn around(circle: &Circle) -> f64 {
    std::f64::consts::TAU * circle.radius
}
"""

GAPS = """%%rust_module holey
use pyo3::prelude::*;
use pyo3::types::PyFloat;

pyo3::create_exception!(holey, TooHot, pyo3::exceptions::PyValueError);

struct Celsius(f64);

impl<'a, 'py> FromPyObject<'a, 'py> for Celsius {
    type Error = PyErr;
    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        Ok(Celsius(value.extract()?))
    }
}

impl<'py> IntoPyObject<'py> for Celsius {
    type Target = PyFloat;
    type Output = Bound<'py, PyFloat>;
    type Error = std::convert::Infallible;
    fn into_pyobject(self, py: Python<'py>) -> Result<Self::Output, Self::Error> {
        self.0.into_pyobject(py)
    }
}

#[pyfunction]
fn warmer(at: Celsius) -> Celsius {
    Celsius(at.0 + 1.0)
}

#[pyclass]
struct Sensor {}

#[pymethods]
impl Sensor {
    #[getter]
    fn now(&self) -> Celsius {
        Celsius(20.0)
    }
    fn same(&self, value: Py<PyAny>) -> i64 {
        let _ = value;
        1
    }
}
"""


@pytest.fixture(scope="module")
def running(live: Kernel) -> Kernel:
    result = live.run(WHOLE)
    assert result.ok, result.text
    return live


@pytest.fixture(scope="module")
def stubbed(running: Kernel) -> str:
    """The stub of `drawn`, made while objects of it live."""
    running.run("before = drawn; circle = drawn.Circle(1.0)")
    return stubs(running, "drawn")


def stubs(running: Kernel, name: str) -> str:
    result = running.run(f"%rust_stubs {name}", timeout=300)
    assert result.ok, result.text
    return result.text


def good(running: Kernel, code: str) -> str:
    result = running.run(code)
    assert result.ok, result.text
    return result.text


def completions(running: Kernel, code: str) -> list[str]:
    sent = running.client.complete(code, len(code))
    while True:
        reply = running.client.get_shell_msg(timeout=60)
        if reply["parent_header"].get("msg_id") == sent:
            return list(reply["content"]["matches"])


def test_the_stub_is_shown(stubbed: str):
    assert stubbed.startswith("# drawn/__init__.pyi\n")
    assert "def area(width: SupportsFloat | SupportsIndex, " in stubbed
    assert "def around(circle: Circle) -> float: ..." in stubbed
    assert "rustcell" not in stubbed
    assert "Not complete" not in stubbed


def test_what_is_loaded_and_its_objects_stay(running: Kernel, stubbed: str):
    assert running.value("(before is drawn, type(circle) is drawn.Circle)") == "(True, True)"
    assert running.value("drawn.around(circle) > 6") == "True"
    assert "generation 1" in good(running, "%rust_status")


def test_children_and_the_environment_have_it(running: Kernel, stubbed: str):
    code = (
        "import subprocess, sys; print(subprocess.run([sys.executable, '-c', 'import drawn, os; "
        "print(sorted(os.listdir(os.path.dirname(drawn.__file__))), drawn.area(2.0))'], "
        "capture_output=True, text=True).stdout)"
    )
    assert "'__init__.pyi'" in good(running, code)
    assert "'py.typed'] 2.0" in good(running, code)
    assert "drawn [debug] installed" in good(running, "%rust_status")
    (record,) = Path(sysconfig.get_path("platlib")).glob("rustcell_drawn-*.dist-info/RECORD")
    assert {"drawn/__init__.pyi", "drawn/py.typed"} <= {
        line.partition(",")[0] for line in record.read_text(encoding="utf-8").splitlines()
    }


def test_type_checkers_see_it(running: Kernel, stubbed: str, tmp_path: Path):
    good(running, "%rust_status")
    code = "import drawn\nreveal_type(drawn.area(1.0))\ndrawn.Circle('wide')\ndrawn.nothing\n"
    (tmp_path / "uses.py").write_text(code, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "uses.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 'Revealed type is "float"' in done.stdout, done.stdout + done.stderr
    assert 'Argument 1 to "Circle" has incompatible type "str"' in done.stdout
    assert 'Module has no attribute "nothing"' in done.stdout


def test_completion_sees_it(running: Kernel, stubbed: str):
    assert "is_integer" in completions(running, "import drawn as d\nd.area(1.0).is_")
    assert "is_integer" in completions(running, "drawn.Circle(1.0).radius.is_")


def test_a_second_time_and_the_unchanged_cell_build_nothing(running: Kernel, stubbed: str):
    folder = running.value("drawn.__file__")
    assert stubs(running, "drawn") == stubbed
    good(running, WHOLE)
    assert running.value("drawn.__file__") == folder


def test_another_kernel_finds_the_finished_stubs(running: Kernel, stubbed: str):
    with kernel() as other:
        good(other, WHOLE)
        before = other.value("drawn.__file__")
        assert stubs(other, "drawn") == stubbed
        assert other.value("drawn.__file__") == running.value("drawn.__file__") != before


def test_what_a_stub_leaves_open_is_told_with_the_reason(running: Kernel):
    good(running, GAPS)
    told = stubs(running, "holey").partition("Not complete:")[2].partition("# holey")[0]
    lines = [line.removeprefix("- ") for line in told.strip().splitlines()]
    assert [line.partition(":")[0] for line in lines] == [
        "holey.Sensor.now, result",
        "holey.Sensor.same, parameter value",
        "holey.warmer, parameter at",
        "holey.warmer, result",
        "holey",
        "holey.TooHot",
    ]
    reasons = dict(line.split(": ", 1) for line in lines)
    assert "INPUT_TYPE in its `impl FromPyObject`" in reasons["holey.warmer, parameter at"]
    assert "OUTPUT_TYPE in its `impl IntoPyObject`" in reasons["holey.warmer, result"]
    assert reasons["holey.Sensor.same, parameter value"].startswith("Any: ")
    assert "create_exception!" in reasons["holey.TooHot"]


def test_a_function_style_module_says_why_it_has_no_stub(running: Kernel):
    good(
        running,
        "%%rust_module old_style\nuse pyo3::prelude::*;\n#[pyfunction]\nfn one() -> i32 { 1 }\n"
        "#[pymodule]\nfn old_style(m: &Bound<'_, PyModule>) -> PyResult<()> {\n"
        "    m.add_function(wrap_pyfunction!(one, m)?)\n}",
    )
    told = stubs(running, "old_style")
    assert "- old_style: any name passes, since PyO3 does not see what is added at run time" in told
    assert "- old_style.one: not in the stub" in told


def test_a_mixed_package_gets_the_stub_of_its_rust_part(running: Kernel):
    good(running, "%%rust_file blend python/blend/__init__.py\nfrom blend._native import one")
    good(
        running,
        "%%rust_module blend\nuse pyo3::prelude::*;\n#[pyfunction]\nfn one() -> i32 { 1 }",
    )
    told = stubs(running, "blend")
    assert "# blend/_native.pyi\n" in told
    assert "def one() -> int: ..." in told
    assert "- blend/py.typed: PyO3 has inserted no py.typed" in told
    assert "blend [debug] installed" in good(running, "%rust_status")
    assert (Path(sysconfig.get_path("platlib")) / "blend" / "_native.pyi").exists()


def test_a_pyo3_without_introspection_is_an_error_with_the_log(running: Kernel):
    good(
        running,
        "%%rust_module ancient --pyo3 0.24.0 --edition 2021\nuse pyo3::prelude::*;\n"
        "#[pyfunction]\nfn one() -> i32 { 1 }",
    )
    result = running.run("%rust_stubs ancient", timeout=300)
    assert result.ename == "BuildError"
    assert result.evalue.startswith("maturin makes no type stub of ancient")
    assert "%%rust_file" in result.text
    assert running.value("ancient.one()") == "1"


def test_bad_lines(running: Kernel):
    result = running.run("%rust_stubs nowhere")
    assert (result.ename, "no module 'nowhere'" in result.evalue) == ("OptionsError", True)
    assert running.run("%rust_stubs").evalue == "the following arguments are required: NAME"
