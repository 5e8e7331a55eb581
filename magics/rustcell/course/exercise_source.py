"""Reads exercises from their one source: a notebook in `exercises/solutions/`."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from nbformat import NotebookNode

from rustcell.course import regions
from rustcell.course.exercise import Answer, Exercise, tests_in
from rustcell.course.manifest import Chapter
from rustcell.course.notebook import is_tagged
from rustcell.course.regions import Language
from rustcell.errors import CourseError

EXERCISE, ANSWER, CHECK, HINT, EXPLANATION = "exercise", "answer", "check", "hint", "explanation"
ROLES = (EXERCISE, ANSWER, CHECK, HINT, EXPLANATION)
# On an answer cell: its starter does not build, and mending that is the exercise.
BROKEN_STARTER = "broken-starter"
_HINTS = 3

_TITLE = re.compile(r"#{2,3} (?P<id>ex_[0-9A-Z]+_[1-9][0-9]*) · (?P<title>\S.*)")
_RUST_MAGICS = ("rust_module", "rust_main", "rust_test")
_SUFFIXES: Mapping[str, Language] = {".rs": "rust", ".py": "python", ".pyi": "python"}


def parse(notebook: NotebookNode, file: str, chapter: Chapter) -> list[Exercise]:
    """Return the exercises of a source notebook; `file` names it in messages.

    Raises
    ------
    CourseError
        If it does not keep to the format of exercises; the message says file, cell and line.
    """
    groups: list[list[tuple[int, NotebookNode]]] = []
    for number, cell in enumerate(notebook.cells, start=1):
        with _located(file, number):
            role = role_of(cell)
            if role == EXERCISE:
                groups.append([])
            elif role and not groups:
                raise CourseError(
                    f"a cell tagged {role!r} stands before the first exercise.",
                    "An exercise begins with a markdown cell tagged 'exercise'.",
                )
        if groups:
            groups[-1].append((number, cell))
    found = [_exercise(group, file, chapter) for group in groups]
    _compare_ids([exercise.id for exercise in found], file, chapter)
    return found


def setup_cells(notebook: NotebookNode) -> list[str]:
    """Return the code cells before the first exercise, which prepare the kernel for them all."""
    found = []
    for cell in notebook.cells:
        if is_tagged(cell, EXERCISE):
            break
        if cell.cell_type == "code":
            found.append(cell.source)
    return found


def role_of(cell: NotebookNode) -> str:
    """Return which part of an exercise a source's cell is, "" if none.

    Raises
    ------
    CourseError
        If it has two parts' tags, is markdown where code must be or the reverse, or holds a
        marked region that its part has no place for.
    """
    roles = [role for role in ROLES if is_tagged(cell, role)]
    role = roles[0] if roles else ""
    if len(roles) > 1:
        raise CourseError(
            f"a cell is tagged {' and '.join(map(repr, roles))}.", "Leave one of these tags."
        )
    kind = "code" if role in (ANSWER, CHECK) else "markdown"
    if role and cell.cell_type != kind:
        raise CourseError(
            f"a cell tagged {role!r} is {cell.cell_type}.",
            f"Change the cell's type to {kind}, or take the tag away.",
        )
    if role not in (ANSWER, CHECK):
        regions.refuse_markers(cell.source)
    return role


@contextlib.contextmanager
def _located(file: str, cell: int) -> Iterator[None]:
    """Say in a refusal which cell of which file it is about."""
    try:
        yield
    except CourseError as error:
        raise CourseError(f"{file}, cell {cell}: {error.message}", error.mend) from error


def _exercise(cells: list[tuple[int, NotebookNode]], file: str, chapter: Chapter) -> Exercise:
    (first, head), *rest = cells
    with _located(file, first):
        title, _, story = head.source.partition("\n")
        named = _TITLE.fullmatch(title.strip())
        if not named:
            raise CourseError(
                f"{title.strip()!r} is no exercise's title.",
                "Write it as `## ex_02_1 · A title`.",
            )
    name = named["id"]
    parts: dict[str, list[tuple[int, NotebookNode]]] = {role: [] for role in ROLES}
    for number, cell in rest:
        parts.get(role_of(cell), []).append((number, cell))
    answers = []
    for number, cell in parts[ANSWER]:
        with _located(file, number):
            answers.append(_answer(cell, name))
    with _located(file, first):
        _demand_parts(name, parts)
    ((number, check),) = parts[CHECK]
    with _located(file, number):
        visible, hidden = _tests(check.source, name)
    starters = {answer.cell_id: answer.starter for answer in answers}
    code = [c for at, c in rest if c.cell_type == "code" and at < number]
    return Exercise(
        id=name,
        chapter=chapter.slug,
        title=named["title"].strip(),
        story=story.strip(),
        answers=tuple(answers),
        code=tuple((cell.id, starters.get(cell.id, cell.source)) for cell in code),
        visible=visible,
        hidden=hidden,
        hints=tuple(cell.source.strip() for _, cell in parts[HINT]),
        explanation=parts[EXPLANATION][0][1].source.strip(),
        points=chapter.exercises.get(name, 0),
        check_id=check.id,
    )


def _demand_parts(name: str, parts: Mapping[str, list[tuple[int, NotebookNode]]]) -> None:
    wanted = {CHECK: 1, HINT: _HINTS, EXPLANATION: 1}
    for role, count in wanted.items():
        if len(parts[role]) != count:
            raise CourseError(
                f"{name} has {len(parts[role])} cells tagged {role!r}, not {count}.",
                "An exercise has a check cell, three hints and an explanation. "
                "Look for a cell that was copied, deleted or lost its tag.",
            )
    ((check, _),) = parts[CHECK]
    if sum(magic_of(cell.source)[0] == "answer" for _, cell in parts[ANSWER]) > 1:
        raise CourseError(
            f"{name} has two cells that begin with %%answer {name}: only the last would count.",
            "Make one cell of them.",
        )
    if not parts[ANSWER] or any(number > check for number, _ in parts[ANSWER]):
        raise CourseError(
            f"{name} has no cell tagged 'answer' before its check, or one after it.",
            "Tag the cells to be completed; the check stands below them.",
        )


def magic_of(source: str) -> tuple[str, str]:
    """Return a cell's magic and what follows it on its line; two empty texts if it has none."""
    line = next((line for line in source.splitlines() if line.strip()), "")
    magic, _, arguments = line.strip().partition(" ")
    return (magic.removeprefix("%%"), arguments.strip()) if magic.startswith("%%") else ("", "")


