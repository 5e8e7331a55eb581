"""Runs the executables that `cargo test` built, and reads what became of each test.

One process runs all tests of an executable, one after another, as `cargo test` has it, and says
their names as it goes. So it is known which test was running when a process ends or hangs. The
tests behind one that ended the process are then run in a new one.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from rustcell.errors import ProgramError
from rustcell.programs import running

Status = Literal["passed", "failed", "ignored", "died", "timed out", "not run"]

WORDS: dict[str, Status] = {"ok": "passed", "FAILED": "failed", "ignored": "ignored"}
"""libtest's words."""

_ENDED = re.compile(
    r"(?P<printed>.*?)(?P<word>ok|FAILED|ignored(?:, (?P<reason>[^\n]*))?)\n"
    r"(?=\Z|\nfailures:\n|\ntest result: )",
    re.DOTALL,
)
_LIMIT = running.LIMIT
_TOO_MUCH = "printed more than 10 MB"


@dataclass(frozen=True)
class TestResult:
    """What became of one test.

    `text` is what it printed and why it failed; of an ignored test, the reason; of one that died,
    how the process ended. `source` is the crate's file that holds the test, `line` its line there,
    0 if unknown.
    """

    __test__ = False  # not a test of pytest's

    name: str
    status: Status
    text: str = ""
    source: str = ""
    line: int = 0


class _TooMuchError(Exception):
    pass


@dataclass
class Output:
    """What one process printed; `complete` is False when it was stopped for printing too much."""

    stdout: str = ""
    stderr: str = ""
    complete: bool = True
    status: int | None = None

    def take(self, stream: str, text: str) -> None:
        setattr(self, stream, getattr(self, stream) + text)
        if len(self.stdout) + len(self.stderr) > _LIMIT:
            raise _TooMuchError

    def ending(self) -> str:
        if not self.complete:
            return _TOO_MUCH
        assert self.status is not None
        return f"ended the whole process: {running.ending(self.status)}"


def names(executable: Path, cwd: Path, env: Mapping[str, str]) -> list[str]:
    """Return the names of an executable's tests, in the order in which it runs them.

    Raises
    ------
    ProgramError
        When the executable does not even start.
    """
    output = run_captured([str(executable), "--list", "--format", "terse"], cwd, env, timeout=60)
    if output.status != 0:
        raise ProgramError(
            "the tests do not start", "Read the text above.", details=output.stderr[-4000:]
        )
    lines = output.stdout.splitlines()
    return [line.removesuffix(": test") for line in lines if line.endswith(": test")]


def run_executable(
    executable: Path,
    cwd: Path,
    env: Mapping[str, str],
    deadline: float,
    *,
    include_ignored: bool,
) -> list[TestResult]:
    """Run all tests of an executable.

    Parameters
    ----------
    cwd:
        The crate's folder, in which cargo runs tests too.
    deadline:
        By `time.monotonic()`; a test that still runs then is stopped, the rest is not run.
    """
    done: dict[str, TestResult] = {}
    waiting = names(executable, cwd, env)
    ordered = list(waiting)
    options = ["--test-threads=1", "--format=pretty", "--color=never"]
    options += ["--include-ignored"] if include_ignored else []
    while waiting:
        left = deadline - time.monotonic()
        if left <= 0:
            break
        chosen = ["--exact", *waiting] if waiting != ordered else []
        output = run_captured([str(executable), *options, *chosen], cwd, env, timeout=left)
        found = read(output.stdout, waiting)
        done.update({result.name: result for result in found})
        if len(found) == len(waiting):
            break
        stopped = waiting[len(found)]
        behind = waiting[len(found) + 1 :]
        if output.status is None and output.complete:
            done[stopped] = TestResult(stopped, "timed out", f"{_said(output)}did not end in time")
            break
        done[stopped] = TestResult(stopped, "died", f"{_said(output)}{output.ending()}")
        # What failed tests said comes at a run's end, so those are run again to hear it.
        unheard = [result.name for result in found if result.status == "failed"]
        waiting = [name for name in waiting if name in unheard or name in behind]
    return [done.get(name, TestResult(name, "not run")) for name in ordered]


def _said(output: Output) -> str:
    return running.steady(output.stderr).lstrip("\n")


def run_captured(
    command: Sequence[str], cwd: Path, env: Mapping[str, str], timeout: float
) -> Output:
    """Run a command and keep what it prints, 10 MB at most; `timeout` is in seconds."""
    output = Output()
    try:
        output.status = running.follow(
            command, cwd=cwd, env=env, timeout=timeout, on_text=output.take
        )
    except _TooMuchError:
        output.complete = False
    return output


def read(stdout: str, waiting: Sequence[str]) -> list[TestResult]:
    """Return the results that libtest printed, in order, as far as it came.

    Tests may print in between, past libtest's capture (Python's `print` does). So the text is
    cut at the names of the tests that must come, one after the other, and each piece read from
    its end.
    """
    results: list[TestResult] = []
    begins = [_begin(name) for name in waiting]
    place = 0
    for index, begin in enumerate(begins):
        start = begin.search(stdout, place)
        if start is None:
            break
        place = start.end()
        behind = begins[index + 1].search(stdout, place) if index + 1 < len(begins) else None
        piece = stdout[place : behind.start() + 1 if behind else None]
        ended = _ENDED.match(piece)
        if ended is None:
            break
        word = ended["word"].partition(",")[0]
        results.append(TestResult(waiting[index], WORDS[word], ended["reason"] or ended["printed"]))
    return _with_failures(stdout[place:], results)


def _begin(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?:\A|\n)test {re.escape(name)}(?: - should panic)? \.\.\. ")


def _with_failures(report: str, results: list[TestResult]) -> list[TestResult]:
    """Add to each failed test what libtest reports at the end."""
    failed = [index for index, result in enumerate(results) if result.status == "failed"]
    end = report.rfind("\nfailures:\n    ")
    heads = [f"---- {results[index].name} stdout ----\n" for index in failed]
    place = 0
    for number, index in enumerate(failed):
        start = report.find(heads[number], place)
        if start < 0:
            continue
        start += len(heads[number])
        stop = report.find(heads[number + 1], start) if number + 1 < len(heads) else end
        place = stop if stop >= 0 else len(report)
        text = running.steady(report[start:place]).strip("\n")
        results[index] = replace(results[index], text=results[index].text + text)
    return results
