"""`rustcell dev lint`: a course that keeps every rule, broken in one place at a time."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from guide_course import BROKEN, RUST, edit, write_course
from rustcell.course import nav
from rustcell.course.lint import code as code_rules
from rustcell.course.lint.lint import lint
from rustcell.course.manifest import load_course
from rustcell.errors import CourseError

CHAPTER = "notebooks/02_shapes.ipynb"
SOLUTION = "exercises/solutions/02_shapes.ipynb"
RELEASED = "exercises/02_shapes.ipynb"
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return write_course(tmp_path_factory.mktemp("good")).root


@pytest.fixture
def root(good, tmp_path):
    return Path(shutil.copytree(good, tmp_path / "course"))


def found(root):
    return [(finding.rule, finding.file) for finding in lint(load_course(root)).findings]


def test_a_course_that_keeps_the_guide_has_no_findings(good):
    report = lint(load_course(good))
    assert report.findings == ()
    assert report.pages == 3


def test_the_real_course_has_no_findings():
    assert lint(load_course(ROOT)).findings == ()


BREACHES = {
    "a second H1": ("title", "notice-1", "# Another title"),
    "no promise": ("promise", "title", "# Shapes\n\nAbout 30 minutes."),
    "other minutes": ("promise", "title", "# Shapes\n\nYou will measure it. About 45 minutes."),
    "one objective": ("objectives", "objectives", "**You will be able to**\n\n- measure"),
    "a long recap": ("recap", "recap", "## Recap\n" + "\n- line" * 7),
    "one question": ("quiz", "questions", "## Check yourself\n\n<details>why</details>"),
    "a picture without words": ("alt-text", "picture", "![](images/02_shapes.svg)"),
    "an <img> without alt": ("alt-text", "picture", '<img src="images/02_shapes.svg">'),
    "TODO": ("leftover", "notice-1", "**Try it.** TODO: what?"),
    "belittling": ("voice", "notice-1", "You simply write it."),
    "a missing file": ("link", "notice-1", "See [the other](03_other.ipynb)."),
    "a missing heading": ("link", "notice-1", "See [above](#No-such-step)."),
    "a heading elsewhere": ("link", "notice-1", "[There](contents.ipynb#No-part)."),
    "out of the repository": ("link", "notice-1", "[Away](../../../etc/passwd)"),
    "no attachment": ("link", "notice-1", "![A square and a circle.](attachment:x.png)"),
    "a long stretch": ("size", "notice-1", "word " * 201),
    "long Rust": ("size", "rust-1", RUST.format(n=1) + "\n" + "// line\n" * 30),
    "unformatted Rust": ("rustfmt", "rust-1", RUST.format(n=1).replace("    width", "  width")),
    "unreadable Rust": ("rustfmt", "rust-1", RUST.format(n=1) + "\nfn {"),
    "unformatted Python": ("ruff", "call-1", "shapes_1.area( 2.0,3.0 )"),
    "an unused import": ("ruff", "call-1", "import os"),
    "a crate outside the lock": ("locked", "rust-1", RUST.format(n="1 --dep no-such-crate")),
    "a version outside it": ("locked", "rust-1", RUST.format(n="1 --dep rayon@0.1")),
    "another PyO3": ("locked", "rust-1", RUST.format(n="1 --pyo3 0.20.0")),
    "another navigation": ("nav", "nav-top", "<!-- nav -->\nold\n<!-- /nav -->"),
}


@pytest.mark.parametrize("breach", BREACHES)
def test_each_breach_is_found_where_it_is_and_alone(root, breach):
    rule, cell_id, source = BREACHES[breach]
    edit(root / CHAPTER, cell_id, source=source)
    if rule != "nav":
        nav.write(load_course(root))
    findings = lint(load_course(root)).findings
    assert {finding.rule for finding in findings} == {rule}
    (finding,) = findings
    assert finding.file == CHAPTER
    assert finding.mend
    whole_file = rule == "nav"
    assert (finding.cell_id is None) if whole_file else (finding.cell_id == cell_id)


def test_a_finding_names_the_line_of_the_cell(root):
    edit(root / CHAPTER, "notice-1", source="One.\nTwo.\n\nA TODO here. **Try it.**")
    edit(root / CHAPTER, "rust-2", source=RUST.format(n=2).replace("    width", "  width"))
    lines = {f.cell_id: (f.cell, f.line) for f in lint(load_course(root)).findings}
    notebook = nbformat.read(root / CHAPTER, as_version=4)
    numbers = {cell.id: n for n, cell in enumerate(notebook.cells, start=1)}
    assert lines == {"notice-1": (numbers["notice-1"], 4), "rust-2": (numbers["rust-2"], 6)}


@pytest.mark.parametrize(
    ("cell_id", "tags", "rule"),
    [
        ("call-1", ["chek"], "tag"),
        ("call-1", ["nbval-skip"], "tag"),
        ("objectives", [], "objectives"),
        ("recap", [], "recap"),
    ],
)
def test_tags_are_a_closed_set_and_mark_what_must_be_there(root, cell_id, tags, rule):
    edit(root / CHAPTER, cell_id, tags=tags)
    assert found(root) == [(rule, CHAPTER)]


def test_a_lesson_that_must_fail_need_not_be_readable(root):
    edit(root / CHAPTER, "broken", source=BROKEN + "\n}}")
    assert found(root) == []


def test_crates_of_the_lock_may_be_named_in_all_forms(root):
    for n, dep in enumerate(("rayon", "rayon@1.5", "'serde = { version = \"1\" }'"), start=1):
        edit(root / CHAPTER, f"rust-{n}", source=RUST.format(n=f"{n} --dep {dep}"))
    assert found(root) == []


def test_a_cell_that_never_ran_and_a_file_of_another_form_are_found(root):
    edit(root / CHAPTER, "call-4", execution_count=None)
    assert ("outputs", CHAPTER) in found(root)
    path = root / CHAPTER
    path.write_text(json.dumps(json.loads(path.read_text())))
    assert ("canonical", CHAPTER) in found(root)


def test_released_exercises_hold_no_outputs(root):
    edit(root / RELEASED, "check", execution_count=1)
    assert found(root) == [("outputs", RELEASED)]


def test_the_source_of_exercises_keeps_its_format(root):
    edit(root / SOLUTION, "hint-3", tags=[])
    (root / "exercises/solutions/wrong/ex_02_1/one.py").unlink()
    assert found(root) == [("exercise", SOLUTION)] * 2


def test_the_python_of_checks_and_answers_is_looked_at(root):
    source = nbformat.read(root / SOLUTION, as_version=4)
    (check,) = (cell for cell in source.cells if cell.id == "check")
    edit(root / SOLUTION, "check", source=check.source.replace("twice(2) == 4", "twice( 2 )==4"))
    (finding,) = lint(load_course(root)).findings
    assert (finding.rule, finding.cell_id, finding.line) == ("ruff", "check", 3)


def test_files_that_nothing_lists_are_found(root):
    shutil.copy(root / CHAPTER, root / "notebooks/03_more.ipynb")
    (root / "notebooks/images/old.svg").write_text("<svg/>")
    assert found(root) == [
        ("unlisted", "course.toml"),
        ("unlisted", "notebooks/03_more.ipynb"),
        ("unlisted", "notebooks/images/old.svg"),
    ]


def test_links_of_the_pages_are_followed(root):
    (root / "docs/page.md").write_text(
        "# A page\n\n[good](../README.md#it) [bad](../README.md#that)"
    )
    (finding,) = lint(load_course(root)).findings
    assert (finding.file, finding.line) == ("docs/page.md", 3)


def test_a_damaged_notebook_is_a_finding_and_hides_no_other(root):
    edit(root / CHAPTER, "notice-1", source="**Try it.** TODO")
    (root / SOLUTION).write_text("{")
    assert found(root) == [("readable", SOLUTION), ("leftover", CHAPTER)]


def test_size_bounds_hold_for_a_chapter(root):
    notebook = nbformat.read(root / CHAPTER, as_version=4)
    notebook.cells = [c for c in notebook.cells if c.id not in ("rust-3", "rust-4", "call-3")]
    for count, cell in enumerate((c for c in notebook.cells if c.cell_type == "code"), start=1):
        cell.execution_count = count
    nbformat.write(notebook, root / CHAPTER)
    messages = [f.message for f in lint(load_course(root)).findings if f.rule == "size"]
    assert "3 Rust cells, not 5 to 10" in messages


@pytest.mark.parametrize(("lines", "rules"), [(20, set()), (31, {"size"})])
def test_a_solution_and_its_starter_are_counted_apart(root, lines, rules):
    source = "%%rust_module twice\n// BEGIN SOLUTION\n"
    source += "// line\n" * lines + "// STARTER\n" + "// // line\n" * 20 + "// END SOLUTION"
    edit(root / SOLUTION, "answer", source=source)
    assert {rule for rule, _ in found(root)} & {"size"} == rules


def test_only_the_named_notebooks_are_looked_at(root):
    edit(root / CHAPTER, "notice-1", source="**Try it.** TODO")
    edit(root / SOLUTION, "why", source="TODO")
    course = load_course(root)
    assert {f.file for f in lint(course, [root / SOLUTION]).findings} == {SOLUTION}
    assert {f.file for f in lint(course, [Path("02")]).findings} == {CHAPTER, SOLUTION}
    with pytest.raises(CourseError, match="no notebook of the course"):
        lint(course, [Path("07")])


def test_without_rustfmt_the_report_says_so(root, monkeypatch):
    code_rules.rustfmt.cache_clear()
    monkeypatch.setenv("PATH", str(root))
    edit(root / CHAPTER, "rust-1", source=RUST.format(n=1).replace("    width", "  width"))
    report = lint(load_course(root))
    code_rules.rustfmt.cache_clear()
    assert report.findings == ()
    assert [note.partition(" ")[0] for note in report.notes] == ["rustfmt"]


def test_the_command_tells_findings_as_text_and_json(root):
    edit(root / CHAPTER, "notice-1", source="**Try it.** TODO")
    command = [sys.executable, "-m", "rustcell", "dev", "lint"]
    done = _run(command, root)
    assert done.returncode == 1
    assert "notebooks/02_shapes.ipynb, cell" in done.stdout
    assert "leftover: TODO is left" in done.stdout
    done = _run([*command, "--json"], root)
    (finding,) = json.loads(done.stdout)["findings"]
    assert (finding["rule"], finding["line"]) == ("leftover", 1)
    done = _run(command, root.parent)
    assert (done.returncode, "course.toml" in done.stderr) == (2, True)


def _run(command, folder):
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
