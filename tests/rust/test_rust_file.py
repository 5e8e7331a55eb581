"""`%%rust_file`: crates of several files, packages around a Rust part, manifests, build scripts."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import sysconfig
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernels import CellResult, Kernel, kernel
from rustcell.errors import plain_text

pytestmark = pytest.mark.rust

RUN = f"// {uuid.uuid4().hex}\n"
"""Ends the cells, so that this run builds them and takes none from the cache."""

SHAPES = """use pyo3::prelude::*;

/// Area of a square.
#[pyfunction]
pub fn area(side: f64) -> f64 {
    assert!(side >= 0.0, "a side is not negative");
    side * side
}
"""
DOUBLE = (
    """use pyo3::prelude::*;
mod shapes;

#[pyfunction]
fn double(side: f64) -> f64 { 2.0 * shapes::area(side) }
"""
    + RUN
)
NATIVE = (
    """use pyo3::prelude::*;

#[pyfunction]
fn area(side: f64) -> f64 { side * side }
"""
    + RUN
)
ONE = "#[pyo3::pyfunction]\nfn one() -> i32 { 1 }\n" + RUN


@pytest.fixture(scope="module", autouse=True)
def _nothing_stays_installed(live: Kernel) -> Iterator[None]:
    yield
    ran(live, "%rust_clean")


def ran(live: Kernel, code: str) -> CellResult:
    result = live.run(code)
    assert result.ok, result.text
    return result


def give(live: Kernel, place: str, body: str) -> str:
    """Run a `%%rust_file` cell; `place` is its NAME and PATH."""
    return ran(live, f"%%rust_file {place}\n{body}").stdout


def crate_of(name: str) -> Path:
    """Return the folder in which a cell NAME was compiled last."""
    cache = Path(os.environ["RUSTCELL_CACHE_DIR"])
    found = cache.glob(f"v*/slots/*/*/crates/{name}")
    return max(found, key=lambda path: (path / "src" / "lib.rs").stat().st_mtime)


def installed_tree(name: str) -> dict[str, str]:
    """Return what RECORD says is installed under NAME/: hashes by path."""
    site = Path(sysconfig.get_path("platlib"))
    (record,) = site.glob(f"rustcell_{name}-*.dist-info/RECORD")
    with record.open(newline="") as stream:
        rows = {row[0]: row[1] for row in csv.reader(stream)}
    assert all((site / path).is_file() for path in rows)
    return {path: digest for path, digest in rows.items() if path.startswith(f"{name}/")}


def loaded_tree(live: Kernel, name: str) -> dict[str, str]:
    """Return the same of the build that the kernel has loaded."""
    code = f"""
import base64 as _b, hashlib as _h, pathlib as _p
_top = _p.Path({name}.__file__).parent
{{f.relative_to(_top.parent).as_posix(): "sha256=" + _b.urlsafe_b64encode(
    _h.sha256(f.read_bytes()).digest()).rstrip(b"=").decode()
 for f in _top.rglob("*") if f.is_file() and "__pycache__" not in f.parts}}"""
    return dict(eval(live.value(code)))


def in_a_child(code: str) -> str:
    """Run Python code in this environment, as a terminal would."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-B", "-c", code]
    return subprocess.run(
        command, env=env, cwd="/", capture_output=True, text=True, check=True
    ).stdout.strip()


def test_a_module_in_another_file(live: Kernel) -> None:
    said = give(live, "files_two src/shapes.rs", SHAPES)
    assert said == "files_two: src/shapes.rs is kept for the next build\n"
    result = ran(live, f"%%rust_module files_two\n{DOUBLE}")
    assert result.text == "files_two [debug]\n  double(side)"
    assert live.value("files_two.double(3.0)") == "18.0"
    panic = live.run("files_two.double(-1.0)")
    assert "panicked at %%rust_file files_two src/shapes.rs:7:5" in panic.text


def test_a_changed_file_counts_at_the_next_build(live: Kernel) -> None:
    give(live, "files_next src/shapes.rs", SHAPES)
    cell = f"%%rust_module files_next -v\n{DOUBLE}"
    ran(live, cell)
    assert "(unchanged)" in ran(live, cell).text
    said = give(live, "files_next src/shapes.rs", SHAPES.replace("side * side", "side + 1.0"))
    assert "in place of the earlier text" in said
    assert live.value("files_next.double(3.0)") == "18.0"
    assert "changed: src/shapes.rs)" in ran(live, cell).text
    assert live.value("files_next.double(3.0)") == "8.0"
    assert "in place" not in give(live, "files_next data/note.txt", "a note")
    ran(live, cell)
    ran(live, "%%rust_file files_next data/note.txt --remove")
    assert "(unchanged)" in ran(live, cell).text or "from memory" in ran(live, cell).text


