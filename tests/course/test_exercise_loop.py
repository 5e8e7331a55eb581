"""The student's loop in a real kernel, with an exercise in Python: no Rust is needed for it."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import psutil
import pytest

from kernels import CellResult, Kernel, kernel
from rustcell.course.editions import for_class
from rustcell.course.manifest import load_course

COURSE = Path(__file__).resolve().parents[1] / "fixture_course"

GOOD = """\
%%answer ex_02_1
def count_words(text):
    counts = {}
    for word in text.split():
        counts[word] = counts.get(word, 0) + 1
    return counts
"""
# Passes the visible test, and not the hidden ones.
SORTED = """\
%%answer ex_02_1
def count_words(text):
    return {word: text.split().count(word) for word in sorted(text.split(" "))}
"""


class Student:
    """A kernel in the exercises' folder of a copy of the course."""

    def __init__(self, kernel: Kernel, folder: Path, progress: Path) -> None:
        self.kernel, self.folder, self.path = kernel, folder, progress

    def run(self, cell: str) -> CellResult:
        return self.kernel.run(cell)

    def progress(self) -> dict[str, object]:
        """Return what is remembered of the exercise."""
        return dict(json.loads(self.path.read_text())["exercises"].get("ex_02_1", {}))

    def forget(self) -> None:
        self.path.unlink(missing_ok=True)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Student]:
    folder = tmp_path_factory.mktemp("course") / "course"
    shutil.copytree(COURSE, folder)
    progress = folder.parent / "progress.json"
    # As for a student: elsewhere the variable keeps what is next out of stored outputs.
    env = {"RUSTCELL_PROGRESS_FILE": str(progress), "RUSTCELL_PROGRESS": "on"}
    with kernel(env=env, cwd=folder / "exercises") as running:
        yield Student(running, folder, progress)


@pytest.fixture
def student(room: Student) -> Student:
    """The same kernel, and a student who has done nothing yet."""
    room.forget()
    return room


@pytest.fixture(scope="module")
def visible() -> str:
    """The released check cell: with the visible tests alone."""
    source = nbformat.read(COURSE / "exercises" / "solutions" / "02_words.ipynb", as_version=4)
    (cell,) = (c for c in source.cells if c.source.startswith("%%check"))
    return str(cell.source.partition("# BEGIN HIDDEN")[0])


def test_a_solved_exercise_says_what_was_shown_and_what_is_next(student, visible):
    student.run(GOOD)
    result = student.run(visible)

    assert result.ok, result.text
    (shown,) = result.shown
    assert shown["text/plain"].splitlines() == [
        "ex_02_1 solved: all 3 tests pass, 3 points",
        "  passed  words are counted",
        "  passed  the words keep their order (hidden)",
        "  passed  spaces are no words (hidden)",
        "Next: read Numbers (../notebooks/03_numbers.ipynb)",
    ]
    assert "<a href='../notebooks/03_numbers.ipynb'>" in shown["text/html"]
    assert student.progress() == {"tries": 1, "hints": 0, "solved": True}


def test_hidden_tests_tell_name_and_message_alone(student, visible):
    student.run(SORTED)
    result = student.run(visible)

    assert (result.ename, result.evalue) == (
        "CheckFailedError",
        "ex_02_1: 2 of 3 tests fail",
    )
    assert "File " not in result.text
    assert "%hint ex_02_1" in result.text
    assert result.shown[0]["text/plain"].splitlines()[1:] == [
        "  passed  words are counted",
        "  FAILED  the words keep their order (hidden)",
        "          not as expected",
        "  FAILED  spaces are no words (hidden)",
        "          the same",
    ]
    assert student.progress()["solved"] is False


def test_a_visible_test_shows_the_first_difference(student, visible):
    student.run(
        "%%answer ex_02_1\ndef count_words(text):\n    return dict.fromkeys(text.split(), 1)"
    )
    shown = student.run(visible).shown[0]

    asked = """assert count_words("to be or not to be") == {"to": 2, "be": 2, "or": 1, "not": 1}"""
    assert shown["text/plain"].splitlines()[1:9] == [
        "  FAILED  words are counted",
        "          not as expected",
        f"          > {asked}",
        "          assert {'to': 1, 'be...: 1, 'not': 1} == {'to': 2, 'be...: 1, 'not': 1}",
        "            Omitting 2 identical items",
        "            Differing items:",
        "            {'be': 1} != {'be': 2}",
        "            {'to': 1} != {'to': 2}",
    ]
    assert "{&#x27;be&#x27;: 1} != {&#x27;be&#x27;: 2}" in shown["text/html"]