def _answer(cell: NotebookNode, name: str) -> Answer:
    magic, arguments = magic_of(cell.source)
    language = _language(magic, arguments)
    if language is None:
        raise CourseError(
            "an answer cell begins with none of the magics that take an answer.",
            f"Begin it with %%rust_module, %%rust_main, %%rust_test or %%rust_file, or for "
            f"Python with %%answer {name}.",
        )
    if magic == "answer" and arguments != name:
        raise CourseError(
            f"an answer of {name} begins with %%answer {arguments}.", f"Write %%answer {name}."
        )
    if not regions.solution_regions(cell.source):
        raise CourseError(
            "an answer cell marks no solution, and would be released with it.",
            "Put BEGIN SOLUTION and END SOLUTION around what the student writes.",
        )
    return Answer(
        cell_id=cell.id,
        magic=magic,
        arguments=arguments,
        language=language,
        starter=regions.released(cell.source, language),
        source=cell.source,
        broken_starter=is_tagged(cell, BROKEN_STARTER),
    )


def _language(magic: str, arguments: str) -> Language | None:
    if magic == "answer":
        return "python"
    if magic == "rust_file":
        return _SUFFIXES.get(Path(arguments.rsplit(" ", maxsplit=1)[-1]).suffix, "other")
    return "rust" if magic in _RUST_MAGICS else None


def _tests(source: str, name: str) -> tuple[str, str]:
    magic, arguments = magic_of(source)
    if (magic, arguments) != ("check", name):
        raise CourseError(
            f"the check cell of {name} does not begin with %%check {name}.",
            "Look for a cell that was copied from another exercise.",
        )
    visible, hidden = regions.split_hidden(source)
    visible = "\n".join(visible.strip().splitlines()[1:]).strip("\n")
    try:
        shown, kept = tests_in(visible), tests_in(hidden)
    except SyntaxError as error:
        raise CourseError(
            f"the tests are no valid Python: {error.msg}: {(error.text or '').strip()!r}.",
            "Tests are functions, def test_…(), in plain Python.",
        ) from error
    doubled = {test for test in (*shown, *kept) if (*shown, *kept).count(test) > 1}
    if doubled or not (shown and kept):
        problem = f"two tests are called {min(doubled)}" if doubled else "visible or hidden tests"
        raise CourseError(
            f"the check of {name}: {problem}{'' if doubled else ' are missing'}.",
            "Write functions def test_…(), each with its own name, some of them between "
            "# BEGIN HIDDEN TESTS and # END HIDDEN TESTS.",
        )
    return visible, hidden


def _compare_ids(found: list[str], file: str, chapter: Chapter) -> None:
    doubled = sorted({name for name in found if found.count(name) > 1})
    if doubled:
        raise CourseError(
            f"{file}: two exercises are called {doubled[0]}.", "Give each its own number."
        )
    listed = list(chapter.exercises)
    if found != listed:
        raise CourseError(
            f"{file} has the exercises {', '.join(found) or 'none'}; course.toml lists "
            f"{', '.join(listed)}.",
            f"Bring [chapter.{chapter.slug}] in course.toml and the notebook in step.",
        )
