"""What can be handed in for an exercise, and what the judge must say to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from rustcell.course import regions
from rustcell.course.cheats import CHEATS, STUBS, as_answer, as_module
from rustcell.course.exercise import Answer, Exercise
from rustcell.course.exercise_source import magic_of
from rustcell.course.regions import Language
from rustcell.errors import CourseError

Kind = Literal["solution", "starter", "wrong", "stub", "cheat"]

_LEAST_WRONG = 2
# The errors of a cell that does not build, and of a check that fails, in a kernel.
_BROKEN = ("BuildError", "LoadError", "OptionsError")
_REFUSED = ("CheckFailedError",)
_SUFFIXES: Mapping[str, Language] = {".rs": "rust", ".py": "python", ".toml": "other"}
_HEADER = re.compile(
    r"(?://|#) Misconception: (?P<misconception>\S.*)\n"
    r"(?:(?://|#) .*\n)*?"
    r"(?://|#) Rejected by: (?P<tests>\S.*)\n"
)

# nbgrader#1324: with these two lines nothing that raises is seen to raise.
_SILENCED = """\
get_ipython().showtraceback = lambda *arguments, **keywords: None
get_ipython()._showtraceback = lambda *arguments, **keywords: None
"""


@dataclass(frozen=True)
class Attempt:
    """One answer to an exercise.

    Parameters
    ----------
    kind, name:
        What it is; together they are unique in an exercise.
    cells:
        The code cells to build, in order; none for a stand-in.
    answers:
        The Python answers, by the exercise's ID.
    modules:
        Source of Python modules that take the place of built ones, by their name.
    raises:
        If not empty, one of the cells must raise one of these; there is nothing to judge then.
    rejected_by:
        The tests that must fail it; empty if any will do, or none may.
    """

    kind: Kind
    name: str
    cells: Sequence[str] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    modules: Mapping[str, str] = field(default_factory=dict)
    raises: tuple[str, ...] = ()
    rejected_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Wrong:
    """A wrong solution from its file: the answer cells' texts, by the cells' ids."""

    name: str
    texts: Mapping[str, str]
    rejected_by: tuple[str, ...]


def attempts(exercise: Exercise, wrong_folder: Path) -> list[Attempt]:
    """Return all attempts at an exercise: its solution first, then all that must be rejected.

    Parameters
    ----------
    wrong_folder:
        The folder with a folder of wrong solutions for each exercise.

    Raises
    ------
    CourseError
        If there is nothing that tests can call, or there are less than two wrong solutions, or
        one fits no answer cell or does not say which test rejects it.
    """
    if exercise.python_answer is None and not any(_built_modules(exercise)):
        raise CourseError(
            f"{exercise.id} has neither a %%rust_module nor an %%answer: there is nothing that "
            "its tests can call.",
            "Let one of its cells be a module or a Python answer.",
        )
    starter = {answer.cell_id: answer.starter for answer in exercise.answers}
    broken = any(answer.broken_starter for answer in exercise.answers)
    wrong = [_read_wrong(exercise, path) for path in _files(wrong_folder / exercise.id)]
    if len(wrong) < _LEAST_WRONG:
        raise CourseError(
            f"{exercise.id} has {len(wrong)} wrong solutions, and needs {_LEAST_WRONG}.",
            f"Write them into exercises/solutions/wrong/{exercise.id}/.",
        )
    return [
        _attempt(exercise, "solution", "solution", _solution(exercise)),
        _attempt(exercise, "starter", "starter", starter, raises=_BROKEN if broken else ()),
        *(
            _attempt(exercise, "wrong", one.name, one.texts, rejected_by=one.rejected_by)
            for one in wrong
        ),
        *_in_the_notebook(exercise, wrong[0].texts),
        *(_stand_in(exercise, "stub", name, text) for name, text in STUBS.items()),
        *(_stand_in(exercise, "cheat", name, text) for name, text in CHEATS.items()),
    ]


def _solution(exercise: Exercise) -> dict[str, str]:
    return {answer.cell_id: answer.solution for answer in exercise.answers}


def _attempt(
    exercise: Exercise,
    kind: Kind,
    name: str,
    texts: Mapping[str, str],
    *,
    raises: tuple[str, ...] = (),
    rejected_by: tuple[str, ...] = (),
) -> Attempt:
    """Return the attempt whose answer cells have these texts, by the cells' ids."""
    cells = [text for text in exercise.code_with(texts) if magic_of(text)[0] != "answer"]
    kept = exercise.python_answer
    answers = {exercise.id: _body(texts[kept.cell_id])} if kept else {}
    return Attempt(kind, name, cells, answers, {}, raises, rejected_by)