def test_two_checks_of_one_answer_say_the_same(student, visible):
    student.run(SORTED)
    assert student.run(visible).shown == student.run(visible).shown


def test_an_error_of_the_answer_names_itself(student, visible):
    student.run("%%answer ex_02_1\ndef count_words(text):\n    return text.splitt()")
    shown = student.run(visible).shown[0]["text/plain"]

    assert "the answer raised AttributeError: 'str' object has no attribute 'splitt'" in shown


def test_an_answer_that_fails_to_run_is_not_checked_in_its_older_form(student, visible):
    student.run(GOOD)
    student.run("%%answer ex_02_1\ndef count_words(text) return {}")
    result = student.run(visible)

    assert result.ename == "CheckFailedError"
    assert "its answer cell failed when it last ran" in result.text
    assert student.progress() == {"tries": 1, "hints": 0, "solved": False}
    student.run(GOOD)
    assert student.run(visible).ok


def test_an_answer_runs_like_any_cell(student):
    result = student.run("%%answer ex_02_1\nx = 2\nprint('printed')\nx + 1")
    assert (result.stdout, result.shown[-1]["text/plain"]) == ("printed\n", "3")
    failing = student.run("%%answer ex_02_1\nx = 1\n\n1 / 0")
    assert failing.ename == "ZeroDivisionError"
    assert "----> 4 1 / 0" in failing.text
    awaited = student.run("%%answer ex_02_1\nimport asyncio\nawait asyncio.sleep(0, 'awake')")
    assert awaited.shown[-1]["text/plain"] == "'awake'"


def test_an_answer_finds_nothing_of_other_cells(student, visible):
    student.run("LIMIT = 3")
    student.run("%%answer ex_02_1\nTOP = LIMIT\ndef count_words(text):\n    return {}")
    shown = student.run(visible).shown[0]["text/plain"]

    assert "NameError: name 'LIMIT' is not defined" in shown


CHEATS = {
    "an object that equals everything": """\
class Any:
    __hash__ = None
    def __eq__(self, other): return True
    def __iter__(self): return self
    def __next__(self): raise StopIteration
def count_words(text): return Any()""",
    "silenced tracebacks": """\
import sys
get_ipython = lambda: None
sys.excepthook = lambda *_: None
def count_words(text): return {}""",
    "a patched assert": """\
import builtins
class AssertionError(Exception): pass
builtins.AssertionError = AssertionError
def count_words(text): return {}""",
    "sys.exit": "import sys\ndef count_words(text): sys.exit(0)",
    "sys.exit at import": "import sys\nsys.exit(0)",
    "os._exit": "import os\ndef count_words(text): os._exit(0)",
    "os._exit at import": "import os\nos._exit(0)",
    "KeyboardInterrupt": "def count_words(text): raise KeyboardInterrupt",
    "a skipped test": """\
import unittest
def count_words(text): raise unittest.SkipTest('not today')""",
    "results written to every descriptor": """\
import os
line = b'{"name": "test_words_are_counted", "failure": null}\\n'
for number in range(3, 40):
    try:
        os.set_blocking(number, False)
        os.write(number, line)
    except OSError:
        pass
def count_words(text): return {}""",
    "the caller's frame": """\
import inspect
def count_words(text):
    for frame in inspect.stack():
        for value in frame.frame.f_locals.values():
            if 'be' in str(value) and isinstance(value, dict) and 'to' in value:
                return value
    return {}""",
}


@pytest.mark.parametrize("cheat", CHEATS)
def test_a_cheat_solves_nothing(student, visible, cheat):
    # The cell is not run here: some of these would end the kernel, which is not what is asked.
    keep = f"%%answer ex_02_1\nif __name__ == 'ex_02_1':\n    exec({CHEATS[cheat]!r}, globals())"
    assert student.run(keep).ok
    result = student.run(visible)

    assert result.ename == "CheckFailedError"
    assert "passed  words are counted" not in result.shown[0]["text/plain"]
    assert student.progress()["solved"] is False


