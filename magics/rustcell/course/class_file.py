"""What a class edition of the course knows of its exercises: one file, without solutions.

The notebooks that students edit lie beside it. The file keeps what `%hint` and `%reset_exercise`
show, and the visible tests as they were given out.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rustcell.course.exercise import Answer, Exercise
from rustcell.course.manifest import Course
from rustcell.errors import CourseError

NAME = "class.json"
_FORMAT = 1


def class_path(course: Course) -> Path:
    """Return where the file lies; only a class edition has it."""
    return course.root / "exercises" / NAME


def class_file_text(exercises: Sequence[Exercise]) -> str:
    """Return the text of a class edition's file of hints, starters and visible tests.

    Solutions, hidden tests and explanations are not in it.
    """
    public = {}
    for exercise in exercises:
        values = asdict(exercise) | {"hidden": "", "explanation": ""}
        values["answers"] = [asdict(answer) | {"source": ""} for answer in exercise.answers]
        public[exercise.id] = values
    return json.dumps({"format": _FORMAT, "exercises": public}, indent=1) + "\n"


def read_class_file(course: Course) -> dict[str, Exercise]:
    """Return the exercises of a class edition by their id.

    Raises
    ------
    CourseError
        If its file is damaged or of another version of rustcell.
    """
    try:
        stored = json.loads(class_path(course).read_text(encoding="utf-8"))
        if stored["format"] != _FORMAT:
            raise _unreadable(f"its format is {stored['format']}, and not {_FORMAT}.")
        return {name: _from_json(values) for name, values in stored["exercises"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unreadable(f"it is missing or damaged ({type(error).__name__}).") from error


def _unreadable(reason: str) -> CourseError:
    return CourseError(
        f"exercises/{NAME} cannot be read: {reason}",
        "Copy it again from the course that you were given.",
    )


def _from_json(values: dict[str, Any]) -> Exercise:
    return Exercise(
        **values
        | {
            "answers": tuple(Answer(**answer) for answer in values["answers"]),
            "code": tuple((cell_id, text) for cell_id, text in values["code"]),
            "hints": tuple(values["hints"]),
        }
    )
