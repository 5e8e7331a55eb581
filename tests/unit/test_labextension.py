"""The JupyterLab extension's sources and what was built from them agree; no browser is needed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import rustcell

MAGICS = Path(__file__).resolve().parents[2] / "magics"
SOURCES = MAGICS / "labextension"
BUILT = MAGICS / "prefix" / "share" / "jupyter" / "labextensions" / "rustcell"

needs_node = pytest.mark.skipif(
    not (shutil.which("node") and shutil.which("npm")), reason="node and npm are not on PATH"
)


def npm(*arguments: str, cwd: Path) -> str:
    command = [str(shutil.which("npm")), *arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_built_extension_is_whole():
    package = json.loads((BUILT / "package.json").read_text())
    build = package["jupyterlab"]["_build"]
    assert (BUILT / build["load"]).is_file()
    assert (BUILT / "schemas" / "rustcell" / "plugin.json").is_file()
    assert package["version"] == rustcell.__version__
    assert sum(map(len, files(BUILT).values())) < 100_000, "the extension was small"


def test_the_lock_names_no_download_address():
    lock = (SOURCES / "package-lock.json").read_text()
    assert '"resolved"' not in lock


def test_the_shortcuts_are_documented():
    schema = json.loads((SOURCES / "schema" / "plugin.json").read_text())
    page = (MAGICS.parent / "docs" / "jupyterlab.md").read_text()
    for shortcut in schema["jupyter.lab.shortcuts"]:
        keys = re.sub("Accel", "Ctrl", shortcut["keys"][0]).replace(" ", "+")
        assert f"`{keys}`" in page, shortcut["command"]


@needs_node
def test_the_pure_parts_do_as_their_own_tests_say():
    npm("test", cwd=SOURCES)


@needs_node
def test_a_rebuild_gives_the_committed_bytes(tmp_path):
    copy = tmp_path / "magics" / "labextension"
    shutil.copytree(SOURCES, copy, ignore=shutil.ignore_patterns("node_modules"))
    npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=copy)
    npm("run", "build", cwd=copy)

    rebuilt = tmp_path / BUILT.relative_to(MAGICS.parent)
    assert files(rebuilt) == files(BUILT), "run `npm ci && npm run build` in magics/labextension"
