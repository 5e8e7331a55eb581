"""Generated modules compiled by cargo and imported by Python, beside a hand-written one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rustcell.crates.source import generated_module, parse

pytestmark = pytest.mark.rust

MANIFEST = """
[package]
name = "cell"
version = "0.1.0"
edition = "{edition}"
[lib]
crate-type = ["cdylib"]
[dependencies]
pyo3 = "=0.30.1"
[profile.dev]
debug = 0
[workspace]
"""

# Reads the library's path and the module's name; writes what Python sees.
PROBE = """
import importlib.util, json, pickle, sys

path, name = sys.argv[1:]
spec = importlib.util.spec_from_file_location(name, path)
module = importlib.util.module_from_spec(spec)
sys.modules[name] = module
spec.loader.exec_module(module)

def facts(object):
    return [getattr(object, "__%s__" % key, None) for key in
            ("module", "name", "qualname", "doc", "text_signature")]

def message(call):
    try:
        return call()
    except Exception as error:
        return "%s: %s" % (type(error).__name__, error)

seen = {key: facts(value) for key, value in vars(module).items() if not key.startswith("__")}
found = {"name": module.__name__, "doc": module.__doc__, "seen": seen}
found["all"] = sorted(module.__all__)
for expression in sys.stdin.read().splitlines():
    found[expression] = message(lambda: eval(expression, {"pickle": pickle, **vars(module)}))
print(json.dumps(found))
"""

BODY = """\
use pyo3::prelude::*;
use pyo3::exceptions::PyException;

/// Area of a rectangle.
#[pyfunction]
#[pyo3(signature = (w, h = 2.0))]
fn area(w: f64, h: f64) -> f64 { w * h }

// Called like the module, and something else in Python.
#[pyfunction(name = "renamed")]
fn geometry(x: i64) -> i64 { x }

#[pyfunction]
fn r#struct() -> i64 { 3 }

