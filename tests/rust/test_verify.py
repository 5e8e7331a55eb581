"""`rustcell dev verify` with real Rust answers: each is built, and judged by what it does."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import nbformat
import pytest

from rustcell.course.builder import Builder
from rustcell.course.manifest import load_course
from rustcell.course.verify import Task, prepare, verify
from rustcell.live.installed import installed

pytestmark = pytest.mark.rust

COURSE = Path(__file__).parents[1] / "fixture_course"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A copy of the fixture course."""
    return Path(shutil.copytree(COURSE, tmp_path / "course"))


def rust_verdicts(root: Path, *kinds: str) -> dict[str, tuple[str, str]]:
    """Verify the Rust exercise with its solution and these kinds of attempts alone."""
    manifest = load_course(root)
    chapter = manifest.chapter("01_shapes")
    assert chapter
    task = prepare(manifest, chapter)
    work = [
        (exercise, [a for a in tried if a.kind in ("solution", *kinds)])
        for exercise, tried in task.work
    ]
    task = Task(task.chapter, task.setup, work)
    done = verify([task], 2, root / "exercises", {}, 120, lambda _: None)
    return {verdict.attempt: (verdict.problem, verdict.details) for verdict in done}


def test_an_attempt_finds_no_module_of_an_earlier_one(tmp_path):
    def cell(name: str) -> str:
        return f"%%rust_module {name}\nuse pyo3::prelude::*;\n#[pyfunction]\nfn {name}() {{}}"

    builder = Builder(["%load_ext rustcell", cell("given")], tmp_path, tmp_path, {}, 120)

    def built(*cells: str) -> list[str]:
        return [path.name for folder in builder.build(cells) for path in folder.glob("*/")]

    try:
        assert built(cell("early")) == ["early", "given"]
        assert built("1 + 1") == ["given"]
        assert built(cell("late")) == ["late", "given"]
        assert built(cell("early")) == ["early", "given"]
    finally:
        builder.close()


def test_a_good_course_is_verified_whole_and_leaves_nothing_installed(course):
    command = [sys.executable, "-m", "rustcell", "dev", "verify", "-j", "2", "--json"]
    done = subprocess.run(command, cwd=course, capture_output=True, text=True, check=False)
    verdicts = json.loads(done.stdout)
    assert [verdict for verdict in verdicts if not verdict["ok"]] == []
    assert done.returncode == 0
    tried = Counter((verdict["exercise"], verdict["kind"]) for verdict in verdicts)
    for exercise, wrong in (("ex_01_1", 2), ("ex_02_1", 3)):
        assert tried[exercise, "solution"] == tried[exercise, "starter"] == 1
        assert tried[exercise, "wrong"] == wrong
        assert tried[exercise, "stub"] >= 8
        assert tried[exercise, "cheat"] >= 12
        all_of_it = sum(n for (name, _), n in tried.items() if name == exercise)
        assert f"{exercise}: {all_of_it} attempts as they must be\n" in done.stderr
    assert "field" not in {module.name for module in installed()}


def test_what_goes_otherwise_than_it_must_is_told(course):
    folder = course / "exercises" / "solutions" / "wrong" / "ex_01_1"
    head = "// Misconception: none.\n// Rejected by: test_a_field_without_width\n"
    (folder / "right_after_all.rs").write_text(head + "Ok((width * height).abs())\n")
    (folder / "no_rust.rs").write_text(head + "Ok(width * hight)\n")
    done = rust_verdicts(course, "wrong")
    assert done["solution"] == done["adds"] == done["product_alone"] == ("", "")
    problem, _ = done["right_after_all"]
    assert problem == "passes test_a_field_without_width, which should reject it"
    problem, details = done["no_rust"]
    # The module of the attempt before is still live in the kernel: it must not be judged instead.
    assert problem.startswith("a cell raises BuildError")
    assert "hight" in details


def test_a_starter_may_be_broken_only_where_mending_is_the_exercise(course):
    path = course / "exercises" / "solutions" / "01_shapes.ipynb"
    source = nbformat.read(path, as_version=4)
    (answer,) = [cell for cell in source.cells if "answer" in cell.metadata.get("tags", [])]
    answer.source = answer.source.replace('todo!("multiply', 'tudu!("multiply')
    nbformat.write(source, path)
    problem, _ = rust_verdicts(course, "starter")["starter"]
    assert problem.startswith("a cell raises BuildError")
    answer.metadata["tags"] = ["answer", "broken-starter"]
    nbformat.write(source, path)
    assert rust_verdicts(course, "starter")["starter"] == ("", "")
    answer.source = answer.source.replace("tudu!", "todo!")
    nbformat.write(source, path)
    problem, _ = rust_verdicts(course, "starter")["starter"]
    assert problem == "raises nothing, and must raise BuildError or LoadError or OptionsError"