def test_an_error_in_a_file_names_that_cell_and_mends_it_alone(live: Kernel) -> None:
    ran(live, "%rust_plain on")
    wrong = "\n%%rust_file files_wrong src/shapes.rs\n" + SHAPES.replace(
        "side * side", "side * sied"
    )
    wrong += '\npub fn one() -> String {\n    "1".to_strin()\n}\n'
    ran(live, wrong)
    result = live.run(f"%%rust_module files_wrong\n{DOUBLE}")
    assert result.evalue == "files_wrong does not compile: 2 errors: E0425, E0599"
    assert "--> %%rust_file files_wrong src/shapes.rs:9:12" in result.text
    assert "%%rust_module files_wrong:" not in result.text
    unmut = "pub fn f() -> i32 {\n    let x = 1;\n    x = 2;\n    x\n}"
    ran(live, f"%%rust_file files_wrong src/shapes.rs\n{unmut}")
    result = live.run("%%rust_module files_wrong\n" + "\n" * 5 + f"mod shapes;\n{ONE}")
    assert "--- %%rust_file files_wrong src/shapes.rs" in result.text
    assert "+    let mut x = 1;" in result.text
    assert "+++ %%rust_module" not in result.text
    ran(live, "%rust_plain off")


def test_help_finds_the_source_in_the_other_file(live: Kernel) -> None:
    give(live, "files_help src/shapes.rs", SHAPES)
    body = DOUBLE + "\n#[pymodule]\nmod files_help {\n    #[pymodule_export]\n"
    ran(live, f"%%rust_module files_help\n{body}    use super::{{double, shapes::area}};\n}}")
    ran(live, "from rustcell.notebook.inspection import source_of")
    found = "f = source_of(files_help.{})\nprint(f.place)"
    assert ran(live, found.format("area")).stdout == (
        "%%rust_file files_help src/shapes.rs, line 4\n"
    )
    assert ran(live, found.format("double")).stdout == "%%rust_module files_help, line 5\n"
    assert "side * side" in live.value("f'{source_of(files_help.area).text}'")


def test_a_mixed_package_is_the_same_loaded_installed_and_in_a_wheel(
    live: Kernel, tmp_path: Path
) -> None:
    give(live, "files_mixed python/files_mixed/__init__.py", "from ._native import area\nNAME = 1")
    give(live, "files_mixed python/files_mixed/sub/helpers.py", "from files_mixed import area\n")
    give(live, "files_mixed python/files_mixed/table.csv", "a,b\n1,2\n")
    give(live, "files_mixed python/files_mixed/py.typed", "")
    give(live, "files_mixed python/files_mixed/_native.pyi", "def area(side: float) -> float: ...")
    result = ran(live, f"%%rust_module files_mixed\n{NATIVE}")
    assert "area(side)" in result.text
    assert "_native" not in result.text
    assert live.value("files_mixed.area(3.0), files_mixed._native.__name__") == (
        "(9.0, 'files_mixed._native')"
    )
    ran(live, "%rust_status")
    loaded = loaded_tree(live, "files_mixed")
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    assert set(loaded) == {
        *("files_mixed/__init__.py", "files_mixed/sub/helpers.py", "files_mixed/table.csv"),
        *("files_mixed/py.typed", "files_mixed/_native.pyi", f"files_mixed/_native{suffix}"),
    }
    assert installed_tree("files_mixed") == loaded
    assert set(loaded) == wheel_tree(crate_of("files_mixed"), tmp_path, "files_mixed")
    code = "from files_mixed.sub.helpers import area; print(area(4.0))"
    assert in_a_child(code) == "16.0"
    child = f"import subprocess, sys\nsubprocess.check_output([sys.executable, '-c', {code!r}])"
    assert live.value(child) == "b'16.0\\n'"


def wheel_tree(crate: Path, out: Path, name: str) -> set[str]:
    """Return the package's files in the wheel that plain `maturin build` makes of a crate."""
    target = crate.parents[1] / "target"
    command = [sys.executable, "-m", "maturin", "build", "--offline", "--out", str(out)]
    command += ["--auditwheel", "skip", "--interpreter", sys.executable]
    env = {**os.environ, "CARGO_TARGET_DIR": str(target)}
    subprocess.run(command, cwd=crate, env=env, capture_output=True, check=True)
    (wheel,) = out.glob("*.whl")
    return {path for path in zipfile.ZipFile(wheel).namelist() if path.startswith(f"{name}/")}


