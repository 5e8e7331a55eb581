"""What a judge gets to judge."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """The tests and the answer, as `rustcell.judge.examine` takes them.

    Parameters
    ----------
    folders, answers:
        The answer: folders of built modules, and kept Python sources by ID.
    source:
        The text of all tests.
    wanted:
        The names of those to run now.
    timeout:
        Seconds that one may take.
    """

    folders: list[str]
    answers: dict[str, str]
    source: str
    wanted: list[str]
    timeout: float
