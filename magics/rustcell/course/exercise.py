"""An exercise as a value: what it asks, its cells, its tests and its help."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from rustcell.course import regions
from rustcell.course.regions import Language


@dataclass(frozen=True)
class Answer:
    """A cell that the student completes.

    Parameters
    ----------
    cell_id:
        The id of the notebook's cell, the same in source and released notebook.
    magic:
        Its magic without the percent signs: `rust_module`, `rust_file`, `answer`, …
    arguments:
        What follows the magic on its line.
    language:
        What the cell is written in.
    starter:
        The whole cell as released.
    source:
        The whole cell with its marked regions; empty in the class edition.
    broken_starter:
        Whether the starter does not build, on purpose.
    """

    cell_id: str
    magic: str
    arguments: str
    language: Language
    starter: str
    source: str = ""
    broken_starter: bool = False

    @property
    def solution(self) -> str:
        """The whole cell as the author solves it, without markers; "" in the class edition."""
        return regions.solved(self.source)

    @property
    def is_built(self) -> bool:
        """Whether a Rust magic takes it, so that a kernel must build it."""
        return self.magic != "answer"


@dataclass(frozen=True)
class Exercise:
    """One exercise. The class edition has neither solution, explanation nor hidden tests.

    Parameters
    ----------
    id:
        `ex_NN_K`.
    chapter:
        The name of its notebook without the suffix, which is its chapter's too.
    title, story:
        From its first cell; both markdown.
    answers:
        The cells to complete, in order.
    code:
        Id and released text of all code cells before the check, in order: the answers' starters
        and the cells that are given.
    visible, hidden:
        Python text with the tests; the hidden ones may use what the visible text imports.
    hints:
        Markdown, from gentle to nearly there.
    explanation:
        Markdown: why the solution is as it is.
    points:
        What it is worth, from `course.toml`.
    check_id:
        The id of its check cell.
    """

    id: str
    chapter: str
    title: str
    story: str
    answers: tuple[Answer, ...]
    code: tuple[tuple[str, str], ...]
    visible: str
    hidden: str
    hints: tuple[str, ...]
    explanation: str
    points: int
    check_id: str

    @property
    def python_answer(self) -> Answer | None:
        """The answer that begins with `%%answer`, if there is one."""
        return next((answer for answer in self.answers if not answer.is_built), None)

    def code_with(self, answers: Mapping[str, str]) -> list[str]:
        """Return the code cells before the check with these texts for cells, by their id."""
        return [answers.get(cell_id, text) for cell_id, text in self.code]

    def test_names(self) -> tuple[list[str], list[str]]:
        """Return the names of the visible tests and of the hidden ones, in order."""
        return tests_in(self.visible), tests_in(self.hidden)


def tests_in(text: str) -> list[str]:
    """Return the names of the test functions in a Python text, in order."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        node.name
        for node in ast.parse(text).body
        if isinstance(node, functions) and node.name.startswith("test")
    ]
