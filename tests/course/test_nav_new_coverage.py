"""`rustcell dev nav`, `new` and `coverage` on a small course and on the real one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from guide_course import edit, write_course
from rustcell.course import nav
from rustcell.course.coverage import survey
from rustcell.course.exercise_source import parse
from rustcell.course.lint.lint import lint
from rustcell.course.manifest import load_course
from rustcell.course.notebook import read
from rustcell.course.skeleton import begin
from rustcell.errors import CourseError

ROOT = Path(__file__).parents[2]
ROWS = """\
[[row]]
id = "M1"
topic = "squares | and circles"
chapters = ["02_shapes"]

[[row]]
id = "M2"
topic = "later"
chapters = ["03_colours"]
"""


@pytest.fixture
def root(tmp_path):
    return write_course(tmp_path / "course").root


def rustcell(root, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "rustcell", "dev", *arguments],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONUTF8": "1"},
    )


def sources(path):
    return {cell.id: cell.source for cell in read(path).cells}


def test_the_real_course_is_up_to_date():
    course = load_course(ROOT)
    assert nav.outdated(course) == []
    assert not survey(course).is_outdated()
    assert survey(course).problems == []


def test_nav_follows_the_manifest_and_the_titles(root):
    begin(load_course(root), "03_colours", "A", 20, "Colours [and] tones")
    course = load_course(root)
    changed = nav.write(course)
    assert changed == [
        "notebooks/02_shapes.ipynb",
        "notebooks/03_colours.ipynb",
        "notebooks/contents.ipynb",
        "README.md",
    ]
    assert nav.outdated(course) == []
    first, last = (sources(course.notebook(chapter)) for chapter in course.chapters)
    assert first["nav-top"] == first["nav-bottom"]
    assert (
        "[Contents](contents.ipynb) · [Colours \\[and\\] tones →](03_colours.ipynb)"
        in (first["nav-top"])
    )
    assert "[← Shapes](02_shapes.ipynb) · [Contents](contents.ipynb)\n" in last["nav-bottom"]
    readme = (root / "README.md").read_text()
    assert "| [02 Shapes](notebooks/02_shapes.ipynb) | You will measure what you draw. | 30 |" in (
        readme
    )
    assert readme.startswith("# It\n\n<!-- chapters -->\n")
    contents = sources(root / "notebooks/contents.ipynb")["contents"]
    assert contents.startswith("# A small course\n\n2 chapters, 2 exercises, about 1 hours")


def test_nav_check_writes_nothing_and_fails(root):
    edit(
        root / "notebooks/02_shapes.ipynb",
        "title",
        source="# Forms\n\nA promise. About 30 minutes.",
    )
    before = (root / "README.md").read_text()
    done = rustcell(root, "nav", "--check")
    assert done.returncode == 1
    assert "README.md: out of date" in done.stdout
    assert (root / "README.md").read_text() == before
    assert rustcell(root, "nav").returncode == 0
    assert rustcell(root, "nav", "--check").returncode == 0


def test_a_readme_without_a_place_for_the_table_is_refused(root):
    (root / "README.md").write_text("# It\n")
    done = rustcell(root, "nav")
    assert done.returncode == 2
    assert "<!-- chapters -->" in done.stderr


def test_new_begins_a_chapter_that_lacks_only_its_text(root):
    before = (root / "course.toml").read_text()
    done = rustcell(root, "new", "01_lines", "--part", "A", "--minutes", "25")
    assert done.returncode == 0, done.stderr
    after = (root / "course.toml").read_text()
    assert after.startswith("# The order of reading.\n")
    assert set(before.splitlines()) - set(after.splitlines()) == {'chapters = ["02_shapes"]'}
    course = load_course(root)
    assert [chapter.slug for chapter in course.chapters] == ["01_lines", "02_shapes"]
    chapter = course.chapters[0]
    assert (chapter.minutes, dict(chapter.exercises)) == (25, {"ex_01_1": 2})
    source = read(course.solution_notebook(chapter))
    assert [exercise.id for exercise in parse(source, "01_lines.ipynb", chapter)] == ["ex_01_1"]
    rules = {finding.rule for finding in lint(course, [Path("01")]).findings}
    # What is left to write and to run; the released exercises come with `dev release`.
    assert rules == {"leftover", "outputs", "size", "exercise", "link"}


@pytest.mark.parametrize(
    ("slug", "part", "message"),
    [
        ("02_shapes", "A", "lists 02_shapes already"),
        ("02_other", "A", "chapter number 02 is there twice"),
        ("lines", "A", "no chapter's name"),
        ("../01_lines", "A", "no chapter's name"),
        ("01_lines", "B", "There is no part 'B'"),
    ],
)
def test_new_refuses_and_changes_nothing(root, slug, part, message):
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    with pytest.raises(CourseError, match=message):
        begin(load_course(root), slug, part, 30, None)
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_new_overwrites_no_notebook(root):
    mine = root / "notebooks/01_lines.ipynb"
    mine.write_text("mine")
    with pytest.raises(CourseError, match="exists"):
        begin(load_course(root), "01_lines", "A", 30, None)
    assert mine.read_text() == "mine"
    assert [chapter.slug for chapter in load_course(root).chapters] == ["02_shapes"]


@pytest.fixture
def covered(root):
    (root / "docs/coverage-rows.toml").write_text(ROWS)
    source = "### Round things\n<!-- covers: M1 -->\n\n**Try it.**"
    edit(root / "notebooks/02_shapes.ipynb", "notice-2", source=source)
    return root


def test_coverage_leads_to_notebook_and_heading(covered):
    done = rustcell(covered, "coverage")
    assert done.returncode == 0, done.stdout
    page = (covered / "docs/coverage.md").read_text()
    link = "[02_shapes: Round things](../notebooks/02_shapes.ipynb#Round-things)"
    assert f"| M1 | squares \\| and circles | {link} |" in page
    assert "- M2, for 03_colours: later" in page
    assert lint(load_course(covered)).findings == ()  # so the links of the page lead somewhere
    assert rustcell(covered, "coverage", "--check").returncode == 0


def test_coverage_check_finds_gaps_unknown_rows_and_an_old_page(covered):
    rustcell(covered, "coverage")
    edit(covered / "notebooks/02_shapes.ipynb", "notice-2", source="<!-- covers: M9 --> Try it")
    done = rustcell(covered, "coverage", "--check")
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "notebooks/02_shapes.ipynb, cell notice-2: there is no row 'M9' in docs/coverage-rows.toml",
        "M1 is taught nowhere in 02_shapes: squares | and circles",
        "docs/coverage.md: out of date",
        "0 of 2 rows are taught.",
    ]


def test_coverage_counts_exercises_too(covered):
    edit(covered / "notebooks/02_shapes.ipynb", "notice-2", source="Try it")
    story = "## ex_02_1 · Twice\n\n<!-- covers: M1 -->\n`twice(n: int) -> int`"
    edit(covered / "exercises/solutions/02_shapes.ipynb", "story", source=story)
    found = json.loads(rustcell(covered, "coverage", "--json").stdout)
    assert found["problems"] == []
    assert found["rows"][0]["places"][0]["notebook"] == "exercises/solutions/02_shapes.ipynb"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("[[row]]\nid = 'M1'", "cannot be read"),
        (ROWS + ROWS, "two rows are called M1"),
        ("[[row", "cannot be read"),
    ],
)
def test_rows_that_make_no_sense_are_refused(root, rows, message):
    (root / "docs/coverage-rows.toml").write_text(rows)
    with pytest.raises(CourseError, match=message):
        survey(load_course(root))


def test_a_comment_survives_the_canonical_form(covered):
    path = covered / "notebooks/02_shapes.ipynb"
    nbformat.write(nbformat.read(path, as_version=4), path)
    edit(path, "title", source="# Shapes\n\nYou will see. About 30 minutes.")
    assert [place.row for place in survey(load_course(covered)).places] == ["M1"]
