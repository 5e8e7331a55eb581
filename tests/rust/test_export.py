"""`%rust_export`: a project that builds and passes its tests without rustcell."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from environments import SHARED_CACHE, Environment, empty, environment, terminal_variables
from kernels import Kernel, kernel
from notebooks import code, write_notebook
from rustcell.building.dependencies import resolved_lock, support_folder
from rustcell.crates.crate import CrateSpec
from rustcell.crates.manifest import DependencySet
from rustcell.errors import DependencyError
from rustcell.tools.toolchain import find_toolchain

pytestmark = pytest.mark.rust

FENCED = """%%rust_module fenced --env GREETING=moin
use pyo3::prelude::*;
use pyo3::exceptions::PyValueError;

/// Area of a rectangle.
#[pyfunction]
fn area(width: f64, height: f64) -> PyResult<f64> {
    if width < 0.0 || height < 0.0 {
        return Err(PyValueError::new_err("a side is not negative"));
    }
    Ok(width * height)
}

#[pyfunction]
fn greeting() -> &'static str {
    env!("GREETING")
}

#[pyclass(eq)]
#[derive(PartialEq, Clone)]
struct Field {
    #[pyo3(get)]
    width: f64,
}

#[pymethods]
impl Field {
    #[new]
    fn new(width: f64) -> Self {
        Field { width }
    }
    fn __getnewargs__(&self) -> (f64,) {
        (self.width,)
    }
}
"""

CHECKS = (
    code("import fenced\nimport pickle\nLONG = 4.5\ndata = [fenced.area(1, 1)]"),
    code("assert fenced.never_was_there()", tags=("check",)),
    code(FENCED),
    code("def sides(n):\n    return [LONG] * n"),
    code(
        'assert fenced.area(*sides(2)) == LONG**2\ntext = """two\nlines"""\n'
        "assert len(text.splitlines()[1]) == 5",
        tags=("check",),
    ),
    code("assert pickle.loads(pickle.dumps(fenced.Field(2.0))) == Field(2.0)", tags=("check",)),
    code("assert data == [1.0] == [fenced.area(1, 1)]", tags=("check",)),
    code("assert fenced.greeting() == 'not checked'"),
    code("%time assert fenced.area(1, 1)", tags=("check",)),
    code("assert 1 + 1 == 2", tags=("check",)),
    code(
        "%%check ex_01_1\ndef test_moin():\n    import fenced\n\n"
        "    assert fenced.greeting() == 'moin'",
        tags=("check",),
    ),
)

MIXTURE = """\
%%rust_file mixture python/mixture/__init__.py
from mixture._native import doubled


def halved(n):
    return n / doubled(1)
---
%%rust_file mixture src/inner.rs
pub const TWO: i64 = 2;
---
%%rust_file mixture Cargo.toml
[profile.release]
lto = "thin"
[features]
extra = []
---
%%rust_module mixture
use pyo3::prelude::*;
mod inner;

#[pyfunction]
fn doubled(n: i64) -> i64 {
    inner::TWO * n
}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("lesson")
    write_notebook(made / "fields.ipynb", *CHECKS)
    return made


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[Kernel]:
    with kernel(cwd=folder) as started:
        good(started, FENCED)
        yield started


@pytest.fixture(scope="module")
def exported(running: Kernel, folder: Path) -> str:
    """What is said of the export of `fenced` with the tests of its notebook."""
    return good(running, "%rust_export fenced fenced --notebook fields.ipynb")


@pytest.fixture(scope="module")
def clean() -> Environment:
    return empty(environment("exports"))


def good(running: Kernel, cell: str) -> str:
    result = running.run(cell, timeout=300)
    assert result.ok, result.text
    return result.text