#[pyfunction(pass_module)]
fn called(m: &Bound<'_, PyModule>) -> PyResult<String> { m.name()?.extract() }

#[cfg(not(windows))] #[pyfunction] fn system() -> &'static str { "other" }
#[cfg(windows)] #[pyfunction] fn system() -> &'static str { "windows" }

/// A circle.
#[pyclass]
struct Circle { #[pyo3(get)] r: f64 }

#[pymethods]
impl Circle {
    #[new] fn new(r: f64) -> Self { Circle { r } }
    fn __getnewargs__(&self) -> (f64,) { (self.r,) }
}

#[pyclass(name = "Sq", frozen)] struct Square;
#[pyclass(module = "elsewhere")] struct Guest;
#[pyclass] enum Shape { Dot { x: i64 }, Line(i64, i64) }
#[pyclass(eq, eq_int)] #[derive(PartialEq)] enum Color { Red, Green }
"""

Build = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Compile a crate and tell what Python sees in it; all share one target folder."""
    shared = tmp_path_factory.mktemp("generated")
    environment = {
        **os.environ,
        "CARGO_TARGET_DIR": str(shared / "target"),
        "PYO3_BUILD_EXTENSION_MODULE": "1",
        "PYO3_PYTHON": sys.executable,
    }

    def run(
        text: str, *expressions: str, name: str = "geometry", edition: str = "2024"
    ) -> dict[str, Any]:
        folder = shared / "crate"
        (folder / "src").mkdir(parents=True, exist_ok=True)
        (folder / "Cargo.toml").write_text(MANIFEST.format(edition=edition))
        (folder / "src" / "lib.rs").write_text(text, encoding="utf-8")
        command = ["cargo", "build", "--offline", "--message-format", "json-render-diagnostics"]
        built = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False
        )
        assert built.returncode == 0, built.stderr
        lines = [json.loads(line) for line in built.stdout.splitlines()]
        (library,) = [
            file
            for line in lines
            if line["reason"] == "compiler-artifact" and line["target"]["name"] == "cell"
            for file in line["filenames"]
            if Path(file).suffix in (".so", ".dylib", ".dll")
        ]
        # Python loads what has a suffix of its own; no two builds may be one file.
        module = shared / f"{len(list(shared.iterdir()))}{'.pyd' if os.name == 'nt' else '.so'}"
        module.write_bytes(Path(library).read_bytes())
        probed = subprocess.run(
            [sys.executable, "-c", PROBE, str(module), name],
            input="\n".join(expressions),
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert probed.returncode == 0, probed.stderr
        found: dict[str, Any] = json.loads(probed.stdout)
        return found

    return run


def complete(body: str, name: str) -> str:
    source = parse(body)
    assert not source.modules
    return body + generated_module(name, source.exports, source.doc)


def test_it_looks_like_a_module_written_by_hand(build: Build) -> None:
    expressions = (
        "called()",
        "system()",
        "area(3.0)",
        "pickle.loads(pickle.dumps(Circle(2.0))).r",
        "pickle.dumps(Sq).decode('latin-1')",
        "repr(Shape.Dot), repr(Shape.Line), repr(Shape.Dot(1)).split(' at ')[0]",
        "repr(Color.Red), Color.Red == Color.Green",
        "Circle()",
    )
    by_hand = f"#[pyo3::pymodule]\n/// Plane geometry.\nmod geometry {{\n{BODY}}}\n"
    generated = complete("//! Plane geometry.\n" + BODY, "geometry")
    expected = build(by_hand, *expressions)
    assert build(generated, *expressions) == expected
    assert expected["seen"]["Circle"][0] == "geometry"
    assert expected[expressions[3]] == 2.0


def test_it_compiles_in_the_strictest_body(build: Build) -> None:
    lints = "unused_qualifications, let_underscore_drop, unreachable_pub, unused_results"
    body = f"""\
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, {lints})]
#![no_implicit_prelude]
//! Docs with "quotes" and a \\ backslash.
mod pyo3 {{}}
mod core {{}}

#[::pyo3::pyfunction] fn strict() -> i64 {{ 1 }}
#[::pyo3::pyclass] struct Strict {{}}
#[::pyo3::pyclass(frozen, immutable_type)] struct PyType {{}}
#[::pyo3::pyclass] enum Shape {{ Dot {{ x: i64 }} }}
#[cfg(windows)] #[::pyo3::pyclass] struct Never;
::pyo3::create_exception!(strict, Error, ::pyo3::exceptions::PyException, "Docs.");
#[cfg_attr(not(windows), ::pyo3::pyclass)] #[cfg_attr(windows, allow(dead_code))] struct Here {{}}
#[cfg_attr(windows, ::pyo3::pyfunction)] #[allow(dead_code)] fn there() {{}}
// the last line has no end"""
    found = build(
        complete(body, "strict"),
        "strict()",
        "repr(Strict), repr(Error), repr(Shape.Dot), repr(Here)",
        "Strict.missing",
        name="strict",
        edition="2021",
    )
    assert found["all"] == ["Error", "Here", "PyType", "Shape", "Strict", "strict"]
    assert found["doc"] == 'Docs with "quotes" and a \\ backslash.'
    assert found["strict()"] == 1
    assert found["repr(Strict), repr(Error), repr(Shape.Dot), repr(Here)"] == [
        "<class 'strict.Strict'>",
        "<class 'strict.Error'>",
        "<class 'strict.Shape.Dot'>",
        "<class 'strict.Here'>",
    ]
    assert found["Strict.missing"].endswith("type object 'Strict' has no attribute 'missing'")
    # PyO3 lets nobody set an attribute of such a class.
    assert found["seen"]["PyType"][0] == "builtins"


def test_exports_behind_syntax_unknown_to_the_parser_are_there(build: Build) -> None:
    body = 'unsafe extern "C" { pub safe fn abs(x: i32) -> i32; }\n'
    # The module's name is a keyword in Rust, not in Python.
    body += "#[pyo3::pyfunction] fn distance(x: i32) -> i32 { abs(x) }\n"
    assert parse(body).broken
    assert build(complete(body, "match"), "distance(-2)", name="match")["distance(-2)"] == 2
