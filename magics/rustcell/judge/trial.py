"""The tests as pytest runs them, in the judge's process."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Generator
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import TextIO

import pytest
from _pytest.assertion.rewrite import rewrite_asserts

from rustcell.judge.answer import TESTS, Answer, Printed, Student
from rustcell.judge.case import Case
from rustcell.judge.explain import Failure, explain
from rustcell.judge.side import OtherSideGoneError, came_over


class Tests(pytest.Module):
    """The tests as pytest collects them: from memory, with its rewritten asserts."""

    source = ""

    def _getobj(self) -> ModuleType:
        tree = ast.parse(self.source, TESTS)
        rewrite_asserts(tree, self.source.encode(), TESTS, self.config)
        module = ModuleType(TESTS)
        sys.modules[TESTS] = module
        try:
            exec(compile(tree, TESTS, "exec", dont_inherit=True), module.__dict__)  # noqa: S102
        except (KeyboardInterrupt, SystemExit) as error:
            # An answer's, as it is imported: pytest would end here without a result.
            raise RuntimeError(f"{type(error).__name__} was raised by an import") from error
        return module


class Trial:
    """The plugin that hands pytest the tests and tells what came of each."""

    def __init__(self, case: Case, answer: Answer, out: TextIO) -> None:
        self._case, self._answer, self._out = case, answer, out

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> Tests:
        tests: Tests = Tests.from_parent(parent, path=file_path)
        tests.source = self._case.source
        return tests

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        with self._answer.limited(self._case.timeout):
            report = yield
        if isinstance(collector, Tests) and not report.passed and report.call is not None:
            excinfo = report.call.excinfo
            if excinfo is not None:
                self._tell("", self._explained(excinfo.value))
        return report

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if _name(item) in self._case.wanted]

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", "timeout(seconds): how long this test may take")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        own = item.get_closest_marker("timeout")
        limit = float(own.args[0]) if own else self._case.timeout
        self._write({"begin": _name(item), "limit": limit})
        with self._answer.limited(limit):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self) -> Generator[None, object, object]:
        try:
            return (yield)
        except KeyboardInterrupt as error:
            # From an answer, and no wish to end the tests: pytest would stop here.
            raise RuntimeError("KeyboardInterrupt was raised") from error

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        failed = call.excinfo is not None or self._answer.ended
        if failed or call.when == "teardown":
            error = call.excinfo.value if call.excinfo else OtherSideGoneError()
            self._tell(_name(item), self._explained(error) if failed else None)
        if self._answer.ended:
            # Another judge goes on with the tests behind this one.
            item.session.shouldstop = "the answer's process has ended"
        return report

    def _explained(self, error: BaseException) -> Failure:
        if self._answer.ended or isinstance(error, OtherSideGoneError):
            return Failure(self._answer.why_it_ended())
        return explain(error, TESTS, self._case.source, from_answer=came_over(error))

    def _tell(self, name: str, failure: Failure | None) -> None:
        self._write({"name": name, "failure": failure and asdict(failure)})

    def _write(self, said: dict[str, object]) -> None:
        self._out.write(json.dumps(said) + "\n")
        self._out.flush()

    @pytest.fixture
    def student(self) -> Student:
        return Student(self._answer.side)

    @pytest.fixture
    def printed(self) -> Printed:
        return Printed(self._answer)


def _name(item: pytest.Item) -> str:
    """Return the name of a test's function, without its parameters."""
    return str(getattr(item, "originalname", item.name))


def run_tests(trial: Trial, scratch: Path) -> None:
    """Let pytest run the tests; `scratch` is an existing folder for what it wants on the disk."""
    # Empty: pytest wants a file to collect and a file with its settings, and finds no others.
    (scratch / "tests.py").touch()
    (scratch / "pytest.ini").write_text("[pytest]\n")
    off = ("cacheprovider", "unraisableexception", "threadexception", "faulthandler", "debugging")
    switched_off = [word for name in off for word in ("-p", f"no:{name}")]
    settings = [
        "-c",
        str(scratch / "pytest.ini"),
        "--rootdir",
        str(scratch),
        "--capture=no",
        "--color=no",
    ]
    pytest.main([str(scratch / "tests.py"), *settings, "--tb=no", *switched_off], plugins=[trial])
