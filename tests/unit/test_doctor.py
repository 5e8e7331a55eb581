"""`rustcell doctor`: one line for each thing that is there or missing, with its mend."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from rustcell.cli.main import main

MANIFEST = """title = "A course"
[[part]]
name = "A"
title = "Functions"
chapters = ["01_plots", "02_crashes"]
[chapter.01_plots]
minutes = 5
needs = ["numpy", "release"]
[chapter.02_crashes]
minutes = 5
needs = ["gdb", "numpy"]
"""


@pytest.fixture
def doctor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Run it in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["doctor", *arguments])

    return run


def findings(done: Result) -> dict[str, dict[str, object]]:
    return {report["subject"]: report for report in json.loads(done.stdout)}


def test_what_a_build_needs_has_a_line_each(doctor):
    done = doctor()
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert [line.split()[1] for line in lines if line.startswith("ok")] == [
        *("Python", "environment", "cache", "rustc", "cargo", "maturin", "uv", "linker", "modules")
    ]


def test_without_rust_it_fails_and_says_how_to_get_it(doctor, monkeypatch):
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    done = doctor("--json")
    assert done.exit_code == 1
    tools = findings(done)["tools"]
    assert not tools["ok"]
    assert "rustc and cargo are not on PATH" in str(tools["found"])
    assert tools["mend"]


def test_in_a_course_it_says_which_chapters_miss_something(doctor, tmp_path, monkeypatch):
    (tmp_path / "course.toml").write_text(MANIFEST)
    (tmp_path / "notebooks").mkdir()
    # numpy is in the environment of the tests, and gdb is taken from the path.
    which = shutil.which

    def without_gdb(name, *arguments, **keywords):
        return None if name == "gdb" else which(name, *arguments, **keywords)

    monkeypatch.setattr("shutil.which", without_gdb)
    found = findings(doctor("--json"))
    assert found["numpy"]["found"] == "here, for 01_plots, 02_crashes"
    assert found["gdb"]["found"] == "not here, so a part is skipped in 02_crashes"
    assert "apt install gdb" in str(found["gdb"]["mend"])
    assert found["gdb"]["ok"], "cells work without it"
    assert "release" not in found


def test_a_damaged_manifest_is_one_of_its_lines(doctor, tmp_path):
    (tmp_path / "course.toml").write_text("title =")
    done = doctor("--json")
    assert done.exit_code == 1
    assert "course.toml" in str(findings(done)["course"]["found"])
