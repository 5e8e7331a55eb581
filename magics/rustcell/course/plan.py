"""From what a user asks for to the jobs of a run: copies and parameters, refused early."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from rustcell.course.execute import Job, declared_parameters
from rustcell.errors import CourseError, RustcellError


def plan_jobs(
    paths: Sequence[Path],
    folder: Path,
    parameters: Mapping[str, object],
    environment: Mapping[str, str],
    cell_timeout: int,
    surroundings: str,
) -> list[Job]:
    """Return a job for each chapter, with its executed copy in `folder`.

    Raises
    ------
    CourseError
        If a copy would take the place of another one or of a chapter itself.
    """
    names = [path.name for path in paths]
    jobs = []
    for path in paths:
        if names.count(path.name) > 1:
            raise CourseError(
                f"Two of the notebooks are called {path.name}.", "Run them one after the other."
            )
        copy = folder.resolve() / path.name
        if copy == path:
            raise CourseError(
                f"--out {folder} is where {path.name} itself lies.",
                "Name another folder, or use --write to store new outputs in the chapters.",
            )
        jobs.append(Job(path, copy, parameters, environment, cell_timeout, surroundings))
    return jobs


def parameter_values(
    parameters: Iterable[tuple[str, str]], paths: Sequence[Path]
) -> dict[str, object]:
    """Return the values of `-p NAME VALUE`: Python literals, or else the text itself.

    Raises
    ------
    CourseError
        If no chapter declares a parameter of that name.
    """
    values: dict[str, object] = {}
    declared: set[str] | None = None
    for name, text in parameters:
        declared = _declared(paths) if declared is None else declared
        if name not in declared:
            known = ", ".join(sorted(declared)) or "none"
            raise CourseError(
                f"No chosen chapter has a parameter {name!r}; they have: {known}.",
                "A parameter is a variable set in a cell tagged 'parameters'.",
            )
        try:
            values[name] = ast.literal_eval(text)
        except (ValueError, SyntaxError):
            values[name] = text
    return values


def _declared(paths: Sequence[Path]) -> set[str]:
    declared: set[str] = set()
    for path in paths:
        try:
            declared |= declared_parameters(path)
        except RustcellError:
            continue  # its row in the table will say what is wrong with it
    return declared
