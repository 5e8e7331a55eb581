"""`rustcell dev verify`: what it says when right and wrong answers are not told apart."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from click.testing import CliRunner

from exercise_sources import CHECK, exercise, write_course
from rustcell.cli.main import main
from rustcell.course.attempts import attempts
from rustcell.course.builder import Builder, CellError
from rustcell.course.cheats import CHEATS, STUBS, as_answer, as_module
from rustcell.course.exercises import find_exercise
from rustcell.course.manifest import load_course
from rustcell.course.verify import Task, verify
from rustcell.judge import examine


def verdicts(root, kinds, *, visible=None, change=None):
    """Verify the one exercise of a course, with the attempts of these kinds or names alone."""
    path = root / "exercises" / "solutions" / "01_words.ipynb"
    found = find_exercise(load_course(root), "ex_01_1")
    if visible:
        found = replace(found, visible=visible)
    tried = attempts(found, path.parent / "wrong")
    chosen = [a for a in tried if a.kind in kinds or a.name in kinds]
    # The one given cell needs no kernel: it would cost seconds and tell nothing.
    chosen = [replace(attempt, **(change or {"cells": ()})) for attempt in chosen]
    seen = []
    done = verify([Task("01_words", (), [(found, chosen)])], 2, root, {}, 60, seen.append)
    assert sorted(seen, key=id) == sorted(done, key=id)
    return {verdict.attempt: verdict for verdict in done}


def test_an_exercise_as_it_must_be(tmp_path):
    write_course(tmp_path)
    done = verdicts(tmp_path, ("solution", "starter", "wrong", "returns None"))
    assert {name: verdict.problem for name, verdict in done.items()} == {
        "solution": "",
        "starter": "",
        "adds_a_mark": "",
        "capitalizes": "",
        "returns None": "",
    }


def test_a_failing_solution_is_told_and_nothing_else_tried(tmp_path):
    write_course(tmp_path)
    weird = "from ex_01_1 import shout\ndef test_a_word():\n    assert shout('a') == 'B'\n"
    done = verdicts(tmp_path, ("solution", "starter", "wrong"), visible=weird)
    assert list(done) == ["solution"]
    assert done["solution"].problem == "fails test_a_word; nothing else was tried"
    assert "'A'" in done["solution"].details


def test_weak_tests_let_wrong_answers_pass_and_are_told(tmp_path):
    path = write_course(tmp_path)
    weak = (
        "from ex_01_1 import shout\n"
        "def test_a_word():\n    assert shout('A') == 'A'\n"
        "def test_that_is_strict():\n    assert shout('') == ''\n"
    )
    write_course(tmp_path, *with_check(weak))
    wrong = path.parent / "wrong" / "ex_01_1" / "adds_a_mark.py"
    wrong.write_text(wrong.read_text().replace("test_no_word", "test_that_is_strict"))
    done = verdicts(tmp_path, ("solution", "wrong", "returns its argument", "returns ''"))
    assert done["capitalizes"].problem == "passes test_a_word, which should reject it"
    assert done["adds_a_mark"].problem == ""
    assert done["returns its argument"].problem == "passes all tests"
    assert done["returns ''"].problem == ""


def with_check(tests):
    cells = exercise()
    hidden = "# BEGIN HIDDEN TESTS\ndef test_hidden():\n    assert shout('') == ''\n"
    cells[3].source = f"%%check ex_01_1\n{tests}{hidden}# END HIDDEN TESTS"
    return cells


def test_a_starter_that_solves_what_is_visible_is_told(tmp_path):
    cells = exercise()
    begin = "    # BEGIN SOLUTION\n    return text.upper()\n    # STARTER\n"
    starter = '    # return text.upper() or "?"\n    # END SOLUTION'
    cells[2].source = f"%%answer ex_01_1\ndef shout(text: str) -> str:\n{begin}{starter}"
    write_course(tmp_path, *cells)
    done = verdicts(tmp_path, ("solution", "starter"))
    assert done["starter"].problem == "passes all visible tests"


def test_a_cell_that_raises_and_one_that_should_and_does_not(tmp_path):
    write_course(tmp_path)
    change = {"cells": ["1 / 0"]}
    done = verdicts(tmp_path, ("solution",), change=change)
    assert done["solution"].problem == "a cell raises ZeroDivisionError: division by zero"
    done = verdicts(tmp_path, ("solution",), change={**change, "raises": ("BuildError",)})
    assert done["solution"].problem.startswith("a cell raises ZeroDivisionError")
    done = verdicts(
        tmp_path, ("solution",), change={"cells": ["a = 1"], "raises": ("CheckFailedError",)}
    )
    assert done["solution"].problem == "raises nothing, and must raise CheckFailedError"


def test_the_check_magic_raises_for_a_wrong_answer_whatever_the_notebook_says(tmp_path):
    write_course(tmp_path)
    found = find_exercise(load_course(tmp_path), "ex_01_1")
    tried = attempts(found, tmp_path / "exercises" / "solutions" / "wrong")
    solution = tried[0]
    chosen = [attempt for attempt in tried if attempt.raises]
    assert [attempt.name for attempt in chosen] == [
        "the check cell edited",
        "the notebook's tracebacks silenced",
    ]
    answer = f"%%answer ex_01_1{solution.answers['ex_01_1']}"
    right = replace(chosen[0], name="a right answer", cells=[answer, *chosen[0].cells[-1:]])
    task = Task("01_words", ["%load_ext rustcell"], [(found, [solution, *chosen, right])])
    done = verify([task], 2, tmp_path / "exercises", {}, 60, lambda _: None)
    assert [verdict.problem for verdict in done] == [
        "",
        "",
        "",
        "raises nothing, and must raise CheckFailedError",
    ]


@pytest.mark.parametrize(("name", "text"), {**STUBS, **CHEATS}.items(), ids=[*STUBS, *CHEATS])
def test_every_stand_in_stands_in(tmp_path, name, text):
    """A cheat that breaks on its own would prove nothing about the judge."""
    import subprocess
    import sys

    (tmp_path / "geometry.py").write_text(as_module(text), encoding="utf-8")
    (tmp_path / "answer.py").write_text(
        as_answer(text, "LIMIT = 3\ndef area(a, b): pass\nclass Field: pass"), encoding="utf-8"
    )
    script = (
        "import sys\n"
        "def main():\n"
        "    import geometry, answer\n"
        "    answer.LIMIT, answer.Field\n"
        "    try:\n"
        "        return geometry.area(2, 3), answer.area(2, 3)\n"
        "    except ValueError:\n"
        "        return None\n"
        "main()\n"
        "sys.exit(7)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == (0 if "exit" in name else 7), done.stderr


def test_reading_the_caller_works_where_nothing_is_in_its_way(tmp_path):
    """The cheat is a real one: it passes a test that runs in its own process."""
    import subprocess
    import sys

    (tmp_path / "geometry.py").write_text(as_module(CHEATS["reads what the caller expects"]))
    (tmp_path / "naive.py").write_text(
        "import geometry\ndef test_area():\n    assert geometry.area(2, 3) == 6\ntest_area()\n"
    )
    subprocess.run([sys.executable, "naive.py"], cwd=tmp_path, check=True)


@pytest.fixture
def builder(tmp_path):
    made = Builder(["greeting = 'hello'"], tmp_path, tmp_path, dict(os.environ), 3)
    yield made
    made.close()


def test_a_kernel_that_dies_or_hangs_costs_one_attempt(builder):
    with pytest.raises(CellError, match="the kernel died"):
        builder.build(["import os; os._exit(3)"])
    with pytest.raises(CellError, match="took longer than 3 s"):
        builder.build(["while True: pass"])
    with pytest.raises(CellError, match="NameError: name 'missing'") as failed:
        builder.build(["assert greeting == 'hello'", "missing", "never = 1"])
    assert failed.value.ename == "NameError"
    assert builder.build(["assert greeting == 'hello'"]) == []


def test_the_command_tells_what_is_wrong_and_fails(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cells = exercise()
    cells[3].source = CHECK.replace('== "WORD"', '== "word"')
    write_course(tmp_path, *cells)
    done = CliRunner().invoke(main, ["dev", "verify", "01", "-j", "1"])
    assert done.exit_code == 1
    assert "01_words, ex_01_1, solution 'solution': fails test_a_word" in done.output
    assert CliRunner().invoke(main, ["dev", "verify", "07"]).exit_code == 2


def test_one_failure_is_enough_for_a_cheat_that_ends_its_process():
    answers = {"ex_01_1": "import os\ndef shout(text): os._exit(0)"}
    tests = "".join(f"def test_{n}():\n    ex_01_1.shout('')\n" for n in (1, 2, 3))
    report = examine((), answers, f"import ex_01_1\n{tests}", until_failure=True)
    first, *others = report.tests
    assert not report.passed
    assert "ended" in first.message
    assert {test.message for test in others} == {"it did not run: another test had failed"}