def test_a_flat_module_is_the_same_loaded_and_installed_by_maturin(live: Kernel) -> None:
    give(live, "files_flat files_flat.pyi", "def area(side: float) -> float: ...")
    ran(live, f"%%rust_module files_flat\n{NATIVE}")
    ran(live, "%rust_status")
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    assert set(loaded_tree(live, "files_flat")) == {
        *("files_flat/__init__.py", "files_flat/__init__.pyi", "files_flat/py.typed"),
        f"files_flat/files_flat{suffix}",
    }
    assert installed_tree("files_flat") == loaded_tree(live, "files_flat")


def test_files_that_went_are_gone_from_the_installed_package_too(live: Kernel) -> None:
    give(live, "files_gone python/files_gone/extra.py", "x = 1")
    give(live, "files_gone python/files_gone/other.py", "y = 1")
    ran(live, f"%%rust_module files_gone\n{NATIVE}")
    ran(live, "%rust_status")
    assert "files_gone/extra.py" in installed_tree("files_gone")
    ran(live, "%%rust_file files_gone python/files_gone/extra.py --remove")
    ran(live, f"%%rust_module files_gone\n{NATIVE}")
    ran(live, "%rust_status")
    assert "files_gone/extra.py" not in installed_tree("files_gone")
    assert live.run("import files_gone.extra").ename == "ModuleNotFoundError"
    ran(live, "%%rust_file files_gone python/files_gone/other.py --remove")
    ran(live, f"%%rust_module files_gone\n{NATIVE}")
    ran(live, "%rust_status")
    assert "files_gone/_native" not in "".join(installed_tree("files_gone"))
    assert live.value("files_gone.area(2.0)") == "4.0"
    assert in_a_child("import files_gone; print(files_gone.area(2.0))") == "4.0"


def test_without_init_the_package_has_all_of_its_rust_part(live: Kernel) -> None:
    give(live, "files_bare python/files_bare/helpers.py", "from files_bare import area")
    point = "#[pyclass(get_all)]\nstruct Point { x: i32 }\n#[pymethods]\nimpl Point {\n"
    point += "#[new]\nfn new(x: i32) -> Self { Point { x } }\n"
    point += "fn __getnewargs__(&self) -> (i32,) { (self.x,) }\n}\n"
    ran(live, f"%%rust_module files_bare\n//! Bare.\n{NATIVE}{point}")
    assert live.value("files_bare.area(2.0), files_bare.__doc__") == "(4.0, 'Bare.')"
    assert live.value("files_bare.Point.__module__") == "'files_bare._native'"
    assert live.value("import pickle; pickle.loads(pickle.dumps(files_bare.Point(3))).x") == "3"


def test_the_wrong_name_of_the_rust_part_is_told_with_both(live: Kernel) -> None:
    give(live, "files_named python/files_named/__init__.py", "from ._native import *")
    cell = "%%rust_module files_named\nuse pyo3::prelude::*;\n#[pymodule]\nmod NAME {}\n"
    result = live.run(cell.replace("NAME", "files_named"))
    assert result.ename == "OptionsError"
    assert "files_named._native, but the #[pymodule] in line 4 says 'files_named'" in result.evalue
    assert "Rename the #[pymodule] to _native" in result.text
    ran(live, cell.replace("NAME", "_native"))


def test_python_errors_name_the_cell_and_its_line(live: Kernel) -> None:
    place = "files_python python/files_python/__init__.py"
    cell = f"%%rust_module files_python\n{NATIVE}"
    give(live, place, "from ._native import area\n\ndef fail():\n    return area('a')\n")
    ran(live, cell)
    result = live.run("files_python.fail()")
    assert result.ename == "TypeError"
    assert f"%%rust_file {place}:5, in fail()" in result.text
    assert "----> 5     return area('a')" in result.text
    give(live, place, "from ._native import area, missing\n")
    result = live.run(cell)
    assert result.evalue == (
        "files_python was built, but importing it raised ImportError: cannot import name "
        f"'missing' from 'files_python._native', in %%rust_file {place}, line 2"
    )
    give(live, place, "\n\ndef f(:\n")
    assert live.run(cell).evalue.endswith(
        f"SyntaxError: invalid syntax, in %%rust_file {place}, line 4"
    )
    assert live.value("files_python.area(3.0)") == "9.0"