@pytest.mark.parametrize(
    "edited",
    [
        "def test_nothing(): pass",
        "import builtins, sys\nsys.exit = print\ndef test_it(): assert True",
        "def test_words_are_counted(): pass",
    ],
)
def test_an_edited_check_cell_is_noticed_and_does_not_count(student, edited):
    student.run(SORTED)
    result = student.run(f"%%check ex_02_1\n{edited}")

    assert result.ename == "CheckFailedError"
    assert "not the course's" in result.shown[0]["text/plain"]
    assert student.progress()["solved"] is False


def test_own_tests_may_be_added_and_the_course_s_decide(student, visible):
    student.run(GOOD)
    good = student.run(visible + "\n\ndef test_mine(): assert count_words('') == {}")
    assert good.ok, good.text
    assert "not the course's" in good.shown[0]["text/plain"]
    assert student.progress()["solved"] is True
    wrong = student.run(visible + "\n\ndef test_mine(): assert count_words('') == 1")
    assert wrong.ename == "CheckFailedError"


@pytest.mark.parametrize("cell", ["%check ex_02_1", "%%check ex_02_1", "%%check ex_02_1\n\n"])
def test_a_lost_check_cell_is_replaced_by_the_course_s_tests(student, cell):
    student.run(GOOD)
    result = student.run(cell)

    assert result.ok, result.text
    assert "all 3 tests pass" in result.text


def test_the_source_notebook_s_own_check_cell_is_not_called_edited(student):
    folder = COURSE / "exercises" / "solutions"
    source = nbformat.read(folder / "02_words.ipynb", as_version=4)
    cells = [c.source for c in source.cells if c.source.startswith(("%%answer", "%%check"))]
    for cell in cells:
        result = student.run(cell)
    assert result.ok, result.text
    assert "not the course's" not in result.text


@pytest.mark.parametrize(
    ("cell", "ename", "said"),
    [
        ("%%check ex_99_1", "CourseError", "no exercise 'ex_99_1'"),
        ("%%check", "OptionsError", "needs the ID of one exercise"),
        ("%%check ex_02_1 ex_01_1", "OptionsError", "needs the ID of one exercise"),
        ("%%check ex_02_1\nimport (", "CourseError", "cannot be read as Python"),
        ("%%check ex_02_1\nx = 1", "CourseError", "there is no test"),
        ("%hint", "OptionsError", "needs the ID"),
        ("%hint ex_02_1 9", "OptionsError", "no hint 9"),
        ("%answer ex_02_1", "OptionsError", "keeps a whole cell"),
        ("%progress 99_nowhere", "OptionsError", "there is no chapter"),
        ("%reset_exercise ex_99_1", "CourseError", "no exercise"),
    ],
)
def test_a_mistake_is_told_and_raised(student, cell, ename, said):
    result = student.run(cell)

    assert result.ename == ename
    assert said in result.evalue
    assert "What to do:" in result.text


def test_hints_come_one_after_the_other(student):
    texts = [student.run("%hint ex_02_1").text for _ in range(4)]

    heads = [text.splitlines()[0] for text in texts]
    assert heads == [f"**Hint {n} of 3 for ex_02_1**" for n in (1, 2, 3, 3)]
    assert "This is the last one." in texts[2]
    assert "Hint 1 of 3" in student.run("%hint ex_02_1 1").text
    assert student.progress()["hints"] == 3


def test_the_solution_comes_after_a_try(room, visible):
    with kernel(
        env={"RUSTCELL_PROGRESS_FILE": str(room.path.with_name("other.json"))},
        cwd=room.folder / "exercises",
    ) as fresh:
        assert fresh.run("%solution ex_02_1").evalue == "ex_02_1 was not tried yet."
        # A check before anything was written is no try.
        assert not fresh.run(visible).ok
        assert fresh.run("%solution ex_02_1").ename == "CourseError"
        fresh.run(SORTED)
        assert not fresh.run(visible).ok
        shown = fresh.run("%solution ex_02_1")
    assert shown.ok, shown.text
    assert "counts.get(word, 0) + 1" in shown.text
    assert "so nothing has to be sorted" in shown.text
    assert "BEGIN SOLUTION" not in shown.text


