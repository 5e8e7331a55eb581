"""The caller's side: starts judges until every test has its result."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rustcell.errors import CourseError, ToolchainError
from rustcell.judge.case import Case
from rustcell.judge.explain import Failure, title_of, too_long
from rustcell.judge.report import Report, TestResult
from rustcell.tools import process

_START = 60
"""Seconds that a judge may take for itself before its first result and after each."""

_NOT_RUN = Failure("it did not run: another test had failed")
_FAMILIES = ("PYTHON", "PYTEST", "RUSTCELL_")
# pytest tells more where it believes to run in CI; a backtrace is full of paths.
_SINGLE = ("CI", "BUILD_NUMBER", "RUST_BACKTRACE")


class _TooLongError(Exception):
    """The judge itself does not come to an end."""


@dataclass(frozen=True)
class _Test:
    name: str
    hidden: bool
    title: str


def examine(
    folders: Sequence[Path],
    answers: Mapping[str, str],
    visible: str,
    hidden: str = "",
    *,
    points: float = 0,
    timeout: float = 10,
    until_failure: bool = False,
) -> Report:
    """Run an exercise's tests against an answer and return what came of each.

    Parameters
    ----------
    folders:
        What to put on the answer's `sys.path`: the folders of the built modules. Every module
        in them can be imported by the tests, as a stand-in.
    answers:
        Kept Python answers by ID: the cell's text with a blank line in the place of `%%answer ID`,
        so that errors name its lines. The tests import it as `from ex_01_2 import …`.
    visible, hidden:
        The text of the tests: imports and `def test_…()` functions. Hidden tests may use what
        the visible part imports and defines.
    points:
        What the exercise is worth.
    timeout:
        Seconds that one test may take.
    until_failure:
        Start no further judge once a test has failed. An answer that ends its process at each
        call costs one judge then, and not one a test; the tests left over have not passed.

    Raises
    ------
    CourseError
        When the tests themselves cannot be run: a syntax error, no test at all, a test's name
        used twice.
    ToolchainError
        When pytest is missing.
    """
    if importlib.util.find_spec("pytest") is None:
        raise ToolchainError(
            "pytest is not installed, and exercises are checked with it",
            "Install it beside rustcell: pip install 'rustcell[lab]'",
        )
    tests = [*_tests_in(visible, hidden=False), *_tests_in(hidden, hidden=True)]
    _refuse_useless(tests)
    source = f"{visible.rstrip()}\n\n{hidden}"
    failures: dict[str, Failure | None] = {}
    while remaining := [test.name for test in tests if test.name not in failures]:
        failures |= _one_judge(folders, answers, source, remaining, timeout)
        if until_failure and any(failures.values()):
            break
    results = [_result(test, failures.get(test.name, _NOT_RUN)) for test in tests]
    return Report(tuple(results), points)


def _one_judge(
    folders: Sequence[Path],
    answers: Mapping[str, str],
    source: str,
    wanted: list[str],
    timeout: float,
) -> dict[str, Failure | None]:
    """Run tests until all are done or the answer's process has ended; at least one is done.

    A new judge goes on behind a crash: what the tests hold of an answer dies with its process.
    """
    case = Case([str(path) for path in folders], dict(answers), source, wanted, timeout)
    watch = _Watch(wanted, timeout)
    with tempfile.TemporaryDirectory(
        prefix="rustcell-judge-", ignore_cleanup_errors=True
    ) as folder:
        path = Path(folder) / "case.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(case)), encoding="utf-8")
        command = [sys.executable, "-P", "-m", "rustcell.judge.court", str(path)]
        try:
            done = process.run(
                command,
                cwd=Path(folder),
                env=_environment(),
                on_line=watch.note,
                idle=watch.look_at_the_clock,
            )
        except _TooLongError:
            watch.blame()
            return watch.found
    if not watch.found:
        raise CourseError(
            "the tests could not be run at all",
            "The judge's own words stand above; `rustcell doctor` checks the environment.",
            details=done.log,
        )
    return watch.found


class _Watch:
    """Follows a judge by the lines that it writes."""

    def __init__(self, wanted: list[str], timeout: float) -> None:
        self.found: dict[str, Failure | None] = {}
        self._wanted = wanted
        self._now = wanted[0]
        self._limit = timeout
        self._deadline = time.monotonic() + _START + timeout

    def note(self, stream: str, line: str) -> None:
        if stream != "stdout":
            return
        said = json.loads(line)
        if "begin" in said:
            self._now, self._limit = said["begin"], said["limit"]
        else:
            failure = Failure(**said["failure"]) if said["failure"] else None
            for name in [said["name"]] if said["name"] else self._wanted:
                # Of a test with parameters the first failure tells.
                self.found[name] = self.found.get(name) or failure
        self._deadline = time.monotonic() + _START + self._limit

    def look_at_the_clock(self) -> None:
        if time.monotonic() > self._deadline:
            raise _TooLongError

    def blame(self) -> None:
        """Let the test fail that was running as the judge was ended."""
        self.found[self._now] = too_long(self._limit)


def _environment() -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(_FAMILIES)}
    kept = {k: v for k, v in inherited.items() if k not in _SINGLE}
    return {
        **kept,
        # Sets of words are then told in the same order every time.
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _tests_in(text: str, *, hidden: bool) -> list[_Test]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        where = f" (line {line})" if line else ""
        words = getattr(error, "msg", None) or error
        which = "hidden tests" if hidden else "tests"
        raise CourseError(
            f"the {which} cannot be read as Python{where}: {words}",
            "Mend the check cell, or bring the course's own back: empty the cell below its "
            "%%check line.",
        ) from error
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    names = [node for node in functions if node.name.startswith("test")]
    return [_Test(node.name, hidden, title_of(node)) for node in names]


def _refuse_useless(tests: Sequence[_Test]) -> None:
    if not tests:
        raise CourseError(
            "there is no test: no function whose name begins with test_",
            "Write the tests as functions: def test_area(): assert geometry.area(2, 3) == 6",
        )
    names = [test.name for test in tests]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise CourseError(
            f"two tests have the name {twice[0]}, so only one would run",
            "Give each test a name of its own.",
        )


def _result(test: _Test, failure: Failure | None) -> TestResult:
    message, difference = (failure.message, failure.difference) if failure else ("", "")
    return TestResult(test.name, test.hidden, failure is None, test.title, message, difference)
