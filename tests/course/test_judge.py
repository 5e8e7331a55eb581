"""The judge without a notebook: what counts as passed, and how it goes on behind trouble."""

from __future__ import annotations

import subprocess
import sys

import pytest

from rustcell.judge import Report, examination, examine

ANSWER = """\
import os


def double(value):
    return 2 * value


def home():
    return os.getcwd(), os.listdir("."), os.listdir("..")


def leave():
    os._exit(7)


def child():
    import subprocess, sys
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
"""
TESTS = '''
import pathlib

import pytest
from ex_01_1 import child, double, home, leave

pytestmark = []


@pytest.fixture
def three():
    return 3


@pytest.mark.parametrize("value", [1, 2, 3])
def test_with_parameters(value):
    assert double(value) != 4


def test_with_a_fixture(three, tmp_path):
    assert double(three) == 6
    assert tmp_path.is_dir()


def test_skipped():
    pytest.skip("no time")


@pytest.mark.xfail
def test_expected_to_fail():
    assert double(1) == 3


@pytest.mark.skip
def test_marked_as_skipped():
    pass


@pytest.fixture
def broken():
    yield
    leave()


def test_whose_fixture_breaks_at_its_end(broken):
    assert double(1) == 2


def test_that_prints():
    print('{"name": "test_skipped", "failure": null}')
    assert double(1) == 2


def test_where_the_answer_lives():
    folder, inside, beside = home()
    assert inside == []
    for path in pathlib.Path(folder).parent.rglob("*"):
        assert path.is_dir() or "SECRET" not in path.read_text()
    child()


def helper_SECRET():
    """No test, since its name does not begin with test."""


class TestGroup:
    def test_in_a_class(self):
        assert double(1) == 3
'''


@pytest.fixture(scope="module")
def report() -> Report:
    return examine([], {"ex_01_1": ANSWER}, TESTS, points=2)


def test_only_what_ran_and_held_has_passed(report):
    assert {test.name: test.message for test in report.tests} == {
        "test_with_parameters": "not as expected",
        "test_with_a_fixture": "",
        "test_skipped": "Skipped: no time",
        "test_expected_to_fail": "not as expected",
        "test_marked_as_skipped": "Skipped: unconditional skip",
        "test_whose_fixture_breaks_at_its_end": (
            "the answer's process ended itself with the exit status 7"
        ),
        "test_that_prints": "",
        "test_where_the_answer_lives": "",
    }
    assert report.earned == 0


def test_nothing_that_the_answer_started_lives_on(report):
    import psutil

    running = [process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"])]
    assert not [line for line in running if "import time; time.sleep(600)" in line]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("x = (", "the answer raised SyntaxError: '(' was never closed"),
        ("\n1 / 0", "the answer raised ZeroDivisionError: division by zero"),
        ("x = 1", "ImportError: cannot import name 'double' from 'ex_01_1'"),
        ("raise SystemExit(0)", "RuntimeError: SystemExit was raised by an import"),
        ("while True: pass", "it took longer than 1 s"),
    ],
)
def test_an_answer_that_cannot_be_imported_fails_every_test(answer, said):
    tests = "from ex_01_1 import double\ndef test_a(): assert double(1) == 2\ndef test_b(): pass"
    report = examine([], {"ex_01_1": answer}, tests, timeout=1)

    assert [test.passed for test in report.tests] == [False, False]
    assert {test.message.partition(" (")[0] for test in report.tests} == {said.partition(" (")[0]}


def test_a_test_that_hangs_itself_is_given_up(monkeypatch):
    monkeypatch.setattr(examination, "_START", 8)
    tests = "def test_a():\n    while True: pass\ndef test_b(): pass"
    report = examine([], {}, tests, timeout=1)

    assert [(test.passed, test.message) for test in report.tests] == [
        (False, "it took longer than 1 s"),
        (True, ""),
    ]


def test_hidden_tests_use_what_the_visible_ones_import():
    report = examine(
        [],
        {"ex_01_1": ANSWER},
        "from ex_01_1 import double\ndef test_a(): assert double(1) == 2",
        "def test_b(): assert double(2) == 4",
    )
    assert [(test.name, test.hidden, test.passed) for test in report.tests] == [
        ("test_a", False, True),
        ("test_b", True, True),
    ]


PACKAGE_TESTS = """
import geo.shapes
from geo import PI, shapes
from geo.shapes import area

import pytest


def test_names():
    assert geo.__name__ == "geo"
    assert geo.__doc__ == "Geometry."
    assert geo.__all__ == ["PI"]
    assert geo.shapes.__name__ == "geo.shapes"
    assert shapes is geo.shapes
    assert PI == 3
    assert area(2) == 12
    assert area.__name__ == "area"
    assert area.__doc__ == "Of a circle."
    assert area.__module__ == "geo.shapes"


def test_what_is_not_there():
    with pytest.raises(ImportError):
        from geo.solids import volume
    with pytest.raises(AttributeError, match="module 'geo' has no attribute 'TAU'"):
        geo.TAU
    with pytest.raises(ImportError, match="cannot import name 'TAU'"):
        from geo import TAU


def test_a_module_can_be_changed():
    geo.PI = 4
    assert area(1) == 4
"""


def test_packages_are_imported_as_packages(tmp_path):
    package = tmp_path / "geo"
    package.mkdir()
    (package / "__init__.py").write_text('"""Geometry."""\nPI = 3\n__all__ = ["PI"]\n')
    (package / "shapes.py").write_text(
        'import geo\ndef area(r):\n    """Of a circle."""\n    return geo.PI * r * r\n'
    )
    report = examine([tmp_path], {}, PACKAGE_TESTS)

    assert [(test.message, test.difference) for test in report.tests] == [("", "")] * 3


def test_an_answer_that_closes_its_streams_goes_on():
    answer = "import sys\nsys.stdout.close()\nsys.stderr = None\ndef f(): return 1"
    report = examine([], {"ex_1_1": answer}, "from ex_1_1 import f\ndef test_a(): assert f() == 1")
    assert report.passed, report


def test_the_judge_needs_no_ipython():
    code = "import rustcell.judge, sys; print('IPython' in sys.modules)"
    said = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert said == "False\n"


def test_an_error_of_a_standard_module_that_the_judge_never_imported():
    answer = "def f():\n    import wave\n    raise wave.Error('enough')"
    tests = "import pytest\nfrom ex_1_1 import f\n\ndef test_a():\n"
    tests += "    with pytest.raises(Exception, match='enough') as caught: f()\n"
    tests += "    assert type(caught.value).__name__ == 'Error'\n"
    tests += "    import sys\n    assert 'wave' not in sys.modules\n"
    report = examine([], {"ex_1_1": answer}, tests)
    assert report.passed, report
