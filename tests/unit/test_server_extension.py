"""What the server answers about a course to JupyterLab's side bar."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from rustcell.server_extension import answer

FIXTURE = Path(__file__).parents[1] / "fixture_course"


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("RUSTCELL_PROGRESS_FILE", str(tmp_path / "progress.json"))
    shutil.copytree(FIXTURE, tmp_path / "home" / "course")
    return tmp_path / "home"


@pytest.mark.parametrize("path", ["course", "course/notebooks", "course/exercises/solutions"])
def test_a_course_is_found_from_inside(root, path):
    found = answer(str(root), path)
    assert found["problem"] is None
    assert (found["course"]["folder"], found["course"]["points_in_all"]) == ("course", 5)
    assert found["course"]["chapters"][0]["notebook"] == "notebooks/00_start.ipynb"


def test_the_folder_is_empty_when_the_server_shows_the_course_itself(root):
    assert answer(str(root / "course"), "elsewhere/gone")["course"]["folder"] == ""


def test_where_there_is_none_the_way_to_one_is_told(root):
    found = answer(str(root), "")
    assert found["course"] is None
    assert "`rustcell start`" in found["problem"]


def test_a_course_above_the_servers_folder_cannot_be_opened_from_there(root):
    found = answer(str(root / "course" / "notebooks"), "")
    assert found["course"] is None
    assert str(root / "course") in found["problem"]


@pytest.mark.parametrize("path", ["../course", "/etc", "..", "course/../.."])
def test_nothing_outside_the_servers_folder_is_looked_at(root, path):
    (root / "inside").mkdir()
    assert answer(str(root / "inside"), path)["course"] is None


def test_a_broken_manifest_is_told(root):
    (root / "course" / "course.toml").write_text("title = 1")
    assert "course.toml" in answer(str(root), "course")["problem"]