def _body(cell: str) -> str:
    """Return what follows a cell's magic line, with the same line numbers."""
    return "\n" + cell.strip().partition("\n")[2]


def _stand_in(exercise: Exercise, kind: Kind, name: str, text: str) -> Attempt:
    kept = exercise.python_answer
    return Attempt(
        kind,
        name,
        answers={exercise.id: as_answer(text, _body(kept.solution))} if kept else {},
        modules={module: as_module(text) for module in _built_modules(exercise)},
    )


def _built_modules(exercise: Exercise) -> Iterator[str]:
    for cell in exercise.code_with(_solution(exercise)):
        magic, arguments = magic_of(cell)
        if magic != "rust_module":
            continue
        named = re.match(r"\w+", arguments) or re.search(
            r"#\[pymodule\][^{]*?\b(?:mod|fn)\s+(\w+)", cell
        )
        if named:
            yield named[named.lastindex or 0]


def _in_the_notebook(exercise: Exercise, wrong: Mapping[str, str]) -> Iterator[Attempt]:
    """Give what a student may try in the notebook itself, with a wrong answer in its cells."""
    check = f"%%check {exercise.id}\n"
    for name, cells in (
        ("the check cell edited", [check + "def test_nothing():\n    pass\n"]),
        ("the notebook's tracebacks silenced", [_SILENCED, check + exercise.visible]),
    ):
        yield Attempt("cheat", name, [*exercise.code_with(wrong), *cells], raises=_REFUSED)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.suffix in _SUFFIXES)


def _read_wrong(exercise: Exercise, path: Path) -> _Wrong:
    text = path.read_text(encoding="utf-8")
    header = _HEADER.match(text)
    if not header:
        raise _refused(
            path,
            "does not begin with what it stands for",
            "Begin it with two comment lines: `// Misconception: …` and "
            "`// Rejected by: test_name` (in Python and TOML with #).",
        )
    tests = tuple(name.strip() for name in header["tests"].split(","))
    known = [name for names in exercise.test_names() for name in names]
    for name in tests:
        if name not in known:
            raise _refused(
                path, f"names the test {name}, which is not there", f"Tests: {', '.join(known)}."
            )
    body = text[header.end() :].strip("\n")
    answer = _meant(exercise, path, body)
    try:
        whole = body if magic_of(body)[0] else regions.answered(answer.source, body)
    except CourseError as error:
        raise _refused(path, "fits no region: " + error.message, error.mend) from error
    return _Wrong(path.stem, _solution(exercise) | {answer.cell_id: whole}, tests)


def _meant(exercise: Exercise, path: Path, body: str) -> Answer:
    """Return the answer cell that a wrong solution is for."""
    magic, arguments = magic_of(body)
    fitting = [a for a in exercise.answers if a.language == _SUFFIXES[path.suffix]]
    if magic:
        target = [word for word in arguments.split() if not word.startswith("-")]
        same = [a for a in exercise.answers if a.magic == magic]
        fitting = [a for a in same if a.arguments.split()[: len(target)] == target] or same
    if len(fitting) != 1:
        raise _refused(
            path,
            f"fits {len(fitting)} answer cells",
            "Begin it with the line of the cell that it stands for, as %%rust_file NAME PATH.",
        )
    return fitting[0]


def _refused(path: Path, problem: str, mend: str) -> CourseError:
    return CourseError(f"wrong/{path.parent.name}/{path.name} {problem}.", mend)
