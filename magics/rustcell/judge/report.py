"""What came of an exercise's tests: values, the same in every run of the same answer."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class TestResult:
    """One test.

    Parameters
    ----------
    name:
        The test function's name.
    hidden:
        Whether the test is one of the hidden ones: of these a student sees `message` alone.
    passed:
        Whether it passed; what did not run has not passed.
    title:
        What it shows, for a person: the first line of its docstring, else its name in words.
    message:
        Why it failed, in one line. It has no input of the test's in it unless the test's author
        wrote it there.
    difference:
        The failing line and the first difference, as pytest explains it.
    """

    name: str
    hidden: bool
    passed: bool
    title: str = ""
    message: str = ""
    difference: str = ""

    # pytest takes a class of this name for a collection of tests when a test file imports it.
    __test__ = False


@dataclass(frozen=True)
class Report:
    """The results of an exercise in the order of its tests, and what they are worth.

    Parameters
    ----------
    tests:
        All visible tests, then all hidden ones.
    points:
        What the exercise is worth when all tests pass.
    """

    tests: tuple[TestResult, ...]
    points: float = 0

    @property
    def passed(self) -> bool:
        return all(test.passed for test in self.tests)

    @property
    def earned(self) -> float:
        """The points: all of them or none."""
        return self.points if self.passed else 0

    @property
    def failures(self) -> tuple[TestResult, ...]:
        return tuple(test for test in self.tests if not test.passed)

    def to_json(self) -> dict[str, object]:
        """Return the fields as JSON values."""
        return {
            "passed": self.passed,
            "points": self.points,
            "earned": self.earned,
            "tests": [asdict(test) for test in self.tests],
        }
