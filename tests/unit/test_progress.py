"""The file of a student's progress, and where a student stands."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from rustcell.course.manifest import Chapter, Course, Part
from rustcell.course.progress import Attempts, Progress, ProgressFile, progress_path
from rustcell.course.standing import Standing, standing
from rustcell.errors import CourseError


@pytest.fixture
def file(tmp_path) -> ProgressFile:
    return ProgressFile(tmp_path / "data" / "progress.json")


def tried(progress: Progress) -> Progress:
    known = progress.of("ex_02_1")
    return progress.with_exercise("ex_02_1", replace(known, tries=known.tries + 1))


def test_nothing_is_remembered_before_the_first_time(file):
    assert file.load() == Progress()
    assert not file.path.parent.exists()


def test_what_was_done_is_remembered(file):
    file.update(tried)
    file.update(lambda progress: tried(progress).with_chapter("02_modules"))

    assert file.load() == Progress({"ex_02_1": Attempts(tries=2)}, ("02_modules",))
    assert file.notice == ""


def test_the_file_is_what_the_docs_say(file):
    file.update(lambda progress: tried(progress).with_chapter("02_modules"))

    assert json.loads(file.path.read_text()) == {
        "format": 1,
        "chapters_read": ["02_modules"],
        "exercises": {"ex_02_1": {"tries": 1, "hints": 0, "solved": False}},
    }
    docs = (Path(__file__).parents[2] / "docs" / "learning.md").read_text(encoding="utf-8")
    (example,) = (part for part in docs.split("```") if part.startswith("json"))
    file.path.write_text(example.removeprefix("json"))
    assert file.load().exercises
    assert file.notice == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"format": 0, "exercises": {}, "chapters_read": []}',
        '{"format": 1}',
        '{"format": 1, "exercises": [], "chapters_read": []}',
        '{"format": 1, "exercises": {"ex_1_1": {}}, "chapters_read": []}',
        '{"format": 1, "exercises": {"x": {"tries": "x", "hints": 0}}, "chapters_read": []}',
        '{"format": "1", "exercises": {}, "chapters_read": []}',
        "\x00\xff",
    ],
)
def test_a_file_that_cannot_be_read_is_kept_aside(file, text):
    file.path.parent.mkdir()
    file.path.write_text(text, encoding="latin-1")

    file.update(tried)

    kept = file.path.with_name("progress.unreadable-1.json")
    assert kept.read_text(encoding="latin-1") == text
    assert "could not be read" in file.notice
    assert kept.name in file.notice
    assert file.load().of("ex_02_1").tries == 1


def test_a_second_broken_file_does_not_cost_the_first(file):
    file.path.parent.mkdir()
    for text in ("first", "second"):
        file.path.write_text(text)
        file.load()

    kept = [file.path.with_name(f"progress.unreadable-{n}.json").read_text() for n in (1, 2)]
    assert kept == ["first", "second"]


def test_a_file_of_a_newer_version_is_kept_aside_and_said_so(file):
    text = '{"format": 2, "galaxies": {}}'
    file.path.parent.mkdir()
    file.path.write_text(text)

    assert file.load() == Progress()

    assert file.path.with_name("progress.newer-1.json").read_text() == text
    assert "newer version" in file.notice


def test_two_writers_lose_nothing(file):
    threads = [threading.Thread(target=file.update, args=(tried,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert file.load().of("ex_02_1").tries == 8


def test_a_change_that_fails_leaves_the_file_and_no_lock(file):
    file.update(tried)
    before = file.path.read_bytes()

    def fail(_progress):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        file.update(fail)
    assert file.path.read_bytes() == before
    with FileLock(file.path.with_suffix(".lock"), timeout=0):
        pass


def test_a_disk_that_refuses_is_told_with_the_way_out(tmp_path):
    (tmp_path / "data").write_text("a file where a folder must be")

    with pytest.raises(CourseError, match="cannot be used") as caught:
        ProgressFile(tmp_path / "data" / "progress.json").update(tried)
    assert "RUSTCELL_PROGRESS_FILE" in caught.value.mend


def test_the_variable_names_another_file(monkeypatch, tmp_path):
    monkeypatch.setenv("RUSTCELL_PROGRESS_FILE", str(tmp_path / "mine.json"))
    assert progress_path() == tmp_path / "mine.json"
    monkeypatch.delenv("RUSTCELL_PROGRESS_FILE")
    assert progress_path().name == "progress.json"


@pytest.fixture
def course(tmp_path) -> Course:
    chapters = (
        Chapter("00_a", "00", 10),
        Chapter("01_b", "01", 10, {"ex_01_1": 2, "ex_01_2": 3}),
        Chapter("02_c", "02", 10, {"ex_02_1": 5}),
    )
    return Course("Tests", tmp_path, (Part("A", "All", chapters),))


def stands(course: Course, *solved: str, read: tuple[str, ...] = ()) -> Standing:
    exercises = {name: Attempts(tries=1, solved=True) for name in solved}
    return standing(course, Progress(exercises, read))


def step(following) -> str:
    return f"{following.text} in {following.notebook.parent.name}" if following else ""


def test_points_come_from_solved_exercises_alone(course):
    now = stands(course, "ex_01_2", "ex_99_9")

    assert (now.points, now.points_in_all, now.solved) == (3, 10, 1)


def test_a_chapter_is_read_when_it_says_so_or_its_exercises_are_tried(course):
    now = standing(course, Progress({"ex_02_1": Attempts(tries=1)}, ("00_a",)))

    assert [chapter.read for chapter in now.chapters] == [True, False, True]


def test_what_is_next_follows_the_order_of_the_course(course):
    assert step(stands(course).next) == "read 00_a in notebooks"
    assert step(stands(course, read=("00_a",)).next) == "read 01_b in notebooks"
    assert step(stands(course, read=("00_a", "01_b")).next) == "solve ex_01_1 in exercises"
    assert step(stands(course, "ex_01_1", "ex_01_2", "ex_02_1", read=("00_a",)).next) == ""


def test_after_an_exercise_comes_what_is_open_behind_it(course):
    assert step(stands(course, "ex_01_1").after("ex_01_1")) == "solve ex_01_2 in exercises"
    assert step(stands(course, "ex_01_2").after("ex_01_2")) == "read 02_c in notebooks"
    everything_else = stands(course, "ex_01_2", "ex_02_1", read=("00_a",))
    assert step(everything_else.after("ex_02_1")) == "solve ex_01_1 in exercises"
