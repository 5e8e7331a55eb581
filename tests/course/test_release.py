"""`rustcell dev release`: what students get of an exercise, and what a bad source says."""

from __future__ import annotations

import json

import nbformat
import pytest
from click.testing import CliRunner

from exercise_sources import ANSWER, CHECK, code, exercise, prose, write_course
from rustcell.cli.main import main
from rustcell.course.attempts import attempts
from rustcell.course.exercises import find_exercise
from rustcell.course.manifest import load_course
from rustcell.errors import CourseError


@pytest.fixture
def release(tmp_path, monkeypatch):
    """Run `rustcell dev release` in the folder of the course."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str):
        return CliRunner().invoke(main, ["dev", "release", *arguments])

    return run


def released(root):
    return nbformat.read(root / "exercises" / "01_words.ipynb", as_version=4)


def test_a_student_gets_stubs_and_visible_tests_alone(tmp_path, release):
    write_course(tmp_path)
    assert release().exit_code == 0
    text = (tmp_path / "exercises" / "01_words.ipynb").read_text(encoding="utf-8")
    for secret in ("upper()", "BEGIN", "END", "test_no_word", "hint number", "the explanation"):
        assert secret not in text
    cells = {cell.id: cell.source for cell in released(tmp_path).cells}
    assert cells["answer-1"].splitlines()[-1] == '    raise NotImplementedError("your code here")'
    assert cells["check-1"].splitlines()[0] == "%%check ex_01_1"
    assert "def test_a_word" in cells["check-1"]
    for magic in ("%hint", "%solution", "%reset_exercise"):
        assert f"`{magic} ex_01_1`" in cells["ex_01_1_help"]
    assert cells["head"].endswith("(../notebooks/01_words.ipynb)")


def test_outputs_of_the_source_stay_behind(tmp_path, release):
    path = write_course(tmp_path)
    source = nbformat.read(path, as_version=4)
    source.cells[1].outputs = [nbformat.v4.new_output("stream", name="stdout", text="secret")]
    source.cells[1].execution_count = 7
    nbformat.write(source, path)
    release()
    cell = released(tmp_path).cells[1]
    assert (cell.outputs, cell.execution_count) == ([], None)


def test_cells_tell_nbgrader_what_they_are_and_jupyter_what_may_be_done(tmp_path, release):
    write_course(tmp_path)
    release()
    cells = {cell.id: cell.metadata for cell in released(tmp_path).cells}
    assert cells["check-1"]["nbgrader"] == {
        "cell_type": "code",
        "grade": True,
        "grade_id": "ex_01_1_check",
        "locked": True,
        "points": 2,
        "schema_version": 3,
        "solution": False,
        "task": False,
    }
    answer = cells["answer-1"]
    assert answer["nbgrader"]["grade_id"] == "ex_01_1"
    assert answer["nbgrader"]["solution"]
    assert not answer["nbgrader"]["locked"]
    assert answer["deletable"] is False
    assert "editable" not in answer
    for locked in ("story-1", "given-1", "check-1"):
        assert cells[locked]["nbgrader"]["locked"]
        assert cells[locked]["editable"] is cells[locked]["deletable"] is False
    assert "nbgrader" not in cells["head"]


def test_every_grade_id_is_there_once(tmp_path, release):
    file = "%%rust_file words src/a.rs\n// BEGIN SOLUTION\nfn a() {}\n// END SOLUTION"
    more = code("answer-1b", file, "answer")
    first = exercise(1)
    write_course(
        tmp_path, *first[:3], more, *first[3:], *exercise(2), exercises="ex_01_1 = 2, ex_01_2 = 1"
    )
    release()
    metadata = [cell.metadata.get("nbgrader") for cell in released(tmp_path).cells]
    names = [found["grade_id"] for found in metadata if found]
    assert len(names) == len(set(names))
    assert {"ex_01_1", "ex_01_1_2", "ex_01_1_check", "ex_01_2", "ex_01_2_check"} <= set(names)


def test_check_says_what_is_out_of_step_and_writes_nothing(tmp_path, release):
    write_course(tmp_path)
    missing = release("--check")
    assert missing.exit_code == 1
    assert "exercises/01_words.ipynb" in missing.output
    assert not (tmp_path / "exercises" / "01_words.ipynb").exists()
    release()
    assert release("--check").exit_code == 0
    assert "up to date" in release().output
    path = tmp_path / "exercises" / "01_words.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("word", "name"), encoding="utf-8")
    assert release("--check").exit_code == 1


def test_a_chapter_is_released_without_looking_at_the_others(tmp_path, release):
    source = write_course(tmp_path)
    manifest = tmp_path / "course.toml"
    more = "[chapter.02_other]\nminutes = 5\nexercises = { ex_02_1 = 1 }\n"
    text = manifest.read_text().replace('["01_words"]', '["01_words", "02_other"]')
    manifest.write_text(text + more)
    source.with_name("02_other.ipynb").write_text("{")

    assert release().exit_code != 0, "a broken source"
    assert "exercises/01_words.ipynb" in release("01").output
    assert release("01", "--check").exit_code == 0
    assert release("07").exit_code != 0
    assert release("01", "--class", str(tmp_path / "class")).exit_code == 2


def test_an_exercise_is_found_with_all_its_parts(tmp_path):
    write_course(tmp_path)
    found = find_exercise(load_course(tmp_path), "ex_01_1")
    assert (found.title, found.story, found.points) == ("Shout", "Write `shout`.", 2)
    assert found.hints == ("hint number 1", "hint number 2", "hint number 3")
    assert found.explanation == "the explanation"
    assert found.test_names() == (["test_a_word"], ["test_no_word"])
    assert found.visible.startswith("from ex_01_1 import shout")
    (answer,) = found.answers
    assert answer.solution.endswith("    return text.upper()")
    assert answer.starter.endswith('    raise NotImplementedError("your code here")')
    assert found.code == (("given-1", "MARK = '!'"), ("answer-1", answer.starter))


def test_an_unknown_exercise_is_refused(tmp_path):
    write_course(tmp_path)
    with pytest.raises(CourseError, match="no exercise 'ex_01_9'"):
        find_exercise(load_course(tmp_path), "ex_01_9")


def test_a_class_gets_no_solutions_hidden_tests_or_explanations(tmp_path, release):
    write_course(tmp_path)
    (tmp_path / "notebooks" / "images").mkdir(parents=True)
    (tmp_path / "notebooks" / "images" / "a.svg").write_text("<svg/>")
    (tmp_path / "notebooks" / ".ipynb_checkpoints").mkdir()
    (tmp_path / "notebooks" / ".ipynb_checkpoints" / "b").touch()
    given = tmp_path / "class"
    assert release("--class", str(given)).exit_code == 0
    files = {path.relative_to(given).as_posix() for path in given.rglob("*") if path.is_file()}
    assert files == {
        "course.toml",
        "exercises/01_words.ipynb",
        "exercises/class.json",
        "notebooks/images/a.svg",
    }
    for name in files:
        text = (given / name).read_text(encoding="utf-8")
        for secret in ("upper()", "test_no_word", "the explanation", "%solution"):
            assert secret not in text, name
    found = find_exercise(load_course(given), "ex_01_1")
    assert found.hints == ("hint number 1", "hint number 2", "hint number 3")
    assert (found.hidden, found.explanation, found.answers[0].solution) == ("", "", "")
    at_home = find_exercise(load_course(tmp_path), "ex_01_1")
    assert (found.visible, found.code) == (at_home.visible, at_home.code)
    assert release("--class", str(given)).output.startswith("Written: nothing")


def test_a_class_edition_takes_no_other_folders_place(tmp_path, release):
    write_course(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    (tmp_path / "file").touch()
    for folder, said in (
        (tmp_path, "course with solutions"),
        (tmp_path / "mine", "something else"),
        (tmp_path / "file", "is a file"),
    ):
        done = release("--class", str(folder))
        assert done.exit_code == 2
        assert said in done.output
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("text", ["", "{", '{"format": 2}', '{"format": 1, "exercises": {"a": 1}}'])
def test_a_damaged_class_file_says_what_to_do(tmp_path, text):
    write_course(tmp_path)
    (tmp_path / "exercises" / "class.json").write_text(text)
    with pytest.raises(CourseError, match=r"class\.json cannot be read") as refused:
        find_exercise(load_course(tmp_path), "ex_01_1")
    assert "Copy it again" in refused.value.mend


def changed(place, **changes):
    """The exercise with one cell changed."""
    cells = exercise()
    for name, value in changes.items():
        setattr(cells[place], name, value)
    return cells


def without(place):
    cells = exercise()
    del cells[place]
    return cells


def doubled(place):
    """The exercise with one cell copied, as a front end does it: with a new id."""
    cells = exercise()
    copy = nbformat.from_dict(cells[place])
    copy.id = "copy"
    return [*cells[: place + 1], copy, *cells[place + 1 :]]


def as_markdown(place):
    cells = exercise()
    tags = cells[place].metadata["tags"]
    cells[place] = prose(cells[place].id, cells[place].source, *tags)
    return cells


BAD = {
    "check copied": (doubled(3), "cell 3: ex_01_1 has 2 cells tagged 'check', not 1"),
    "check deleted": (without(3), "cell 3: ex_01_1 has 0 cells tagged 'check', not 1"),
    "hint deleted": (without(4), "cell 3: ex_01_1 has 2 cells tagged 'hint', not 3"),
    "answer deleted": (without(2), "cell 3: ex_01_1 has no cell tagged 'answer' before its check"),
    "answer as markdown": (as_markdown(2), "cell 5: a cell tagged 'answer' is markdown"),
    "check as markdown": (as_markdown(3), "cell 6: a cell tagged 'check' is markdown"),
    "no title": (changed(0, source="## Shout"), "cell 3: '## Shout' is no exercise's title"),
    "story deleted": (
        without(0),
        "cell 4: a cell tagged 'answer' stands before the first exercise",
    ),
    "no END": (
        changed(2, source=ANSWER.replace("# END SOLUTION", "")),
        "cell 5: line 3: BEGIN SOLUTION without END SOLUTION",
    ),
    "nested regions": (
        changed(2, source=ANSWER.replace("    return", "    # BEGIN SOLUTION\n    return")),
        "cell 5: line 4: a region begins inside that of line 3",
    ),
    "region in a locked cell": (
        changed(1, source="# BEGIN SOLUTION\nMARK = 1\n# END SOLUTION"),
        "cell 4: line 1: BEGIN SOLUTION stands in a cell that students can't change",
    ),
    "answer copied": (doubled(2), "cell 3: ex_01_1 has two cells that begin with %%answer"),
    "no region": (
        changed(2, source="%%answer ex_01_1\ndef shout(text): return text.upper()"),
        "cell 5: an answer cell marks no solution",
    ),
    "no magic": (
        changed(2, source=ANSWER.partition("\n")[2]),
        "cell 5: an answer cell begins with none of the magics that take an answer",
    ),
    "other answer": (
        changed(2, source=ANSWER.replace("ex_01_1", "ex_01_2")),
        "cell 5: an answer of ex_01_1 begins with %%answer ex_01_2",
    ),
    "other check": (
        changed(3, source=CHECK.replace("%%check ex_01_1", "%%check ex_01_2")),
        "cell 6: the check cell of ex_01_1 does not begin with %%check ex_01_1",
    ),
    "no hidden tests": (
        changed(3, source=CHECK.partition("# BEGIN")[0]),
        "cell 6: the check of ex_01_1: visible or hidden tests are missing",
    ),
    "doubled test": (
        changed(3, source=CHECK.replace("test_no_word", "test_a_word")),
        "cell 6: the check of ex_01_1: two tests are called test_a_word",
    ),
    "no Python": (
        changed(3, source=CHECK.replace("def test_a_word():", "def test_a_word()")),
        "cell 6: the tests are no valid Python",
    ),
    "unlisted": (exercise() + exercise(2), " has the exercises ex_01_1, ex_01_2; course.toml"),
    "twice": (
        [
            *exercise(),
            *(
                code(f"b{n}", c.source, *c.metadata.get("tags", []))
                if c.cell_type == "code"
                else prose(f"b{n}", c.source, *c.metadata.get("tags", []))
                for n, c in enumerate(exercise())
            ),
        ],
        ": two exercises are called ex_01_1",
    ),
}


@pytest.mark.parametrize(("cells", "said"), BAD.values(), ids=BAD.keys())
def test_a_bad_source_is_refused_with_file_and_cell_and_nothing_is_lost(
    tmp_path, release, cells, said
):
    write_course(tmp_path)
    release()
    before = (tmp_path / "exercises" / "01_words.ipynb").read_bytes()
    write_course(tmp_path, *cells)
    done = release()
    assert done.exit_code == 2
    assert "01_words.ipynb" in done.output
    assert said in done.output
    assert (tmp_path / "exercises" / "01_words.ipynb").read_bytes() == before


def test_wrong_solutions_take_the_solutions_place(tmp_path):
    path = write_course(tmp_path)
    found = find_exercise(load_course(tmp_path), "ex_01_1")
    tried = {a.name: a for a in attempts(found, path.parent / "wrong") if a.kind == "wrong"}
    assert tried["adds_a_mark"].rejected_by == ("test_a_word", "test_no_word")
    assert tried["capitalizes"].answers["ex_01_1"].splitlines() == [
        "",
        "def shout(text: str) -> str:",
        "    return text.capitalize()",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("return 1", "wrong/ex_01_1/new.py does not begin with what it stands for"),
        (
            "# Misconception: none.\n# Rejected by: test_x\nreturn 1",
            "names the test test_x, which is not there",
        ),
        (
            "# Misconception: none.\n# Rejected by: test_a_word\n%%rust_module a\nfn a() {}",
            "fits 0 answer cells",
        ),
    ],
)
def test_a_wrong_solution_that_fits_nothing_is_refused(tmp_path, text, said):
    path = write_course(tmp_path)
    (path.parent / "wrong" / "ex_01_1" / "new.py").write_text(text)
    found = find_exercise(load_course(tmp_path), "ex_01_1")
    with pytest.raises(CourseError, match=said):
        attempts(found, path.parent / "wrong")


def test_an_exercise_without_wrong_solutions_is_refused(tmp_path):
    path = write_course(tmp_path)
    found = find_exercise(load_course(tmp_path), "ex_01_1")
    with pytest.raises(CourseError, match="has 0 wrong solutions, and needs 2"):
        attempts(found, path.parent / "nowhere")


def test_the_class_file_is_json_with_a_format(tmp_path, release):
    write_course(tmp_path)
    release("--class", "class")
    stored = json.loads((tmp_path / "class" / "exercises" / "class.json").read_text())
    assert stored["format"] == 1
    assert list(stored["exercises"]) == ["ex_01_1"]
