"""A small notebook under each CPython that rustcell supports and this machine has."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import rustcell
from environments import ELSEWHERE, ROOT, Environment, cell, empty_of_ours

pytestmark = pytest.mark.rust

VERSIONS = ("3.11", "3.12", "3.13", "3.14")
KEPT = ROOT / ".cache" / "pythons"


def interpreter(version: str) -> str | None:
    """Return a CPython of this version: from pyenv, or one on PATH that runs."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [str(p) for p in sorted(pyenv.glob(f"{version}.*/bin/python"), reverse=True)]
    found += filter(None, [shutil.which(f"python{version}")])
    for path in found:
        code = "import sys, venv; print('%d.%d' % sys.version_info[:2], sys.implementation.name)"
        done = subprocess.run([path, "-c", code], capture_output=True, text=True, check=False)
        if done.stdout.split() == [version, "cpython"]:
            return path
    return None


def prepared(version: str) -> Environment:
    """Return the kept environment of this Python with rustcell's own dependencies."""
    python = interpreter(version)
    if python is None:
        pytest.skip(f"there is no CPython {version} on this machine")
    project = (ROOT / "pyproject.toml").read_bytes()
    needed = tomllib.loads(project.decode())["project"]["dependencies"]
    constraints = ROOT / "constraints.txt"
    wanted = hashlib.sha256(repr(needed).encode() + constraints.read_bytes()).hexdigest()
    made = Environment(KEPT / version)
    ready = made.folder / "ready"
    if not ready.exists() or ready.read_text() != wanted:
        shutil.rmtree(made.folder, ignore_errors=True)
        subprocess.run([python, "-m", "venv", "--without-pip", made.folder], check=True)
        install = [sys.executable, "-m", "uv", "pip", "install", "--quiet"]
        install += ["--python", made.python, "-c", str(constraints), *needed]
        subprocess.run(install, check=True)
        ready.write_text(wanted)
    return made


@pytest.mark.parametrize("version", VERSIONS)
def test_a_notebook_runs_under_each_supported_python(
    version: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = prepared(version)
    empty_of_ours(made)
    name = f"smoke_{version.replace('.', '_')}"
    first = cell(name, 41, "--force")
    second = cell(name, 42, "--force", "#[pyclass]\nstruct Point { #[pyo3(get)] x: f64 }")
    child = (
        "import subprocess, sys\n"
        f"code = 'import {name}; print({name}.value())'\n"
        "print(subprocess.check_output([sys.executable, '-c', code], text=True).strip())"
    )
    cells = [
        "%load_ext rustcell",
        first,
        f"import sys\n{name}.value(), '%d.%d' % sys.version_info[:2]",
        second,
        f"{name}.value(), {name}.Point.__name__",
        child,
        "%rust_status",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    for variable in ELSEWHERE:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PYTHONPATH", str(Path(rustcell.__path__[0]).parent))
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}})
    manager = client.create_kernel_manager()
    manager.kernel_spec.argv = [
        made.python, "-m", "ipykernel_launcher", "-f", "{connection_file}",
    ]  # fmt: skip
    client.execute()
    texts = ["".join(_text(o) for o in c.outputs) for c in notebook.cells]
    assert texts[2] == f"(41, '{version}')"
    assert texts[4] == "(42, 'Point')"
    assert texts[5] == "42\n"
    assert f"{name} [debug] installed" in texts[6]
    assert made.run("-c", f"import {name}; print({name}.value())") == "42\n"
    (native,) = (made.site / name).glob(f"{name}.*")
    assert re.search(rf"cp(ython-)?{version.replace('.', '')}", native.name)


def _text(output: nbformat.NotebookNode) -> str:
    return str(output.get("text") or output.get("data", {}).get("text/plain", ""))
