"""A new chapter: the guide's shape with gaps, its exercise's source, and the manifest's entry."""

from __future__ import annotations

from pathlib import Path

import tomlkit
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from rustcell.course import files
from rustcell.course.manifest import MANIFEST, Course, parse_course
from rustcell.course.notebook import stored_text
from rustcell.errors import CourseError

# `rustcell dev lint` finds each gap by this word.
_GAP = "TODO"


def begin(course: Course, slug: str, part: str, minutes: int, title: str | None) -> list[Path]:
    """Write the notebooks of a new chapter and list it; return the files written.

    Parameters
    ----------
    course:
        The course that gets it.
    slug:
        Its name, as in `04_arguments`; its number decides the place within its part.
    part:
        The name of the part that gets it.
    minutes:
        How long a student shall take.
    title:
        The H1; None makes one of the slug.

    Raises
    ------
    CourseError
        If the chapter or one of its files exists, or the name or the part is none.
    """
    path = course.root / MANIFEST
    manifest = _listed(course, slug, part, minutes)
    listed = parse_course(manifest, path)
    chapter = listed.chapter(slug)
    assert chapter is not None
    heading = title or slug.partition("_")[2].replace("_", " ").capitalize()
    planned = {
        course.notebook(chapter): _chapter(heading, minutes, slug),
        course.solution_notebook(chapter): _exercises(heading, chapter.number, slug),
    }
    for there in planned:
        if there.exists():
            raise CourseError(
                f"{there.relative_to(course.root).as_posix()} exists.",
                "Take another name, or list the chapter in course.toml by hand.",
            )
    for notebook, cells in planned.items():
        _with_ids(cells)
        text = stored_text(new_notebook(cells=cells))
        files.write(notebook, text.encode("utf-8"))
    # Last: what is listed is there.
    files.write(path, manifest.encode("utf-8"))
    return [*planned, path]


def _listed(course: Course, slug: str, part: str, minutes: int) -> str:
    """Return the manifest's text with the chapter in it; comments and order stay."""
    if course.chapter(slug):
        raise CourseError(f"{MANIFEST} lists {slug} already.", "Take another name.")
    document = tomlkit.parse((course.root / MANIFEST).read_text(encoding="utf-8"))
    tables = {str(table["name"]): table for table in document.get("part", [])}
    if part not in tables:
        raise CourseError(
            f"There is no part {part!r}.", f"There are: {', '.join(tables)}. course.toml has them."
        )
    chapters = tables[part]["chapters"]
    place = next((n for n, other in enumerate(chapters) if other > slug), len(chapters))
    chapters.insert(place, slug)
    number = slug.partition("_")[0]
    table = tomlkit.table()
    table["minutes"] = minutes
    table["exercises"] = tomlkit.inline_table().append(f"ex_{number}_1", 2)
    if "chapter" not in document:
        document["chapter"] = tomlkit.table(is_super_table=True)
    document["chapter"].append(slug, table)
    return tomlkit.dumps(document)


def _chapter(title: str, minutes: int, slug: str) -> list[NotebookNode]:
    module = slug.partition("_")[2]
    return [
        _text(
            f"# {title}\n\n{_GAP}: one sentence of promise. About {minutes} minutes.",
            cell_id="title",
        ),
        _text(
            f"**You will be able to**\n\n- {_GAP}: a verb that can be checked;\n- {_GAP}.",
            "objectives",
        ),
        _text(f"## {_GAP}: the first idea\n\n<!-- covers: -->\nThe smallest code that works."),
        _code("%load_ext rustcell"),
        _code(
            f"%%rust_module {module}\nuse pyo3::prelude::*;\n\n/// {_GAP}: say what it does.\n"
            "#[pyfunction]\nfn double(number: i64) -> i64 {\n    number * 2\n}",
        ),
        _text(f"**Predict.** {_GAP}: what will the next cell say?"),
        _code(f"{module}.double(21)"),
        _text(f"What to notice.\n\n**Try it.** {_GAP}: one edit, and what should change."),
        _code(f'assert {module}.double(0) == 0, "{_GAP}: a message for a person"', "check"),
        _text(f"## Break it on purpose\n\n{_GAP}: read the compiler's words aloud."),
        _code(
            '%%rust_module broken --expect-error "expected `;`"\nuse pyo3::prelude::*;\n\n'
            "#[pyfunction]\nfn double(number: i64) -> i64 {\n    let twice = number * 2\n"
            "    twice\n}",
        ),
        _text(f"## Recap\n\n- {_GAP}\n- three to six\n- lines", "recap"),
        _text(
            "## Check yourself\n\n"
            + "\n\n".join(
                f"<details><summary>{n}. {_GAP}: a question</summary>\n\nWhy.\n\n</details>"
                for n in (1, 2)
            )
        ),
        _text(
            f"## Practice\n\n[The exercises of this chapter](../exercises/{slug}.ipynb).\n\n"
            "**Further reading**\n\n- [The PyO3 guide](https://pyo3.rs/)\n"
            "- [PyO3's documentation](https://docs.rs/pyo3/)"
        ),
    ]


def _exercises(title: str, number: str, slug: str) -> list[NotebookNode]:
    name = f"ex_{number}_1"
    module = f"{slug.partition('_')[2]}_task"
    return [
        _text(
            f"# {title}: exercises\n\nThey belong to [the chapter](../../notebooks/{slug}.ipynb)."
        ),
        _code("%load_ext rustcell"),
        _text(
            f"## {name} · {_GAP}: a title\n\n<!-- covers: -->\n{_GAP}: a story in two sentences, "
            f"the signature, two examples.\n\n`double(number: int) -> int`: `double(21)` is `42`, "
            "`double(0)` is `0`.",
            "exercise",
        ),
        _code(
            f"%%rust_module {module}\nuse pyo3::prelude::*;\n\n#[pyfunction]\n"
            "fn double(number: i64) -> i64 {\n    // BEGIN SOLUTION\n    number * 2\n"
            "    // END SOLUTION\n}",
            "answer",
        ),
        _code(
            f"%%check {name}\nimport {module}\n\n\ndef test_an_example():\n"
            f"    assert {module}.double(21) == 42\n\n\n# BEGIN HIDDEN TESTS\n"
            f"def test_below_zero():\n    assert {module}.double(-3) == -6\n\n\n"
            "# END HIDDEN TESTS",
            "check",
        ),
        *(_text(f"{_GAP}: hint {n}.", "hint") for n in (1, 2, 3)),
        _text(f"{_GAP}: why the solution is as it is.", "explanation"),
    ]


def _text(source: str, tag: str = "", cell_id: str = "") -> NotebookNode:
    cell: NotebookNode = new_markdown_cell(source, metadata={"tags": [tag]} if tag else {})
    cell.id = cell_id or tag
    return cell


def _code(source: str, tag: str = "") -> NotebookNode:
    cell: NotebookNode = new_code_cell(source, metadata={"tags": [tag]} if tag else {})
    cell.id = tag
    return cell


def _with_ids(cells: list[NotebookNode]) -> None:
    """Give the cells ids that a person can read: the tag or the kind, and a number for twins."""
    taken: set[str] = set()
    for cell in cells:
        stem = cell.id or cell.cell_type
        numbered = (f"{stem}-{n}" if n > 1 else stem for n in range(1, len(cells) + 1))
        cell.id = next(name for name in numbered if name not in taken)
        taken.add(cell.id)
