"""`course.toml`: what it may say, and that each refusal names the file and the key."""

from __future__ import annotations

from pathlib import Path

import pytest

from notebooks import code, write_notebook
from rustcell.course.listed_files import check_files
from rustcell.course.manifest import Chapter, find_course, load_course
from rustcell.errors import CourseError

ROOT = Path(__file__).parents[2]

GOOD = """\
title = "A course"

[[part]]
name = "A"
title = "First"
chapters = ["02_modules", "00_welcome"]

[chapter.02_modules]
minutes = 30
exercises = { ex_02_1 = 2, ex_02_2 = 3 }
needs = ["gdb"]

[chapter.00_welcome]
minutes = 20
"""


def written(folder: Path, text: str) -> Path:
    (folder / "course.toml").write_text(text, encoding="utf-8")
    return folder


def laid_out(folder: Path) -> Path:
    for name in ("00_welcome", "02_modules"):
        write_notebook(folder / "notebooks" / f"{name}.ipynb", code("1"))
    write_notebook(folder / "exercises" / "solutions" / "02_modules.ipynb", code("1"))
    return written(folder, GOOD)


def test_chapters_come_in_reading_order_with_all_that_is_said_of_them(tmp_path):
    course = load_course(written(tmp_path, GOOD))
    assert (course.title, [part.title for part in course.parts]) == ("A course", ["First"])
    assert course.chapters == (
        Chapter("02_modules", "02", 30, {"ex_02_1": 2, "ex_02_2": 3}, ("gdb",)),
        Chapter("00_welcome", "00", 20),
    )
    assert course.chapter_of("ex_02_2") == course.chapters[0]
    assert course.chapter_of("ex_09_1") is None


def test_the_course_is_found_from_a_folder_inside_it(tmp_path):
    inside = tmp_path / "notebooks" / "images"
    inside.mkdir(parents=True)
    assert find_course(inside) is None
    written(tmp_path, GOOD)
    found = find_course(inside)
    assert found is not None
    assert found.root == tmp_path.resolve()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title = "A course"', 'title = "A course"\ncolour = 1', "colour is unknown"),
        ('name = "A"', 'name = "A"\npages = 1', "part 1.pages is unknown"),
        ("minutes = 20", "minutes = 20\nminute = 1", "chapter.00_welcome.minute is unknown"),
        ("minutes = 20", "", "chapter.00_welcome.minutes is missing"),
        ("minutes = 20", "minutes = 0", "minutes must be a whole number above 0"),
        ("minutes = 20", "minutes = true", "minutes must be a whole number"),
        ("minutes = 20", 'minutes = "20"', "minutes must be a whole number"),
        ("[chapter.00_welcome]\nminutes = 20", "", "chapter.00_welcome is missing"),
        ('"00_welcome"]', "]", "chapter.00_welcome stands in no part's chapters"),
        ('"00_welcome"]', '"00_welcome", "02_modules"]', "chapter 02_modules is there twice"),
        ('"00_welcome"]', "3]", "must hold names of chapters"),
        ("00_welcome", "02_welcome", "chapter number 02 is there twice"),
        ("00_welcome", "welcome", "chapter.welcome is no chapter's name"),
        ("ex_02_2 = 3", "ex_03_2 = 3", "exercises.ex_03_2 must be called ex_02_1"),
        ("ex_02_2 = 3", "ex_02_2 = -3", "exercises.ex_02_2 must be a whole number above 0"),
        ("ex_02_2 = 3", "ex_02_1 = 3", "line 10"),
        ('["gdb"]', '["luck"]', "chapter.02_modules.needs knows only"),
        ('title = "A course"', "title = ", "line 1"),
        ("[[part]]", "[part]", "part must be a list"),
    ],
)
def test_what_is_wrong_is_named_with_its_key(tmp_path, old, new, said):
    assert old in GOOD
    with pytest.raises(CourseError) as caught:
        load_course(written(tmp_path, GOOD.replace(old, new)))
    assert caught.value.message.startswith("course.toml")
    assert said in caught.value.message
    assert str(tmp_path / "course.toml") in caught.value.mend
    assert str(tmp_path) not in caught.value.message


def test_a_part_name_is_given_once(tmp_path):
    second = '\n[[part]]\nname = "A"\ntitle = "Again"\nchapters = []\n'
    with pytest.raises(CourseError, match="part A is there twice"):
        load_course(written(tmp_path, GOOD + second))


def test_files_and_manifest_agree(tmp_path):
    check_files(load_course(laid_out(tmp_path)))
    # A student's own notebook is nobody's business.
    write_notebook(tmp_path / "notebooks" / "my notes.ipynb", code("1"))
    check_files(load_course(tmp_path))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda c: (c / "notebooks/00_welcome.ipynb").unlink(),
            "notebooks/00_welcome.ipynb is mis",
        ),
        (
            lambda c: (c / "exercises/solutions/02_modules.ipynb").unlink(),
            "chapter.02_modules.exercises is listed",
        ),
        (
            lambda c: write_notebook(c / "notebooks/03_more.ipynb", code("1")),
            "does not list notebooks/03_more.ipynb",
        ),
        (
            lambda c: write_notebook(c / "exercises/00_welcome.ipynb", code("1")),
            "does not list exercises/00_welcome.ipynb",
        ),
    ],
    ids=["missing", "missing exercises", "unlisted", "unlisted exercises"],
)
def test_a_missing_or_unlisted_file_is_named(tmp_path, change, said):
    change(laid_out(tmp_path))
    with pytest.raises(CourseError) as caught:
        check_files(load_course(tmp_path))
    assert said in caught.value.message


def test_the_courses_own_manifest_agrees_with_its_files():
    check_files(load_course(ROOT))
    check_files(load_course(ROOT / "tests" / "fixture_course"))