def test_old_and_new_builds_of_a_package_live_side_by_side(live: Kernel) -> None:
    place = "files_again python/files_again/__init__.py"
    cell = f"%%rust_module files_again\n{NATIVE}"
    give(live, place, "from ._native import area\ndef which(): return 1")
    ran(live, cell)
    ran(live, "from files_again import which\nold = files_again")
    give(live, place, "from ._native import area\ndef which(): return 2")
    assert "renewed: old, which" in ran(live, cell).text
    assert live.value("which(), files_again.which()") == "(2, 2)"


def test_an_earlier_package_comes_back_with_the_submodules_it_had(live: Kernel) -> None:
    place = "files_back python/files_back/late.py"
    cell = f"%%rust_module files_back\n{NATIVE}"
    give(live, place, "import math\nSEEN = []")
    assert "module" not in ran(live, cell).text
    ran(live, "import files_back.late\nfiles_back.late.SEEN.append(1)")
    give(live, place, "import math\nSEEN = [2]")
    ran(live, cell)
    assert live.value("import files_back.late; files_back.late.SEEN") == "[2]"
    give(live, place, "import math\nSEEN = []")
    ran(live, cell)
    assert live.value("import files_back.late; files_back.late.SEEN") == "[1]"


def test_a_manifest_chooses_features_and_crates(live: Kernel) -> None:
    toml = '[package]\nversion = "2.5.0"\n[features]\ndefault = ["big"]\nbig = []\n'
    give(live, "files_toml Cargo.toml", toml + '[dependencies]\nnum-bigint = "*"\n')
    give(live, "files_toml pyproject.toml", '[project]\nversion = "2.5.0"\n')
    cell = """%%rust_module files_toml --features num-bigint
use num_bigint::BigUint;
use pyo3::prelude::*;

#[pyfunction]
#[cfg(feature = "big")]
fn power(exponent: u32) -> BigUint { BigUint::from(2u32).pow(exponent) }

#[pyfunction]
fn version() -> &'static str { env!("CARGO_PKG_VERSION") }
"""
    ran(live, cell)
    assert live.value("files_toml.power(100) == 2**100, files_toml.version()") == "(True, '2.5.0')"
    ran(live, "%rust_status")
    version = "import importlib.metadata as m; print(m.version('rustcell-files_toml'))"
    assert in_a_child(version) == "2.5.0"
    shown = ran(live, cell.replace("bigint\n", "bigint --show\n", 1)).stdout
    assert 'version = "2.5.0" # %%rust_file files_toml Cargo.toml' in shown
    assert 'num-bigint = "*" # %%rust_file files_toml Cargo.toml' in shown


def test_a_library_for_rust_alone_is_a_lesson(live: Kernel) -> None:
    ran(live, f"%%rust_module files_rlib\n{ONE}")
    give(live, "files_rlib Cargo.toml", '[lib]\ncrate-type = ["rlib"]\n')
    result = live.run(f"%%rust_module files_rlib\n{ONE}")
    assert result.ename == "BuildError"
    assert 'nothing to import: Python needs crate-type = ["cdylib"]' in result.text
    assert "%%rust_file files_rlib Cargo.toml" in result.text
    for _ in range(2):
        ran(live, f'%%rust_module files_rlib --expect-error "nothing to import"\n{ONE}')
    assert live.value("files_rlib.one()") == "1"
    give(live, "files_rlib Cargo.toml", '[lib]\ncrate-type = ["cdylib", "rlib"]\n')
    ran(live, f"%%rust_module files_rlib\n{ONE}")


SCRIPT = """fn main() {
    println!("cargo::warning=the table is small");
    println!("cargo::rerun-if-changed=WATCHED");
    println!("cargo::rustc-env=GREETING=hello");
    let out = std::env::var("OUT_DIR").unwrap();
    let text = std::fs::read_to_string("WATCHED").unwrap();
    let code = format!("const N: u32 = {};", text.trim());
    std::fs::write(format!("{out}/table.rs"), code).unwrap();
}
"""
SCRIPTED = """%%rust_module files_script --plain
include!(concat!(env!("OUT_DIR"), "/table.rs"));

#[pyo3::pyfunction]
fn told() -> (u32, &'static str) { (N, env!("GREETING")) }
"""


