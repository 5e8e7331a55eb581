"""Workflows, devcontainer and Binder files: their form, and each of their commands, really run.

What only their services can do (checking out, installing, keeping a cache) is left out.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from rustcell.course.working_copy import start

ROOT = Path(__file__).parents[2]
FIXTURE = ROOT / "tests" / "fixture_course"
WORKFLOW = ROOT / "docs" / "classroom" / "exercises.yml"
OF_THE_SERVICE = ("pip install",)

pytestmark = pytest.mark.rust


def shell(command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of these files with this environment's programs."""
    programs = str(Path(sys.executable).parent)
    return subprocess.run(
        command.replace(".venv/bin/", ""),
        shell=True,
        cwd=cwd,
        env={**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )


def steps(workflow: Path) -> list[str]:
    jobs = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"]
    found = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    return [command for command in found if not command.startswith(OF_THE_SERVICE)]


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """What a student has in Classroom: a copy of a small course, with exercises to solve."""
    course = Path(shutil.copytree(FIXTURE, tmp_path_factory.mktemp("given") / "course"))
    assert shell("rustcell dev release", course).returncode == 0
    start(course.parent / "repository", course)
    return course.parent / "repository"


def test_the_workflow_of_exercises_fails_until_they_are_solved(repository):
    *prepare, run = steps(WORKFLOW)
    assert run.startswith("rustcell run exercises")
    for command in prepare:
        done = shell(command, repository)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    assert shell(run, repository).returncode == 1
    results = (repository / "results.xml").read_text(encoding="utf-8")
    assert "CheckFailed" in results or "check" in results.lower()
    for solved in (repository / "exercises" / "solutions").glob("*.ipynb"):
        shutil.copy(solved, repository / "exercises" / solved.name)
    done = shell(run, repository)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_workflow_of_this_repository_names_what_is_there():
    assert steps(ROOT / ".github" / "workflows" / "ci.yml") == [".ci/run"]
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


@pytest.mark.parametrize("folder", [".github/workflows", "docs/classroom"])
def test_every_workflow_may_only_read(folder):
    for path in (ROOT / folder).glob("*.yml"):
        workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert workflow["permissions"] == {"contents": "read"}, path
        assert all("timeout-minutes" in job for job in workflow["jobs"].values()), path


def test_the_devcontainer_sets_up_and_warms():
    folder = ROOT / ".devcontainer"
    container = json.loads((folder / "devcontainer.json").read_text(encoding="utf-8"))
    assert (folder / container["build"]["dockerfile"]).is_file()
    # The set-up itself is what `make lab` does: that the target is known must do here.
    done = shell(f"{container['onCreateCommand']} --dry-run", ROOT)
    assert done.returncode == 0, done.stderr
    for name in ("updateContentCommand", "postAttachCommand"):
        done = shell(container[name], ROOT)
        assert done.returncode == 0, f"{container[name]}: {done.stdout}{done.stderr}"


def test_binder_has_the_same_environment_and_warms():
    ours, binders = (ROOT / name for name in ("environment.yml", ".binder/environment.yml"))
    assert binders.read_text(encoding="utf-8") == ours.read_text(encoding="utf-8")
    script = (ROOT / ".binder" / "postBuild").read_text(encoding="utf-8")
    assert os.access(ROOT / ".binder" / "postBuild", os.X_OK)
    commands = [line for line in script.splitlines() if line.startswith("rustcell ")]
    assert commands == ["rustcell warm --course"]