def own_tests_of(project: Path, clean: Environment) -> str:
    """Build a project as its README says, install its wheel, and return what its pytest says."""
    bin_folder = Path(clean.python).parent
    env = {
        **terminal_variables(),
        "VIRTUAL_ENV": str(clean.folder),
        "PATH": os.pathsep.join([str(bin_folder), os.environ["PATH"]]),
        # The crates are compiled once for all projects of this file.
        "CARGO_TARGET_DIR": str(clean.folder / "target"),
    }
    maturin = str(Path(sysconfig.get_path("scripts"), "maturin"))
    command = [maturin, "build", "--locked", "--out", "dist"]
    done = subprocess.run(command, cwd=project, env=env, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    (wheel,) = (project / "dist").iterdir()
    install = ["-m", "uv", "pip", "install", "--offline", "--no-deps", "--python", clean.python]
    clean.run(*install, str(wheel))
    return clean.run("-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=project)


def test_it_says_what_it_wrote_and_what_it_left_out(exported: str):
    lines = exported.splitlines()
    assert lines[0] == "fenced: 10 files"
    assert {"  Cargo.lock", "  src/lib.rs", "  fenced.pyi", "  .cargo/config.toml"} <= set(lines)
    assert "Tests: from 3 check cells of fields.ipynb." in lines
    assert "Left out: cell 8 uses data of other cells." in lines
    assert "Left out: cell 10 is not plain Python." in lines
    assert exported.count("Left out") == 2


def test_it_builds_installs_and_passes_its_own_tests(
    exported: str, folder: Path, clean: Environment
):
    assert "3 passed" in own_tests_of(folder / "fenced", clean)
    assert "fenced" in [p.name for p in clean.site.iterdir()]
    assert (clean.site / "fenced" / "py.typed").exists()
    assert "def area(" in (clean.site / "fenced" / "__init__.pyi").read_text(encoding="utf-8")


def test_nothing_of_rustcell_is_needed(exported: str, folder: Path):
    project = folder / "fenced"
    manifest = tomllib.loads((project / "Cargo.toml").read_text(encoding="utf-8"))
    assert manifest["package"]["name"] == "fenced"
    assert list(manifest["dependencies"]) == ["pyo3"]
    assert "profile" not in manifest
    assert "rustcell" not in (project / "Cargo.lock").read_text(encoding="utf-8")
    metadata = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    assert metadata["project"]["name"] == "fenced"
    assert metadata["dependency-groups"] == {"test": ["pytest>=8"]}
    library = (project / "src" / "lib.rs").read_text(encoding="utf-8")
    assert library.startswith("use pyo3::prelude::*;\n")
    assert "rustcell_" not in library


def test_the_workflow_builds_everywhere_and_runs_the_tests(exported: str, folder: Path):
    text = (folder / "fenced" / ".github" / "workflows" / "CI.yml").read_text(encoding="utf-8")
    jobs = yaml.safe_load(text)["jobs"]
    assert {"linux", "windows", "macos", "sdist"} <= set(jobs)
    assert "pytest" in str(jobs["linux"])
    assert "fenced" in str(jobs["linux"])


def test_an_existing_folder_is_refused_and_force_replaces_only_an_export(
    running: Kernel, exported: str, folder: Path
):
    refused = running.run("%rust_export fenced fenced")
    assert "fenced is there already and not empty" in refused.evalue
    assert "--force" in refused.text
    mine = folder / "fenced" / "notes.txt"
    mine.write_text("mine", encoding="utf-8")
    good(running, "%rust_export fenced fenced --force")
    assert mine.read_text(encoding="utf-8") == "mine"
    # A shorter project than the one before: what only that one had goes.
    assert "No type stub" not in good(running, "%rust_export fenced fenced --force")
    edited = folder / "fenced" / "README.md"
    edited.write_text("my own words", encoding="utf-8")
    refused = running.run("%rust_export fenced fenced --force")
    assert "changed since the export, or not from it: README.md" in refused.evalue
    assert edited.read_text(encoding="utf-8") == "my own words"


def test_force_takes_no_folder_that_no_export_wrote(running: Kernel, folder: Path):
    (folder / "foreign").mkdir()
    (folder / "foreign" / "Cargo.toml").write_text("mine", encoding="utf-8")
    for line in ("foreign", "foreign --force"):
        refused = running.run(f"%rust_export fenced {line}")
        assert refused.ename == "OptionsError"
        assert "foreign is" in refused.evalue
    assert [p.name for p in (folder / "foreign").iterdir()] == ["Cargo.toml"]


@pytest.mark.skipif(os.name == "nt", reason="Windows lets only some users make links")
def test_no_link_leads_out_of_the_folder(running: Kernel, folder: Path, tmp_path: Path):
    good(running, "%rust_export fenced linked")
    project = folder / "linked"
    (project / "src" / "lib.rs").rename(tmp_path / "lib.rs")
    (project / "src").rmdir()
    (project / "src").symlink_to(tmp_path)
    before = (tmp_path / "lib.rs").stat().st_mtime_ns
    refused = running.run("%rust_export fenced linked --force")
    assert "src/lib.rs" in refused.evalue
    assert (tmp_path / "lib.rs").stat().st_mtime_ns == before
    # A record that names a file elsewhere is no way to remove that one.
    record = project / ".rustcell-export.json"
    record.write_text(json.dumps({"../outside.txt": ""}), encoding="utf-8")
    (folder / "outside.txt").write_text("", encoding="utf-8")
    assert "../outside.txt" in running.run("%rust_export fenced linked --force").evalue
    assert (folder / "outside.txt").exists()


def test_a_package_of_rust_and_python_with_files_of_its_own(
    running: Kernel, folder: Path, clean: Environment
):
    for cell in MIXTURE.split("\n---\n"):
        good(running, cell)
    said = good(running, "%rust_export mixture packages/mixture")
    assert "  python/mixture/_native.pyi" in said
    assert "Tests: of the public names only: give the notebook" in said
    project = folder / "packages" / "mixture"
    manifest = tomllib.loads((project / "Cargo.toml").read_text(encoding="utf-8"))
    assert manifest["profile"] == {"release": {"lto": "thin"}}
    assert manifest["features"] == {"extra": []}
    init = (project / "python" / "mixture" / "__init__.py").read_text(encoding="utf-8")
    assert init.startswith("from mixture._native import doubled\n")
    inner = (project / "src" / "inner.rs").read_text(encoding="utf-8")
    assert inner.strip() == "pub const TWO: i64 = 2;"
    assert "1 passed" in own_tests_of(project, clean)
    assert clean.run("-c", "import mixture; print(mixture.halved(5))").strip() == "2.5"


def test_submodules_keep_their_stubs(running: Kernel, folder: Path, clean: Environment):
    good(
        running,
        "%%rust_module nested\nuse pyo3::prelude::*;\n#[pymodule]\nmod nested {\n"
        "    #[pyo3::pymodule]\n    mod inner {\n        use pyo3::prelude::*;\n"
        "        #[pyfunction]\n        fn one() -> i32 { 1 }\n    }\n}",
    )
    good(running, "%rust_export nested packages/nested")
    assert "1 passed" in own_tests_of(folder / "packages" / "nested", clean)
    assert "def one() -> int" in (clean.site / "nested" / "inner.pyi").read_text(encoding="utf-8")
    assert clean.run("-c", "import nested; print(nested.inner.one())").strip() == "1"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("nowhere out", "this kernel has built no module 'nowhere'"),
        ("fenced", "the following arguments are required: DIR"),
        ("fenced fields.ipynb", "fields.ipynb is a file"),
        ("fenced fields.ipynb/inside", "fields.ipynb/inside cannot be written"),
        ("fenced new_one --notebook nothing.ipynb", "nothing.ipynb cannot be read as a notebook"),
        ("fenced new_one --notebook broken.ipynb", "broken.ipynb cannot be read as a notebook"),
    ],
)
def test_bad_lines(running: Kernel, folder: Path, line: str, message: str):
    (folder / "broken.ipynb").write_text('{"cells": [1]}', encoding="utf-8")
    before = sorted(folder.iterdir())
    refused = running.run(f"%rust_export {line}")
    assert (refused.ename, message in refused.evalue) == ("OptionsError", True), refused.text
    assert sorted(folder.iterdir()) == before


def test_crates_of_other_platforms_are_downloaded_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Cargo and maturin ask about the whole lock: what is missing must be noticed beforehand."""
    real = Path(os.environ.get("CARGO_HOME") or Path.home() / ".cargo")
    for part in ("index", "cache"):
        shutil.copytree(real / "registry" / part, tmp_path / "cargo" / "registry" / part)
    for archive in (tmp_path / "cargo").rglob("portable-atomic-1*.crate"):
        archive.unlink()
    monkeypatch.setenv("CARGO_HOME", str(tmp_path / "cargo"))
    for name in ("https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("CARGO_NET_RETRY", "0")
    root = tmp_path / "cache"
    support = support_folder(root)
    spec = CrateSpec("any", "dev", "2024", DependencySet(), (), support=str(support))
    with pytest.raises(DependencyError, match="the network cannot be reached"):
        resolved_lock(spec, find_toolchain(SHARED_CACHE), root, support, lambda _progress: None)
