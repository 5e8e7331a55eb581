"""`rustcell start` and `rustcell update`: a student's copy, and what becomes of their edits."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from guide_course import edit, write_course
from rustcell.course import files, nav, working_copy
from rustcell.course.copy_record import RECORD
from rustcell.course.listed_files import check_files
from rustcell.course.manifest import load_course
from rustcell.course.skeleton import begin
from rustcell.course.working_copy import Change, find_copy, open_next, start, update
from rustcell.errors import CourseError

CHAPTER = "notebooks/02_shapes.ipynb"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def source(tmp_path):
    return write_course(tmp_path / "course").root


@pytest.fixture
def copy(tmp_path, source):
    start(tmp_path / "mine", source)
    return tmp_path / "mine"


def cells(path):
    return {cell.id: cell for cell in nbformat.read(path, as_version=4).cells}


def test_start_copies_what_a_student_needs(copy):
    names = {path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file()}
    assert names == {
        RECORD,
        "course.toml",
        CHAPTER,
        "notebooks/contents.ipynb",
        "notebooks/images/02_shapes.svg",
        "exercises/02_shapes.ipynb",
        "exercises/solutions/02_shapes.ipynb",
    }
    check_files(load_course(copy))


def test_outputs_are_cleared_unless_they_are_asked_for(tmp_path, source):
    output = nbformat.v4.new_output("stream", name="stdout", text="6.0\n")
    edit(source / CHAPTER, "call-1", outputs=[output])
    start(tmp_path / "without", source)
    start(tmp_path / "with", source, with_outputs=True)
    assert cells(tmp_path / "without" / CHAPTER)["call-1"].outputs == []
    assert cells(tmp_path / "without" / CHAPTER)["call-1"].execution_count is None
    assert cells(tmp_path / "with" / CHAPTER)["call-1"].outputs
    assert update(tmp_path / "with", source) == []


def test_an_update_of_the_same_course_changes_nothing(copy, source):
    before = {path: path.stat().st_mtime_ns for path in copy.rglob("*")}
    assert update(copy, source) == []
    assert {path: path.stat().st_mtime_ns for path in copy.rglob("*")} == before


def test_a_new_chapter_and_a_new_version_come(copy, source):
    edit(source / CHAPTER, "notice-1", source="Better words.")
    begin(load_course(source), "03_colours", "A", 20, None)
    changes = update(copy, source)
    assert Change(CHAPTER, "updated") in changes
    assert Change("notebooks/03_colours.ipynb", "new") in changes
    assert changes[-1] == Change("course.toml", "updated")
    assert cells(copy / CHAPTER)["notice-1"].source == "Better words."
    check_files(load_course(copy))


def test_an_edited_file_stays_and_the_new_version_lies_beside_it(copy, source):
    edit(copy / CHAPTER, "call-1", source="mine = 1")
    mine = (copy / CHAPTER).read_bytes()
    edit(source / CHAPTER, "notice-1", source="Better words.")
    beside = "notebooks/02_shapes.new.ipynb"
    assert update(copy, source) == [Change(CHAPTER, "beside", beside)]
    assert (copy / CHAPTER).read_bytes() == mine
    assert cells(copy / beside)["notice-1"].source == "Better words."
    assert update(copy, source) == []
    check_files(load_course(copy))


def test_an_offered_version_that_was_edited_is_not_overwritten_either(copy, source):
    edit(copy / CHAPTER, "call-1", source="mine = 1")
    for words in ("Better words.", "The best words."):
        edit(source / CHAPTER, "notice-1", source=words)
        (change,) = update(copy, source)
        edit(copy / change.beside, "call-1", source=f"mine = {words!r}")
    assert change.beside == "notebooks/02_shapes.new2.ipynb"
    assert (
        cells(copy / "notebooks/02_shapes.new.ipynb")["call-1"].source == "mine = 'Better words.'"
    )


def test_running_a_notebook_is_no_edit(copy, source):
    edit(copy / CHAPTER, "call-1", execution_count=7)
    edit(source / CHAPTER, "notice-1", source="Better words.")
    assert update(copy, source) == [Change(CHAPTER, "updated")]


def test_a_deleted_file_comes_back_and_a_withdrawn_one_goes(copy, source):
    (copy / CHAPTER).unlink()
    (source / "notebooks/images/02_shapes.svg").rename(source / "notebooks/images/02_new.svg")
    changes = {change.file: change.kind for change in update(copy, source)}
    assert changes == {
        CHAPTER: "new",
        "notebooks/images/02_new.svg": "new",
        "notebooks/images/02_shapes.svg": "removed",
    }


def test_a_withdrawn_file_that_was_edited_stays(copy, source):
    (copy / "notebooks/images/02_shapes.svg").write_text("<svg>mine</svg>")
    (source / "notebooks/images/02_shapes.svg").unlink()
    assert update(copy, source) == [Change("notebooks/images/02_shapes.svg", "left")]
    assert (copy / "notebooks/images/02_shapes.svg").read_text() == "<svg>mine</svg>"


def test_files_of_the_students_own_are_never_touched(copy, source):
    (copy / "notes.md").write_text("mine")
    (copy / "notebooks/mine.ipynb").write_text("mine, and no notebook")
    update(copy, source)
    assert (copy / "notes.md").read_text() == "mine"
    assert (copy / "notebooks/mine.ipynb").read_text() == "mine, and no notebook"


@pytest.mark.parametrize("survives", range(6))
def test_cut_short_at_any_file_nothing_is_lost_and_update_goes_on(
    tmp_path, source, monkeypatch, survives
):
    copy = tmp_path / "mine"
    written = iter(range(survives))
    real = files.write

    def full(path, data):
        if path.name != RECORD and next(written, None) is None:
            raise OSError(28, "No space left on device", str(path))
        return real(path, data)

    monkeypatch.setattr(working_copy.files, "write", full)
    with pytest.raises(CourseError, match="No space left on device") as caught:
        start(copy, source)
    assert "rustcell update" in caught.value.mend
    monkeypatch.undo()
    if survives > 3:
        edit(copy / CHAPTER, "call-1", source="mine = 1") if (copy / CHAPTER).exists() else None
    update(copy, source)
    check_files(load_course(copy))
    assert not list(copy.rglob("*.new.*"))
    assert update(copy, source) == []


def test_a_lost_record_costs_no_edit(copy, source):
    edit(copy / CHAPTER, "call-1", source="mine = 1")
    record = json.loads((copy / RECORD).read_text())
    (copy / RECORD).write_text(json.dumps(record | {"files": {}}))
    edit(source / CHAPTER, "notice-1", source="Better words.")
    assert [change.kind for change in update(copy, source)] == ["beside"]
    assert cells(copy / CHAPTER)["call-1"].source == "mine = 1"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"format": 2, "rustcell": "9.0"}', "made by a newer rustcell, 9.0"),
        ("{", "cannot be read"),
        ("[]", "cannot be read"),
    ],
)
def test_a_record_that_makes_no_sense_is_refused(copy, source, text, message):
    (copy / RECORD).write_text(text)
    before = (copy / CHAPTER).read_bytes()
    with pytest.raises(CourseError, match=message):
        update(copy, source)
    assert (copy / CHAPTER).read_bytes() == before


def test_start_wants_an_empty_folder(tmp_path, copy, source):
    with pytest.raises(CourseError, match="copy of the course already"):
        start(copy, source)
    (tmp_path / "full").mkdir()
    (tmp_path / "full/notes.md").write_text("mine")
    with pytest.raises(CourseError, match="not empty"):
        start(tmp_path / "full", source)
    (tmp_path / "empty").mkdir()
    assert start(tmp_path / "empty", source)


def test_update_finds_the_copy_from_within(copy, tmp_path):
    assert find_copy(copy / "notebooks" / "images") == copy
    with pytest.raises(CourseError, match="no copy of the course"):
        find_copy(tmp_path)


def test_the_commands_on_the_real_course(tmp_path):
    def rustcell(*arguments, cwd=tmp_path):
        return subprocess.run(
            [sys.executable, "-m", "rustcell", *arguments],
            cwd=cwd,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONUTF8": "1"},
        )

    done = rustcell("start", "my course")
    assert done.returncode == 0, done.stderr
    copy = tmp_path / "my course"
    shutil.copy(ROOT / "course.toml", copy / "expected.toml")
    assert (copy / "course.toml").read_bytes() == (ROOT / "course.toml").read_bytes()
    done = rustcell("update", cwd=copy / "notebooks")
    assert (done.returncode, done.stdout) == (0, "Everything is up to date.\n")
    done = rustcell("start", "my course")
    assert (done.returncode, "rustcell update my course" in done.stderr) == (2, True)
    assert rustcell("update").returncode == 2


def test_a_guided_copy_opens_chapter_by_chapter(tmp_path, source):
    for slug in ("03_colours", "04_lines"):
        begin(load_course(source), slug, "A", 20, None)
    nav.write(load_course(source))
    copy = tmp_path / "guided"
    start(copy, source, guided=True)
    assert [chapter.slug for chapter in load_course(copy).chapters] == ["02_shapes"]
    check_files(load_course(copy))
    assert not list(copy.rglob("0[34]_*"))
    assert "Colours" not in cells(copy / "notebooks/contents.ipynb")["contents"].source

    edit(copy / CHAPTER, "call-1", source="mine = 1")
    assert update(copy, source) == []
    changes = update(copy, source, ["ex_02_1"])
    assert {change.kind for change in changes} == {"new", "updated"}
    assert [chapter.slug for chapter in load_course(copy).chapters] == ["02_shapes", "03_colours"]
    check_files(load_course(copy))
    assert cells(copy / CHAPTER)["call-1"].source == "mine = 1"
    assert update(copy, source, ["ex_02_1", "ex_03_1", "ex_04_1"])
    assert len(load_course(copy).chapters) == 3


def test_what_was_opened_stays_when_the_progress_is_lost(tmp_path, source):
    begin(load_course(source), "03_colours", "A", 20, None)
    copy = tmp_path / "guided"
    start(copy, source, guided=True)
    update(copy, source, ["ex_02_1"])
    edit(copy / "notebooks/03_colours.ipynb", "title", source="# Mine")
    assert update(copy, source, []) == []
    assert len(load_course(copy).chapters) == 2
    assert cells(copy / "notebooks/03_colours.ipynb")["title"].source == "# Mine"


def test_solving_an_exercise_opens_the_next_chapter_of_a_guided_copy_alone(
    tmp_path, source, monkeypatch
):
    begin(load_course(source), "03_colours", "A", 20, None)
    monkeypatch.setattr(working_copy, "shipped_course", lambda: source)
    for guided, before, after in ((True, 1, 2), (False, 2, 2)):
        copy = tmp_path / f"guided-{guided}"
        start(copy, source, guided=guided)
        mine = load_course(copy)
        assert len(open_next(mine, []).chapters) == before
        assert len(open_next(mine, ["ex_02_1"]).chapters) == after
        assert len(load_course(copy).chapters) == after
    assert open_next(load_course(source), ["ex_02_1"]) == load_course(source)
