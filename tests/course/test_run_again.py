"""`rustcell run` a second time: what was cut goes on, what has not changed is left out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import rows, rustcell
from notebooks import code, write_notebook
from rustcell.course.batch import run_folder

ROOT = Path(__file__).parents[2]
GATE = "import pathlib; assert pathlib.Path('../gate').exists()"


def states(done: subprocess.CompletedProcess[str]) -> dict[str, tuple[str, bool]]:
    return {name: (row["verdict"], row["earlier"]) for name, row in rows(done).items()}


@pytest.fixture
def course(tmp_path, own_cache):
    write_notebook(tmp_path / "notebooks" / "00_a.ipynb", code("a = 1"))
    write_notebook(tmp_path / "notebooks" / "01_b.ipynb", code(GATE))
    return tmp_path


def test_since_change_runs_what_failed_or_changed(course):
    run = ("run", "--since-change", "--json", "-j", "2")
    first = rustcell(*run, cwd=course)
    assert states(first) == {"00_a": ("passed", False), "01_b": ("failed", False)}
    (course / "gate").touch()
    second = rustcell(*run, cwd=course)
    assert states(second) == {"00_a": ("passed", True), "01_b": ("passed", False)}
    write_notebook(course / "notebooks" / "00_a.ipynb", code("a = 2"))
    third = rustcell(*run, cwd=course)
    assert states(third) == {"00_a": ("passed", False), "01_b": ("passed", True)}


def test_a_run_that_was_cut_goes_on_in_its_folder(course):
    run = ("run", "--out", "out", "--json", "-j", "2")
    rustcell(*run, cwd=course)
    (course / "gate").touch()
    again = rustcell(*run, "--resume", cwd=course)
    assert states(again) == {"00_a": ("passed", True), "01_b": ("passed", False)}


def test_a_second_run_does_not_write_into_the_same_folder(course):
    with run_folder(course / "out"):
        done = rustcell("run", "--out", "out", cwd=course)
    assert done.returncode == 2
    assert "Another run is writing to out now" in done.stderr
    assert not (course / "out" / "00_a.ipynb").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a small file system of its own")
def test_a_full_disk_costs_a_row_and_no_chapter(course):
    big = write_notebook(course / "notebooks" / "02_big.ipynb", code("print('x' * 200_000)"))
    before = big.read_bytes()
    (course / "gate").touch()
    (course / "small").mkdir()
    mount = "mount -t tmpfs -o size=100k none small"
    command = f"{mount} && exec {sys.executable} -m rustcell run -j 1 --json --write --out small"
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", command],
        cwd=course,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert states(done)["00_a"] == ("passed", False)
    assert rows(done)["02_big"]["verdict"] == "not run"
    assert "No space left" in rows(done)["02_big"]["error"]
    assert big.read_bytes() == before


def test_the_manifest_says_what_all_chapters_are(course):
    shutil.copy(ROOT / "tests" / "fixture_course" / "course.toml", course)
    done = rustcell("run", cwd=course)
    assert done.returncode == 2
    assert "course.toml: chapter.00_start is listed" in done.stderr
