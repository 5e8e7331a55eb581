"""Every rule of the hints against the rustc and the PyO3 of today.

A snippet is code that a learner might type or copy; compiled for real, it must give
exactly the hint that is written beside it (its beginning is enough).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

from rustcell.messages.diagnostics import Diagnostic, diff, from_message, render
from rustcell.messages.hint_rules import MISTAKES
from rustcell.messages.hints import applied, hints, runtime_hint
from rustcell.messages.old_names import OLD_NAMES

pytestmark = pytest.mark.rust

MANIFEST = """
[package]
name = "cell"
version = "0.1.0"
edition = "2024"
[lib]
crate-type = ["cdylib"]
[dependencies]
pyo3 = "=0.30.1"
[features]
abi3 = ["pyo3/abi3-py310"]
[profile.dev]
debug = 0
[workspace]
"""

Compile = Callable[..., list[Diagnostic]]


@pytest.fixture(scope="session")
def crate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hints")
    (folder / "src").mkdir()
    (folder / "Cargo.toml").write_text(MANIFEST)
    return folder


@pytest.fixture(scope="session")
def compile_cell(crate: Path) -> Compile:
    environment = {
        **os.environ,
        "CARGO_TARGET_DIR": str(crate / "target"),
        "PYO3_BUILD_EXTENSION_MODULE": "1",
        "PYO3_PYTHON": sys.executable,
    }

    def run(
        source: str, arguments: str = "", *, profile: str = "check", folder: Path = crate
    ) -> list[Diagnostic]:
        (folder / "src" / "lib.rs").write_text(source)
        options, _, flags = arguments.partition("-- ")
        command = ["cargo", "rustc", "--offline", "--lib", "--profile", profile, *options.split()]
        command += ["--message-format", "json-diagnostic-rendered-ansi", "--", *flags.split()]
        command += ["--remap-path-prefix", f"{Path('src', 'lib.rs')}=%%rust_module geom"]
        built = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False
        )
        lines = [json.loads(line) for line in built.stdout.splitlines()]
        assert lines, built.stderr
        return [diagnostic for line in lines if (diagnostic := from_message(line))]

    return run


def pyfunction(code: str) -> str:
    return "#[pyfunction]\n" + code


def in_class(code: str, options: str = "", fields: str = "") -> str:
    return f"#[pyclass{options}]\nstruct P {{{fields}}}\n#[pymethods]\nimpl P {{ {code} }}"


def exported(code: str) -> str:
    """Put `f` into a module, so that rustc does not call it unused."""
    return pyfunction(code) + "\n#[pymodule]\nmod geom { #[pymodule_export] use super::f; }"


ANY = "o: &Bound<'_, PyAny>"
LIST = "use pyo3::types::PyList;\n"

# (code after `use pyo3::prelude::*;`, how the one hint begins)
SNIPPETS: dict[str, tuple[str, str]] = {
    # names of older PyO3
    "with_gil": (
        pyfunction("fn f() -> i32 { Python::with_gil(|_| 1) }"),
        "`Python::with_gil` is `Pyth",
    ),
    "with_gil_unchecked": (
        pyfunction("fn f() { unsafe { Python::with_gil_unchecked(|_| ()) } }"),
        "It is `Python::attach_unchecked`",
    ),
    "acquire_gil": (
        pyfunction("fn f() { let _ = Python::acquire_gil(); }"),
        "`Python::acquire_gil` was",
    ),
    "with_gil in a thread": (
        pyfunction("fn f() { std::thread::spawn(|| Python::with_gil(|_| ())); }"),
        "`Python::with_gil` is `Python::attach`",
    ),
    "allow_threads": (
        pyfunction("fn f(py: Python<'_>) -> i32 { py.allow_threads(|| 1) }"),
        "`py.allow_threads(...)` is `py.detach(...)`",
    ),
    "prepare": (
        pyfunction("fn f() { pyo3::prepare_freethreaded_python(); }"),
        "`prepare_freethreaded",
    ),
    "PyObject": (pyfunction("fn f(o: PyObject) {}"), "`PyObject` is written `Py<PyAny>`"),
    "PyObject imported": ("use pyo3::PyObject;", "`PyObject` is written `Py<PyAny>`"),
    "PyCell": (f"{in_class('')}\n{pyfunction('fn f(p: &PyCell<P>) {}')}", "`PyCell` is gone"),
    "PyCell imported": ("use pyo3::PyCell;", "`PyCell` is gone"),
    "downcast": (
        LIST + pyfunction(f"fn f({ANY}) -> bool {{ o.downcast::<PyList>().is_ok() }}"),
        "`.downcast::<T>()` is `.cast::<T>()`",
    ),
    "downcast_into": (
        LIST + pyfunction("fn f(o: Bound<'_, PyAny>) { let _ = o.downcast_into::<PyList>(); }"),
        "`.downcast_into::<T>()` is `.cast_into::<T>()`",
    ),
    "DowncastError": ("use pyo3::DowncastError;", "The error of a failed cast is `CastError`"),
    "DowncastIntoError": (
        "use pyo3::DowncastIntoError;",
        "The error of a failed cast is `CastIntoError`",
    ),
    "cast_as": (
        LIST + pyfunction(f"fn f({ANY}) -> bool {{ o.cast_as::<PyList>().is_ok() }}"),
        "`.cast_as::<T>()` is `.cast::<T>()`",
    ),
    "PyTryFrom": ("use pyo3::PyTryFrom;", "There is no `PyTryFrom`"),
    "into_py": (
        pyfunction("fn f(py: Python<'_>) -> Py<PyAny> { 1.into_py(py) }"),
        "`IntoPy` and `ToPyObject` are `IntoPyObject`",
    ),
    "to_object": (
        pyfunction("fn f(py: Python<'_>) -> Py<PyAny> { 1i32.to_object(py) }"),
        "`IntoPy` and `ToPyObject` are `IntoPyObject`",
    ),
    "ToPyObject": (
        "struct P;\nimpl ToPyObject for P { }",
        "`IntoPy` and `ToPyObject` are `IntoPyObject`",
    ),
    "IntoPy": ("use pyo3::{IntoPy, ToPyObject};", "`IntoPy` and `ToPyObject` are `IntoPyObject`"),
    "AsPyPointer": ("use pyo3::AsPyPointer;", "The trait was removed in PyO3 0.25"),
    "extract_bound": (
        (
            "struct P;\nimpl<'py> FromPyObject<'py> for P {\n"
            " fn extract_bound(_: &Bound<'py, PyAny>) -> PyResult<Self> { Ok(P) } }"
        ),
        "Since PyO3 0.27: `impl<'a, 'py> FromPyObject",
    ),
    "FromPyObject": (
        (
            "struct P;\nimpl<'s> FromPyObject<'s> for P {\n"
            " fn extract(_: &'s Bound<'_, PyAny>) -> PyResult<Self> { Ok(P) } }"
        ),
        "Since PyO3 0.27: `impl<'a, 'py> FromPyObject",
    ),
    "import_bound": (
        pyfunction('fn f(py: Python<\'_>) { let _ = py.import_bound("sys"); }'),
        "The suffix went away in PyO3 0.23: `import_bound` is `import`",
    ),
    "new_bound": (
        LIST + pyfunction("fn f(py: Python<'_>) { PyList::new_bound(py, [1]); }"),
        "The suffix went away in PyO3 0.23: `new_bound` is `new`",
    ),
    "wrap_pyfunction_bound": (
        pyfunction("fn g() {}") + "\n#[pymodule]\nfn geom(m: &Bound<'_, PyModule>) -> PyResult<()>"
        " { m.add_function(wrap_pyfunction_bound!(g, m)?) }",
        "The suffix went away in PyO3 0.23: `wrap_pyfunction_bound`",
    ),
    "GILOnceCell": (
        "use pyo3::sync::GILOnceCell;\nstatic C: GILOnceCell<i32> = GILOnceCell::new();",
        "`GILOnceCell` is `pyo3::sync::PyOnceLock`",
    ),
    "GILProtected": (
        "use pyo3::sync::GILProtected;",
        "Deprecated in PyO3 0.26: use `std::sync::Mu",
    ),
    "py_err": (
        "use pyo3::exceptions::PyValueError;\n"
        + pyfunction('fn f() -> PyResult<()> { Err(PyValueError::py_err("x")) }'),
        "`py_err` is `new_err`",
    ),
    "ValueError": (
        "use pyo3::exceptions::ValueError;",
        "Python's exceptions are `pyo3::exceptions::Py...` since PyO3 0.12: `PyValueError`",
    ),
    "Exception": (
        "pyo3::create_exception!(geom, MyError, pyo3::exceptions::Exception);",
        "Python's exceptions are `pyo3::exceptions::Py...` since PyO3 0.12: `PyException`",
    ),
    "from_instance": (
        pyfunction("fn f(o: Bound<'_, PyAny>) { let _ = PyErr::from_instance(o); }"),
        "It is `PyErr::from_value`",
    ),
    "ObjectProtocol": ("use pyo3::ObjectProtocol;", "The trait was removed in PyO3 0.10"),
    "is_instance": (
        LIST + pyfunction(f"fn f(py: Python<'_>, {ANY}) {{ py.is_instance::<PyList, _>(o); }}"),
        "Ask the object, not `py`",
    ),
    "release": (
        pyfunction("fn f(py: Python<'_>, o: Py<PyAny>) { py.release(o); }"),
        "Just drop the object",
    ),
    "from_borrowed_ptr_or_err": (
        pyfunction("fn f(py: Python<'_>) { py.from_borrowed_ptr_or_err(std::ptr::null_mut()); }"),
        "Since PyO3 0.23: `unsafe { Bound::from_borrowed_ptr_or_err(py, ptr) }`",
    ),
    "args": (in_class("#[args(x = 1)] fn m(&self, x: i32) {}"), "#[args(...)] was removed"),
    "text_signature": (
        pyfunction('#[text_signature = "(x)"]\nfn f(x: i32) {}'),
        '#[text_signature = "..."] is #[pyo3(text_signature',
    ),
    "name": (pyfunction('#[name = "g"]\nfn f() {}'), '#[name = "..."] is #[pyo3(name = "...")]'),
    "call": (in_class("#[call] fn m(&self) {}"), "#[call] is not needed"),
    "pyproto": (
        "#[pyclass]\nstruct P {}\n#[pyproto]\nimpl P {}",
        "#[pyproto] was removed in PyO3 0.18",
    ),
    "PyObjectProtocol": ("use pyo3::PyObjectProtocol;", "#[pyproto] was removed in PyO3 0.18"),
    "as_slice": (
        "use pyo3::buffer::PyBuffer;\n"
        + exported("fn f(py: Python<'_>, b: PyBuffer<u8>) -> bool { b.as_slice(py).is_some() }"),
        "Unsound, and deprecated in PyO3 0.30",
    ),
    "PyMutex": ("use pyo3::types::PyMutex;", "`PyMutex` is in `pyo3::sync` since PyO3 0.30"),
    "pyfn": (
        (
            "#[pymodule]\nfn geom(m: &Bound<'_, PyModule>) -> PyResult<()> {\n"
            " #[pyfn(m)]\n fn g() {}\n Ok(()) }"
        ),
        "#[pyfn] is deprecated since PyO3 0.27",
    ),
    # other changes
    "&PyAny": (pyfunction("fn f(o: &PyAny) -> bool { o.is_none() }"), "`&PyAny` (a GIL reference)"),
    "&PyList": (LIST + pyfunction("fn f(o: &PyList) {}"), "`&PyList` (a GIL reference)"),
    "&PyList returned": (
        LIST + pyfunction("fn f(py: Python<'_>) -> &PyList { PyList::empty(py) }"),
        "`&PyList` (a GIL reference)",
    ),
    "&PyModule": (
        '#[pymodule]\nfn geom(_py: Python, m: &PyModule) -> PyResult<()> { m.add("a", 1) }',
        "`&PyModule` (a GIL reference)",
    ),
    "as_ref": (
        pyfunction("fn f(py: Python<'_>, o: Py<PyAny>) { o.as_ref(py); }"),
        "`.as_ref(py)` on a `Py<T>`",
    ),
    "eval": (
        pyfunction('fn f(py: Python<\'_>) { let _ = py.eval("1", None, None); }'),
        "Python code is a C string",
    ),
    "run a String": (
        pyfunction("fn f(py: Python<'_>, code: String) { let _ = py.run(&code, None, None); }"),
        "Python code is a C string",
    ),
    "from_code": (
        pyfunction(
            'fn f(py: Python<\'_>) { let _ = PyModule::from_code(py, "x=1", "f.py", "f"); }'
        ),
        "Python code is a C string",
    ),
    "clone": (
        pyfunction("fn f(o: Py<PyAny>) -> Py<PyAny> { o.clone() }"),
        "A `Py<T>` is cloned with `.clone_ref(py)`",
    ),
    "derive Clone": (
        "#[derive(Clone)]\nstruct P { o: Py<PyAny> }",
        "A `Py<T>` is cloned with `.clone_ref(py)`",
    ),
    "clone of a reference": (
        pyfunction("fn f(o: Py<PyAny>) -> Py<PyAny> { let p = &o; p.clone() }"),
        "A `Py<T>` is cloned with `.clone_ref(py)` since PyO3 0.22; `.clone()` copied only",
    ),
    "PyList::new": (
        LIST + pyfunction("fn f(py: Python<'_>) -> usize { PyList::new(py, [1]).len() }"),
        "Making a Python object can fail",
    ),
    "into_py_dict": (
        "use pyo3::types::{IntoPyDict, PyDict};\n"
        + pyfunction("fn f(py: Python<'_>) -> Bound<'_, PyDict> { [(1, 1)].into_py_dict(py) }"),
        "Making a Python object can fail",
    ),
    "pyfunction(x = 1)": (
        "#[pyfunction(x = 1)]\nfn f(x: i32) {}",
        "Parameters go into `signature`",
    ),
    "pyclass(gc)": ("#[pyclass(gc)]\nstruct P {}", "#[pyclass(gc)] is not needed"),
    "(Self, Base)": (
        "#[pyclass(subclass)]\nstruct B {}\n"
        + in_class("#[new] fn new() -> (Self, B) { (P {}, B {}) }", "(extends = B)"),
        "Since PyO3 0.29 `#[new]` with a base class",
    ),
    # the three pointers
    "Bound in a class": (
        "#[pyclass]\nstruct P { o: Bound<'static, PyAny> }",
        "A #[pyclass] cannot hold a `Bound`",
    ),
    "Bound in detach": (
        pyfunction(f"fn f(py: Python<'_>, {ANY}) -> bool {{ py.detach(|| o.is_none()) }}"),
        "Inside `py.detach` no Python object",
    ),
    "Bound in a static": (
        "use std::sync::OnceLock;\nstatic X: OnceLock<Bound<'static, PyAny>> = OnceLock::new();",
        "A static cannot hold a `Bound`",
    ),
    "Bound in a thread": (
        pyfunction("fn f(o: Bound<'_, PyAny>) { std::thread::spawn(move || o.is_none()); }"),
        "`Python` and `Bound` stay on their thread",
    ),
    "Bound out of attach": (
        pyfunction("fn f() { let _o = Python::attach(|py| py.None().into_bound(py)); }"),
        "Nothing tied to `py` may leave `Python::attach`",
    ),
    "Bound without a lifetime": (
        "#[pyclass]\nstruct P {\n    o: Bound<PyAny>,\n}",
        "A struct given to Python cannot borrow",
    ),
    "Py for Bound": (
        pyfunction("fn f(o: Py<PyAny>) { g(&o) }\nfn g(_: &Bound<'_, PyAny>) {}"),
        "A `Py<T>` needs the token",
    ),
    "Bound for Py": (
        pyfunction(f"fn f({ANY}) -> Py<PyAny> {{ o }}"),
        "`.unbind()` makes a `Py<T>`",
    ),
    "PyList for PyAny": (
        LIST + pyfunction("fn f<'py>(o: Bound<'py, PyList>) -> Bound<'py, PyAny> { o }"),
        "Any Python object becomes a `Bound<'_, PyAny>`",
    ),
    "PyAny for PyList": (
        LIST + pyfunction("fn f<'py>(o: Bound<'py, PyAny>) -> Bound<'py, PyList> { o }"),
        "Ask for the type while running",
    ),
    "Py without py": (
        pyfunction('fn f(o: Py<PyAny>) { let _ = o.getattr("x"); }'),
        "The methods of `Py<T>` take `py` first",
    ),
    "Py has no len": (
        pyfunction("fn f(o: Py<PyAny>) { let _ = o.len(); }"),
        "Call methods on `.bind(py)`",
    ),
    "call1 with a name": (
        pyfunction(f'fn f({ANY}) {{ let _ = o.call1("sqrt", (2,)); }}'),
        "`.call1((a, b))` calls the object itself",
    ),
    "get on a module": (
        pyfunction('fn f(m: &Bound<\'_, PyModule>) { let _ = m.get("pi"); }'),
        "A module's or object's attribute is `.getattr",
    ),
    # classes
    "lifetime": (
        "#[pyclass]\nstruct P<'a> { o: &'a str }",
        "Python decides how long an object lives",
    ),
    "generic class": ("#[pyclass]\nstruct P<T> { o: T }", "Python sees one type"),
    "generic function": (pyfunction("fn f<T>(o: T) {}"), "Python calls one compiled function"),
    "Rc": (
        "#[pyclass]\nstruct P { o: std::rc::Rc<i32> }",
        "Any thread may use a #[pyclass]: take `Arc`",
    ),
    "RefCell": (
        "#[pyclass]\nstruct P { o: std::cell::RefCell<i32> }",
        "Any thread may use a #[pyclass] (PyO3 0.23): take a `Mutex` or an atomic for\n`RefCell`",
    ),
    "dyn Fn": (
        "#[pyclass]\nstruct P { o: Box<dyn Fn()> }",
        "Any thread may use a #[pyclass] (PyO3 0.23): add `+ Send + Sync`",
    ),
    "Rc in detach": (
        pyfunction(
            "fn f(py: Python<'_>) -> i32 { let r = std::rc::Rc::new(1); py.detach(|| *r + 1) }"
        ),
        "What `py.detach` uses must be safe on another thread, and `Rc<i32>` is not",
    ),
    "two pymethods": (
        in_class("fn a(&self) {}") + "\n#[pymethods]\nimpl P { fn b(&self) {} }",
        "One #[pymethods] block",
    ),
    "frozen": (in_class("fn a(&mut self) {}", "(frozen)"), "A frozen class has no `&mut self`"),
    "get": (
        in_class("", "", "x: i32") + "\n" + pyfunction("fn f(p: Py<P>) -> i32 { p.get().x }"),
        "`.get()` needs #[pyclass(frozen)]",
    ),
    "extends PyList": (
        "#[pyclass(extends = pyo3::types::PyList)]\nstruct P {}",
        "`PyList` as a base class needs Python 3.12",
    ),
    # values across the border
    "Utf8Error": (
        pyfunction("fn f(b: &[u8]) -> PyResult<&str> { Ok(std::str::from_utf8(b)?) }"),
        "`?` does not take a `Utf8Error`",
    ),
    "String as an error": (
        pyfunction("fn f() -> Result<i32, String> { Ok(1) }"),
        "A text is no exception",
    ),
    "Box<dyn Error>": (
        pyfunction("fn f() -> Result<i32, Box<dyn std::error::Error>> { Ok(1) }"),
        "PyO3 cannot know which exception",
    ),
    "an error of one's own": (
        "#[derive(Debug)]\nstruct E;\nfn g() -> Result<i32, E> { Ok(1) }\n"
        + pyfunction("fn f() -> PyResult<i32> { Ok(g()?) }"),
        "Say which exception your error is: `impl From<E> for PyErr`",
    ),
    "Option with ?": (
        pyfunction("fn f(v: Vec<i32>) -> PyResult<i32> { Ok(*v.first()?) }"),
        "`None` is no exception yet",
    ),
    "&Vec": (pyfunction("fn f(v: &Vec<i32>) {}"), "PyO3 makes a Rust value of the argument"),
    "&mut Vec": (
        pyfunction("fn f(v: &mut Vec<i32>) {}"),
        "PyO3 makes a Rust value of the argument",
    ),
    "&[T]": (pyfunction("fn f(v: &[f64]) {}"), "PyO3 makes a Rust value of the argument"),
    "class by value": (
        "#[pyclass]\n#[derive(Clone)]\nstruct P {}\n" + pyfunction("fn f(p: P) {}"),
        "`P` by value needs #[pyclass(from_py_object)]",
    ),
    "Vec of a class": (
        "#[pyclass]\n#[derive(Clone)]\nstruct P {}\n" + pyfunction("fn f(p: Vec<P>) {}"),
        "`P` by value needs #[pyclass(from_py_object)]",
    ),
    "a crate's type as argument": (
        "struct NaiveDate;\n" + pyfunction("fn f(day: NaiveDate) {}"),
        "PyO3 converts `NaiveDate` with the feature of its crate",
    ),
    "a crate's type as result": (
        "struct BigUint;\n" + pyfunction("fn f() -> BigUint { BigUint }"),
        "PyO3 converts `BigUint` with the feature of its crate",
    ),
    "struct as argument": (
        "struct P;\n" + pyfunction("fn f(p: P) {}"),
        "Tell PyO3 how to make `P`",
    ),
    "get without Clone": (
        "#[pyclass]\nstruct Q {}\n#[pyclass]\nstruct P { #[pyo3(get)] q: Q }",
        "A getter hands out a copy, so `Q` must be `Clone`",
    ),
    "reference returned": (
        in_class("fn m(&self) -> &P { self }"),
        "A Rust reference cannot go to Python: return a clone, or a `Py<P>`",
    ),
    "iterator": (pyfunction("fn f() -> impl Iterator<Item = i32> { 0..3 }"), "Collect it"),
    "struct returned": (
        "struct P;\n" + pyfunction("fn f() -> P { P }"),
        "Python does not know `P`",
    ),
    "Option as default": (
        pyfunction("#[pyo3(signature = (a=None, b))]\nfn f(a: Option<i32>, b: i32) {}"),
        "After a default all further parameters",
    ),
    "plain function exported": (
        "fn f() {}\n#[pymodule]\nmod m { #[pymodule_export]\nuse super::f; }",
        "Only what PyO3 knows can be exported: put #[pyfunction] above `fn f`",
    ),
    # the cell
    "no prelude": (
        "mod inner { #[pyfunction]\nfn f() {} }",
        "Begin the cell, and each `mod` in it",
    ),
    "prelude only outside": (
        "mod inner { fn f() -> PyResult<()> { Ok(()) } }",
        "Begin the cell, and each `mod` in it",
    ),
    "wrap_pyfunction": (
        (
            "#[pymodule]\nfn geom(m: &Bound<'_, PyModule>) -> PyResult<()>"
            " { m.add_function(wrap_pyfunction!(f, m)?) }\nfn f() {}"
        ),
        "`wrap_pyfunction!` needs a function that is marked",
    ),
    "crate": ("use rayon::prelude::*;", "Ask for the crate on the magic line: `--dep rayon`."),
    "crate with _": (
        pyfunction('fn f() -> f64 { serde_json::from_str("1") }'),
        "Ask for the crate on the magic line: `--dep serde_json` (",
    ),
    "async": (pyfunction("async fn f() {}"), "Ask for it on the magic line: `--features experi"),
    "not exported": (
        pyfunction("fn f() {}") + "\n#[pymodule]\nmod geom {}",
        "No module exports `f`",
    ),
    # with other options, see OPTIONS
    "abi3 and buffers": ("use pyo3::buffer::PyBuffer;", "`abi3` has no buffers"),
    "symbols of Python": (
        exported("fn f() -> i32 { 1 }"),
        "Python's own functions are missing",
    ),
}

OPTIONS = {
    "abi3 and buffers": {"arguments": "--features abi3", "profile": "check"},
    # What Windows always does, and macOS without PyO3's own linker flags: no open symbols.
    "symbols of Python": {"arguments": "-- -Clink-arg=-Wl,-z,defs", "profile": "dev"},
}
SKIPPED = {
    "extends PyList": (sys.version_info >= (3, 12), "Python 3.12 has this"),
    "PyMutex": (sys.version_info >= (3, 13), "Python 3.13 has it"),
    "symbols of Python": (sys.platform != "linux", "a flag of the Linux linker"),
}


# Each snippet is compiled once, whichever test asks first.
_compiled: dict[str, list[Diagnostic]] = {}


def source_of(name: str) -> str:
    return "use pyo3::prelude::*;\n" + SNIPPETS[name][0] + "\n"


def compiled(name: str, compile_cell: Compile) -> list[Diagnostic]:
    if name not in _compiled:
        options = OPTIONS.get(name, {"arguments": "", "profile": "check"})
        _compiled[name] = compile_cell(
            source_of(name), options["arguments"], profile=options["profile"]
        )
    return _compiled[name]


def skipped(name: str) -> bool:
    return SKIPPED.get(name, (False, ""))[0]


@pytest.mark.parametrize("name", SNIPPETS)
def test_snippet_gives_exactly_its_hint(name: str, compile_cell: Compile) -> None:
    if skipped(name):
        pytest.skip(SKIPPED[name][1])
    diagnostics = compiled(name, compile_cell)
    found = hints(diagnostics, source_of(name))
    text = render(diagnostics, plain=True, cell_name="%%rust_module geom")
    assert len(found) == 1, f"{found}\n{text}"
    assert found[0].startswith(SNIPPETS[name][1]), text
    assert found[0].count("\n") <= 1
    assert "$" not in found[0]


def test_every_rule_has_a_snippet(compile_cell: Compile) -> None:
    untried = {*OLD_NAMES, *MISTAKES}
    for name in SNIPPETS:
        if skipped(name):
            continue
        for diagnostic in compiled(name, compile_cell):
            rules = [rule for rule in OLD_NAMES if applied(rule, diagnostic, source_of(name))]
            if not rules:
                fitting = (rule for rule in MISTAKES if applied(rule, diagnostic, source_of(name)))
                rules = list(fitting)[:1]
            untried.difference_update(rules)
    # What cannot be tried on this Python or system leaves its rule untried.
    excused = [SNIPPETS[name][1] for name in SNIPPETS if skipped(name)]
    left = [rule.hint for rule in untried]
    assert len(left) <= len(excused), left


@pytest.mark.parametrize(
    "code",
    [
        exported("fn f(a: i64, b: i64) -> i64 { a + b }"),
        "#[pyclass(from_py_object)]\n#[derive(Clone)]\nstruct P { #[pyo3(get)] x: i32 }\n"
        + exported("fn f(p: P) -> P { p }"),
        exported("fn f(py: Python<'_>, n: u64) -> u64 { py.detach(|| n * 2) }"),
    ],
)
def test_a_clean_build_has_no_hints(code: str, compile_cell: Compile) -> None:
    source = "use pyo3::prelude::*;\n" + code
    diagnostics = compile_cell(source)
    assert not [item for item in diagnostics if item.level == "error"]
    assert hints(diagnostics, source) == []


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("fn f() -> usize { let v = vec![1]; let w = v; v.len() + w.len() }", "E0382"),
        ('fn f() { let mut v = vec![1]; let a = &v; v.push(1); println!("{a:?}"); }', "E0502"),
        ('fn f() -> i32 { "a" }', "E0308"),
        ("fn f() -> i32 { missing }", "E0425"),
        ("fn f() -> i32 { 1.release() }", "E0599"),
        ("fn f(o: &Bound<'_, PyAny>) { o.no_such_method(); }", "E0599"),
        ("fn f() { std::thread::spawn({ let r = std::rc::Rc::new(1); move || *r }); }", "E0277"),
        ("fn f<'a>() -> &'b str { \"\" }", "E0261"),
        ("fn f() -> i32 { let x = ; 1 }", None),
    ],
)
def test_plain_mistakes_of_rust_have_no_hints(
    code: str, error: str | None, compile_cell: Compile
) -> None:
    source = "use pyo3::prelude::*;\n" + exported(code)
    diagnostics = compile_cell(source)
    assert error in [item.code for item in diagnostics if item.level == "error"]
    assert hints(diagnostics, source) == []


def test_at_most_three_hints_in_the_order_of_the_errors(compile_cell: Compile) -> None:
    source = "\n".join(
        [
            "use pyo3::prelude::*;",
            "use pyo3::{AsPyPointer, DowncastError, ObjectProtocol, PyCell, PyTryFrom};",
            pyfunction("fn f(o: PyObject) { Python::with_gil(|_| ()); }"),
        ]
    )
    found = hints(compile_cell(source), source)
    assert len(found) == len(set(found)) == 3


def test_same_words_in_another_folder(compile_cell: Compile, crate: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / "src").mkdir(parents=True)
    for name in ("Cargo.toml", "Cargo.lock"):
        (other / name).write_text((crate / name).read_text())
    for name in ("&PyAny", "Bound in detach", "Bound in a thread", "String as an error", "IntoPy"):
        first = render(compiled(name, compile_cell), plain=False, cell_name="cell")
        found = compile_cell(source_of(name), folder=other)
        again = render(found, plain=False, cell_name="cell")
        assert first == again
        for folder in (crate, other, Path.home(), Path(sys.prefix)):
            assert str(folder) not in json.dumps([item.to_json() for item in found])
        assert ".cargo" not in again
        assert "/rustc/" not in again


def test_diff_shows_what_rustc_is_sure_of(compile_cell: Compile) -> None:
    source = "use pyo3::prelude::*;\nuse std::fmt;\n" + exported("fn f() { let x = 1; }") + "\n"
    lines = diff(source, compile_cell(source)).splitlines()
    assert "-use std::fmt;" in lines
    assert "-fn f() { let x = 1; }" in lines
    assert "+fn f() { let _x = 1; }" in lines
    guessed = source.replace("let x = 1;", "Python::with_gill(|_| ());")
    assert "with_gill" not in diff(guessed, compile_cell(guessed))


RUNTIME = """
use pyo3::prelude::*;
#[pyclass]
struct Names { items: Vec<String> }
#[pymethods]
impl Names {
    #[new]
    fn new() -> Self { Names { items: vec![] } }
    fn each(&mut self, call: &Bound<'_, PyAny>) -> PyResult<()> { call.call0()?; Ok(()) }
    fn merge(&mut self, other: PyRef<'_, Names>) { self.items.extend(other.items.clone()); }
    fn count(&self) -> usize { self.items.len() }
    fn apply(&self, call: &Bound<'_, PyAny>) -> PyResult<()> { call.call0()?; Ok(()) }
}
#[pyclass]
struct Bare {}
#[pyfunction]
fn small(n: u8) -> u8 { n }
#[pyfunction]
fn wide(n: i64) -> i64 { n }
#[pyfunction]
fn unsigned(n: u64) -> u64 { n }
#[pyfunction]
fn letters(v: Vec<String>) -> usize { v.len() }
#[pyfunction]
fn boom() { panic!("no") }
#[pymodule]
mod cell {
    #[pymodule_export]
    use super::{Bare, Names, boom, letters, small, unsigned, wide};
    #[pymodule_export]
    use super::inner;
}
#[pymodule]
mod inner {}
"""

# The exceptions are provoked in a fresh interpreter, which prints type and text.
PROVOKE = """
import importlib, importlib.machinery, importlib.util, json, sys
def load(name):
    loader = importlib.machinery.ExtensionFileLoader(name, sys.argv[1])
    spec = importlib.util.spec_from_file_location(name, sys.argv[1], loader=loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    sys.modules[name] = module
    return module
cell = load("cell")
names = cell.Names()
def reenter(): names.count()
tries = [
    lambda: names.each(reenter), lambda: names.merge(names),
    lambda: names.apply(lambda: names.each(print)), cell.boom, lambda: cell.small(300),
    lambda: cell.wide(2**70), lambda: cell.unsigned(-1), lambda: load("geom"),
    lambda: cell.letters("abc"), cell.Bare, lambda: importlib.import_module("cell.inner"),
]
for attempt in tries:
    try:
        attempt()
    except BaseException as error:
        print(json.dumps([type(error).__name__, str(error)]))
"""


def test_runtime_hints_on_real_exceptions(compile_cell: Compile, crate: Path) -> None:
    assert not [item for item in compile_cell(RUNTIME, profile="dev") if item.level == "error"]
    suffixes = {".so", ".dylib", ".dll"}
    folder = crate / "target" / "debug"
    (built,) = (path for path in folder.iterdir() if path.suffix in suffixes)
    library = crate / ("cell" + (sysconfig.get_config_var("EXT_SUFFIX") or ".so"))
    library.write_bytes(built.read_bytes())
    done = subprocess.run(
        [sys.executable, "-c", PROVOKE, str(library)], capture_output=True, text=True, check=True
    )
    errors = [json.loads(line) for line in done.stdout.splitlines()]
    expected = [
        "A `&mut self` method of this object is still running",
        "A `&mut self` method of this object is still running",
        "A `&mut self` method needs the object alone",
        "The Rust code panicked. A PanicException is a BaseException",
        "Python's number does not fit the Rust type",
        "Python's number does not fit the Rust type",
        "Python's number does not fit the Rust type",
        "The #[pymodule] must have the name that is imported: call it `geom`",
        "A str is no list of its characters",
        "`Bare` has no constructor",
        "If `cell` is a Rust module, write `from cell import inner`",
    ]
    assert len(errors) == len(expected), errors
    for (kind, message), begin in zip(errors, expected, strict=True):
        found = runtime_hint(kind, message)
        assert found is not None, (kind, message)
        assert found.startswith(begin), (kind, message)
