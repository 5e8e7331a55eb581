"""Makes the notebooks that students get from the sources of the exercises."""

from __future__ import annotations

import re
from collections.abc import Sequence

import nbformat
from nbformat import NotebookNode

from rustcell.course.exercise import Exercise
from rustcell.course.exercise_source import ANSWER, CHECK, EXERCISE, EXPLANATION, HINT, role_of
from rustcell.course.regions import split_hidden

# nbgrader's; its tools refuse cells of a newer version.
_SCHEMA_VERSION = 3

# A source lies one folder deeper than what is made of it.
_LINK_UP = re.compile(r"""(\]\(|\b(?:src|href)=["'])\.\./""")

_HELP = """\
Stuck? `%hint {id}` gives a hint, and a further one each time. {more}\
`%reset_exercise {id}` brings back the cell that you began with."""
_SOLUTION_HELP = "`%solution {id}` shows a solution once you have tried. "


def released(
    source: NotebookNode, exercises: Sequence[Exercise], *, for_class: bool
) -> NotebookNode:
    """Return the notebook that students get.

    Parameters
    ----------
    source:
        The notebook with solutions, hidden tests, hints and explanations.
    exercises:
        What `exercise_source.parse` found in it.
    for_class:
        Whether `%solution` has something to show: not in a class edition.
    """
    starters = {a.cell_id: a.starter for exercise in exercises for a in exercise.answers}
    notebook: NotebookNode = nbformat.v4.new_notebook()
    remaining = iter(exercises)
    grade_ids: dict[str, str] = {}
    exercise: Exercise | None = None
    for original in source.cells:
        role = role_of(original)
        if role == EXERCISE:
            exercise = next(remaining)
            grade_ids = _grade_ids(exercise)
        if role in (HINT, EXPLANATION):
            continue
        cell = nbformat.from_dict(original)
        _without_traces(cell)
        notebook.cells.append(cell)
        if exercise is None:
            continue
        if role == ANSWER:
            cell.source = starters[cell.id]
            _mark(cell, grade_ids[cell.id], solution=True)
        elif role == CHECK:
            cell.source = split_hidden(cell.source)[0]
            _mark(cell, grade_ids[cell.id], points=exercise.points)
            notebook.cells.append(_help(exercise, for_class=for_class))
        elif role == EXERCISE:
            _mark(cell, f"{exercise.id}_story")
        elif cell.cell_type == "code":
            _mark(cell, f"{exercise.id}_given_{cell.id}")
    return notebook


def _grade_ids(exercise: Exercise) -> dict[str, str]:
    """Return nbgrader's names of an exercise's cells, by the cells' ids."""
    names = {exercise.check_id: f"{exercise.id}_check"}
    for number, answer in enumerate(exercise.answers, start=1):
        names[answer.cell_id] = exercise.id if number == 1 else f"{exercise.id}_{number}"
    return names


def _without_traces(cell: NotebookNode) -> None:
    """Take away what running it has left, and what the author's place in the tree has."""
    if cell.cell_type == "code":
        cell.outputs = []
        cell.execution_count = None
    else:
        cell.source = _LINK_UP.sub(r"\1", cell.source)


def _mark(
    cell: NotebookNode, grade_id: str, *, solution: bool = False, points: int | None = None
) -> None:
    """Tell nbgrader what a cell is for, and JupyterLab what may be done with it."""
    graded = points is not None
    cell.metadata["nbgrader"] = {
        "cell_type": cell.cell_type,
        "grade": graded,
        "grade_id": grade_id,
        "locked": not solution,
        "schema_version": _SCHEMA_VERSION,
        "solution": solution,
        "task": False,
        **({"points": points} if graded else {}),
    }
    # A deleted or edited check cell is what breaks grading most often.
    cell.metadata["deletable"] = False
    if not solution:
        cell.metadata["editable"] = False


def _help(exercise: Exercise, *, for_class: bool) -> NotebookNode:
    more = "" if for_class else _SOLUTION_HELP.format(id=exercise.id)
    cell: NotebookNode = nbformat.v4.new_markdown_cell(_HELP.format(id=exercise.id, more=more))
    cell.id = f"{exercise.id}_help"
    return cell