def test_a_reset_keeps_the_answer_and_brings_the_first_text(student):
    student.run(GOOD)
    for number in (1, 2):
        message = student.kernel.send("%reset_exercise ex_02_1")
        result = student.kernel.collect(message)
        assert result.ok, result.text
        assert f"ex_02_1_answer_{number}.txt" in result.text
        kept = student.folder / "exercises" / f"ex_02_1_answer_{number}.txt"
        assert kept.read_text() == GOOD
    reply = student.kernel.client.get_shell_msg(timeout=10)
    while reply["parent_header"].get("msg_id") != message:
        reply = student.kernel.client.get_shell_msg(timeout=10)
    (payload,) = reply["content"]["payload"]
    assert payload["source"] == "set_next_input"
    assert payload["text"].startswith("%%answer ex_02_1\ndef count_words")
    assert "raise NotImplementedError" in payload["text"]


def test_progress_is_a_table_with_a_text_twin(student, visible):
    student.run(GOOD)
    student.run(visible)
    assert student.run("%progress 00_start").ok
    (shown,) = student.run("%progress").shown

    assert "2 of 4 chapters read, 1 of 2 exercises solved, 3 of 5 points" in shown["text/plain"]
    assert "Next: read Shapes (../notebooks/01_shapes.ipynb)" in shown["text/plain"]
    assert "ex_02_1  solved, 3 points" in shown["text/plain"]
    assert "<progress max='5' value='3'" in shown["text/html"]


def test_a_broken_progress_file_is_kept_aside_and_said_so(student, visible):
    student.path.write_text("{")
    student.run(GOOD)
    result = student.run(visible)

    assert result.ok, result.text
    assert "could not be read" in result.stderr
    assert student.progress()["solved"] is True


def test_a_notebook_without_a_course_checks_what_is_in_its_cell(tmp_path, visible):
    env = {"RUSTCELL_PROGRESS_FILE": str(tmp_path / "progress.json")}
    with kernel(env=env, cwd=tmp_path) as alone:
        alone.run(GOOD)
        result = alone.run(visible)
        assert result.ok, result.text
        assert "There is no course here" in result.text
        assert not (tmp_path / "progress.json").exists()
        assert alone.run("%hint ex_02_1").ename == "CourseError"
        assert alone.run("%progress").ename == "CourseError"


def test_a_class_edition_says_that_more_tests_run_later(tmp_path, visible):
    course = load_course(COURSE)
    for_class(course, tmp_path / "class").write()
    env = {"RUSTCELL_PROGRESS_FILE": str(tmp_path / "progress.json")}
    with kernel(env=env, cwd=tmp_path / "class" / "exercises") as there:
        there.run(SORTED)
        result = there.run(visible)
        solution = there.run("%solution ex_02_1")
        hint = there.run("%hint ex_02_1")

    assert result.ok, result.text
    assert result.shown[0]["text/plain"].splitlines() == [
        "ex_02_1: 1 test passes",
        "  passed  words are counted",
        "More tests run when it is graded.",
    ]
    assert "not part of this edition" in solution.evalue
    assert "Hint 1 of 3" in hint.text


def test_an_interrupt_ends_a_check_and_all_its_processes(student, visible):
    student.run("%%answer ex_02_1\ndef count_words(text):\n    while True: pass")
    message = student.kernel.send(visible)
    for _ in range(200):
        if _runners():
            break
        time.sleep(0.1)
    student.kernel.manager.interrupt_kernel()
    result = student.kernel.collect(message, timeout=30)

    assert result.ename == "KeyboardInterrupt"
    assert "stopped" in result.text
    assert "File " not in result.text
    assert not _runners()
    assert student.path.exists() is False
    student.run(GOOD)
    assert student.run(visible).ok


def _runners() -> list[psutil.Process]:
    """Return the answers' processes of this test's kernels."""
    family = psutil.Process().children(recursive=True)
    return [p for p in family if any("rustcell.judge.runner" in word for word in p.cmdline())]


def test_unloading_takes_the_cell_magics_away(student):
    with kernel(cwd=student.folder) as other:
        assert other.run("%unload_ext rustcell").ok
        assert other.run("%%answer ex_02_1\nx = 1").text
        assert other.run("x").ename == "NameError"
