"""nbgrader's own tools take a class edition as it is, and give the points of course.toml."""

from __future__ import annotations

import csv
import os
import shutil
from pathlib import Path

import nbformat
import pytest

from environments import Environment, environment, warm
from rustcell.course.attempts import attempts
from rustcell.course.editions import for_class
from rustcell.course.exercises import find_exercise
from rustcell.course.manifest import load_course

pytestmark = pytest.mark.rust

COURSE = Path(__file__).parents[1] / "fixture_course"
POINTS = {"01_shapes": 2.0, "02_words": 3.0}
EXERCISES = {"01_shapes": "ex_01_1", "02_words": "ex_02_1"}
# What docs/exercises.md tells an instructor to write.
CONFIG = (
    (Path(__file__).parents[2] / "docs" / "exercises.md")
    .read_text(encoding="utf-8")
    .partition("```python\n# nbgrader_config.py\n")[2]
    .partition("```")[0]
)


@pytest.fixture(scope="module")
def nbgrader() -> Environment:
    """An environment with nbgrader, and with rustcell as the tests have it."""
    made = environment("nbgrader")
    if not any(made.site.glob("nbgrader-*")):
        made.run("-m", "pip", "install", "--quiet", "nbgrader>=0.9,<0.10")
    # nbgrader gives a cell 30 s, and the dependencies' first build may take longer.
    warm(made)
    return made


def answered(released: Path, course: Path, kind: str) -> nbformat.NotebookNode:
    """A released notebook with its solution, or a wrong one that is seen to be, in its cells."""
    notebook = nbformat.read(released, as_version=4)
    exercise = find_exercise(load_course(course), EXERCISES[released.stem])
    tried = attempts(exercise, course / "exercises" / "solutions" / "wrong")
    shown, _ = exercise.test_names()
    attempt = next(
        attempt
        for attempt in tried
        if attempt.kind == kind and all(name in shown for name in attempt.rejected_by[:1])
    )
    (answer,) = exercise.answers
    (cell,) = [cell for cell in notebook.cells if cell.id == answer.cell_id]
    if answer.is_built:
        cell.source = attempt.cells[-1]
    else:
        cell.source = f"%%answer {exercise.id}{attempt.answers[exercise.id]}"
    return notebook


def test_autograde_gives_the_points(nbgrader, tmp_path):
    edition = for_class(load_course(COURSE), tmp_path / "class")
    edition.write()
    released = sorted((edition.folder / "exercises").glob("*.ipynb"))
    assert [path.stem for path in released] == list(POINTS)
    school = tmp_path / "school"
    shutil.copytree(edition.folder / "exercises", school / "source" / "one")
    (school / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    path = os.pathsep.join((str(Path(nbgrader.python).parent), os.environ["PATH"]))

    def tool(*arguments: str) -> None:
        nbgrader.run("-m", "nbgrader", *arguments, cwd=school, PATH=path)

    tool("generate_assignment", "one")
    for student, kind in (("right", "solution"), ("wrong", "wrong")):
        folder = school / "submitted" / student / "one"
        shutil.copytree(school / "release" / "one", folder)
        for notebook in folder.glob("*.ipynb"):
            nbformat.write(answered(notebook, COURSE, kind), notebook)
    tool("autograde", "one")
    scores = (
        "import csv, sys\n"
        "from nbgrader.api import Gradebook\n"
        "with Gradebook('sqlite:///gradebook.db') as book:\n"
        "    rows = [(s.student.id, n.name, n.score, n.max_score)\n"
        "            for s in book.assignment_submissions('one') for n in s.notebooks]\n"
        "csv.writer(sys.stdout).writerows(sorted(rows))\n"
    )
    found = list(csv.reader(nbgrader.run("-c", scores, cwd=school).splitlines()))
    assert found == [
        [student, name, str(points if student == "right" else 0.0), str(points)]
        for student in ("right", "wrong")
        for name, points in POINTS.items()
    ]
