"""Builds sources of exercises in code, right ones and wrong ones."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

MANIFEST = """\
title = "A course"
[[part]]
name = "A"
title = "One part"
chapters = ["01_words"]
[chapter.01_words]
minutes = 5
exercises = {{ {exercises} }}
"""

ANSWER = """\
%%answer ex_01_1
def shout(text: str) -> str:
    # BEGIN SOLUTION
    return text.upper()
    # END SOLUTION
"""

CHECK = """\
%%check ex_01_1
from ex_01_1 import shout


def test_a_word():
    assert shout("word") == "WORD"


# BEGIN HIDDEN TESTS
def test_no_word():
    assert shout("") == ""
# END HIDDEN TESTS
"""

WRONG = {
    "capitalizes": """\
# Misconception: upper() and capitalize() are the same.
# Rejected by: test_a_word
return text.capitalize()
""",
    "adds_a_mark": """\
# Misconception: shouting means an exclamation mark.
# It is there even for nothing.
# Rejected by: test_a_word, test_no_word
return text.upper() + "!"
""",
}


def code(name: str, source: str, *tags: str) -> NotebookNode:
    """A code cell with an id and tags."""
    return new_code_cell(source, id=name, metadata={"tags": list(tags)} if tags else {})


def prose(name: str, source: str, *tags: str) -> NotebookNode:
    """A markdown cell with an id and tags."""
    return new_markdown_cell(source, id=name, metadata={"tags": list(tags)} if tags else {})


def exercise(number: int = 1) -> list[NotebookNode]:
    """The cells of a whole exercise."""
    name = f"ex_01_{number}"
    return [
        prose(f"story-{number}", f"## {name} · Shout\n\nWrite `shout`.", "exercise"),
        code(f"given-{number}", "MARK = '!'"),
        code(f"answer-{number}", ANSWER.replace("ex_01_1", name), "answer"),
        code(f"check-{number}", CHECK.replace("ex_01_1", name), "check"),
        *(prose(f"hint-{number}-{n}", f"hint number {n}", "hint") for n in (1, 2, 3)),
        prose(f"why-{number}", "the explanation", "explanation"),
    ]


def notebook(*cells: NotebookNode) -> NotebookNode:
    """The source of a chapter's exercises."""
    head = [
        prose("head", "# Words\n\n[chapter](../../notebooks/01_words.ipynb)"),
        code("load", "%load_ext rustcell"),
    ]
    return new_notebook(cells=[*head, *cells])


def write_course(root: Path, *cells: NotebookNode, exercises: str = "ex_01_1 = 2") -> Path:
    """Write a course with these cells as its one source; return the source's path."""
    (root / "course.toml").write_text(MANIFEST.format(exercises=exercises), encoding="utf-8")
    path = root / "exercises" / "solutions" / "01_words.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook(*(cells or exercise())), path)
    for slug, text in WRONG.items():
        wrong = path.parent / "wrong" / "ex_01_1" / f"{slug}.py"
        wrong.parent.mkdir(parents=True, exist_ok=True)
        wrong.write_text(text, encoding="utf-8")
    return path