def test_a_build_script_and_the_files_that_it_watches(live: Kernel, tmp_path: Path) -> None:
    watched = tmp_path / "watched.txt"
    watched.write_text("41")
    give(live, "files_script build.rs", SCRIPT.replace("WATCHED", str(watched)))
    first = ran(live, SCRIPTED)
    assert "warning: the table is small\n --> %%rust_file files_script build.rs" in first.text
    assert live.value("files_script.told()") == "(41, 'hello')"
    again = ran(live, SCRIPTED.replace("--plain", "--plain -v"))
    assert "(unchanged)" in again.text
    assert "the table is small" in again.text
    with kernel() as other:
        give(other, "files_script build.rs", SCRIPT.replace("WATCHED", str(watched)))
        cached = ran(other, SCRIPTED.replace("--plain", "--plain -v"))
        assert "from memory or the cache" in cached.text
        assert other.value("files_script.told()") == "(41, 'hello')"
    watched.write_text("42")
    ran(live, SCRIPTED)
    assert live.value("files_script.told()") == "(42, 'hello')"
    expected = SCRIPTED.replace("--plain", '--plain --expect-warning "the table is small"')
    ran(live, expected)


def test_a_build_script_that_fails(live: Kernel) -> None:
    cell = f"%%rust_module files_failing --plain\n{ONE}"
    give(live, "files_failing build.rs", 'fn main() {\n    panic!("no compiler here");\n}')
    result = live.run(cell)
    assert result.evalue == "files_failing does not compile: 1 error"
    assert plain_text(result.traceback).startswith(
        "error: the build script failed\n --> %%rust_file files_failing build.rs\n"
        "panicked at %%rust_file files_failing build.rs:3:5:\nno compiler here\n\n"
    )
    give(live, "files_failing build.rs", "fn main() {\n    nope()\n}")
    assert "--> %%rust_file files_failing build.rs:3:5" in live.run(cell).text
    ran(live, "%%rust_file files_failing build.rs --remove")
    ran(live, cell)


def test_a_build_script_with_a_crate_of_its_own(live: Kernel) -> None:
    give(live, "files_helped Cargo.toml", '[build-dependencies]\nprimes = "*"\n')
    script = 'fn main() {\n    println!("cargo::rustc-env=PRIME={}", primes::is_prime(97));\n}'
    give(live, "files_helped build.rs", script)
    body = '#[pyo3::pyfunction]\nfn prime() -> &\'static str { env!("PRIME") }'
    ran(live, f"%%rust_module files_helped\n{body}")
    assert live.value("files_helped.prime()") == "'true'"


def test_a_link_in_the_crate_leads_no_file_out_of_it(live: Kernel, tmp_path: Path) -> None:
    ran(live, f"%%rust_module files_link\n{ONE}")
    crate = crate_of("files_link")
    (crate / "data").symlink_to(tmp_path, target_is_directory=True)
    give(live, "files_link data/note.txt", "text")
    ran(live, f"%%rust_module files_link --force\n{ONE}")
    assert not list(tmp_path.iterdir())
    assert (crate / "data" / "note.txt").read_text() == "text\n"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("", "the file has no module"),
        ("files_bad", "the file has no path"),
        ("files-bad src/a.rs", "cannot name a module"),
        ("files_bad ../x.rs", "leads out of the crate"),
        ("files_bad src/lib.rs", "is written by %%rust_module"),
        ("files_bad Cargo.lock", "cargo's own"),
        ("files_bad src/a.rs src/b.rs", "unrecognized arguments"),
        ("files_bad src/never.rs --remove", "no cell has given 'src/never.rs'"),
        ("files_bad 'src/a", "cannot be split"),
    ],
)
def test_bad_lines_keep_nothing(live: Kernel, line: str, why: str) -> None:
    result = live.run(f"%%rust_file {line}\n" + ("" if "--remove" in line else "fn f() {}"))
    assert result.ename == "OptionsError"
    assert why in result.evalue
    assert "What to do:" in result.text


def test_a_bad_manifest_is_refused_at_once_and_the_earlier_stays(live: Kernel) -> None:
    give(live, "files_refused Cargo.toml", '[package]\nversion = "1.0.0"\n')
    result = live.run('%%rust_file files_refused Cargo.toml\n[package]\nname = "x"\n[workspace]\n')
    assert result.evalue == "Cargo.toml cannot set package.name, workspace"
    assert live.run("%%rust_file files_refused Cargo.toml\n[a\n").ename == "OptionsError"
    shown = ran(live, f"%%rust_module files_refused --show\n{ONE}").stdout
    assert 'version = "1.0.0" # %%rust_file' in shown
