"""What makes a chapter run again, and what does not."""

from __future__ import annotations

import dataclasses
import hashlib

import pytest

from notebooks import code, write_notebook
from rustcell.cli.surroundings import surroundings
from rustcell.course.execute import ChapterResult, Job
from rustcell.course.record import Record
from rustcell.errors import CourseError

PASSED = ChapterResult("00_a", "passed", 1, 1, 1.5)


@pytest.fixture
def job(tmp_path):
    path = write_notebook(tmp_path / "notebooks" / "00_a.ipynb", code("a = 1"))
    (tmp_path / "notebooks" / "data.csv").write_text("1")
    return Job(path, tmp_path / "out.ipynb", surroundings="rustc 1.95")


@pytest.fixture
def record(tmp_path, job):
    record = Record(tmp_path / "record")
    assert record.passed(job) is None
    record.note(job, PASSED)
    return record


def test_a_chapter_as_it_was_is_taken_over(record, job):
    assert record.passed(job) == dataclasses.replace(PASSED, earlier=True)


def test_its_outputs_and_its_neighbours_count_for_nothing(record, job):
    write_notebook(job.path, code("a = 1", printed="new"))
    write_notebook(job.path.with_name("01_b.ipynb"), code("b = 1"))
    (job.path.parent / ".hidden").write_text("")
    assert record.passed(job) is not None


@pytest.mark.parametrize(
    "change",
    [
        lambda job: write_notebook(job.path, code("a = 2")) and job,
        lambda job: write_notebook(job.path, code("a = 1", tags=("raises-exception",))) and job,
        lambda job: (job.path.parent / "data.csv").write_text("2") and job,
        lambda job: (job.path.parent / "more.csv").write_text("1") and job,
        lambda job: dataclasses.replace(job, parameters={"n": 1}),
        lambda job: dataclasses.replace(job, surroundings="rustc 1.96"),
        lambda job: job.path.write_text("{") and job,
    ],
    ids=["text", "tags", "data", "new data", "parameter", "tools", "broken"],
)
def test_a_change_makes_it_run(record, job, change):
    assert record.passed(change(job)) is None


def test_a_file_that_its_rust_cells_have_read_counts(record, job, tmp_path):
    included = tmp_path / "elsewhere.txt"
    included.write_text("text")
    files = {str(included): hashlib.sha256(b"text").hexdigest()}
    record.note(job, dataclasses.replace(PASSED, files=files))
    assert record.passed(job) is not None
    included.write_text("other")
    assert record.passed(job) is None


def test_a_failure_is_not_remembered_as_passed(record, job):
    record.note(job, ChapterResult("00_a", "failed", 1, 0, 1.0, 1, "KeyError"))
    assert record.passed(job) is None


def test_a_damaged_record_is_named_and_not_obeyed(record, job, tmp_path):
    (file,) = (tmp_path / "record").iterdir()
    file.write_text('{"fingerprint": ')
    with pytest.raises(CourseError) as caught:
        record.passed(job)
    assert str(file) in caught.value.mend


def test_the_surroundings_are_the_same_until_something_changes(own_cache, monkeypatch):
    before = surroundings()
    assert surroundings() == before
    monkeypatch.setenv("RUSTFLAGS", "-Copt-level=0")
    assert surroundings() != before
