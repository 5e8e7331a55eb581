"""The result of a `%%check` cell for people: HTML, and a text that says the same."""

from __future__ import annotations

import html
import os
from collections.abc import Sequence
from pathlib import Path

from rustcell.course.checking import Checked
from rustcell.course.exercise import Exercise
from rustcell.course.standing import Next
from rustcell.judge import TestResult

# Drawn in the theme's own ink; the sign and the word say what the colour says.
_MARKS = {
    True: ("✓", "passed", "var(--jp-success-color1, #2e7d32)"),
    False: ("✗", "FAILED", "var(--jp-error-color1, #d32f2f)"),
}
_NO_COURSE = (
    "There is no course here (no course.toml): these are the tests of this cell alone, and "
    "nothing is noted as solved."
)
_PRE = "margin:.2em 0 .4em 1.6em;padding:0;white-space:pre-wrap;background:none"


def points_text(points: int) -> str:
    """Return a number of points in words."""
    return "1 point" if points == 1 else f"{points} points"


def headline(name: str, checked: Checked, exercise: Exercise | None) -> str:
    """Return the one line that says what came of a check."""
    total = len(checked.results)
    failed = sum(not result.passed for result in checked.results)
    if failed:
        return f"{name}: {failed} of {total} tests {'fails' if failed == 1 else 'fail'}"
    passed = "1 test passes" if total == 1 else f"all {total} tests pass"
    if exercise is None or not checked.solved or _in_class(exercise):
        return f"{name}: {passed}"
    return f"{name} solved: {passed}, {points_text(exercise.points)}"


def notes(checked: Checked, exercise: Exercise | None) -> list[str]:
    """Return what a student must know of how the answer was judged."""
    if exercise is None:
        return [_NO_COURSE]
    said = []
    if checked.edited:
        said.append(
            "The tests in this cell are not the course's. The course's own count; empty the cell "
            "below its %%check line, and they run."
        )
    if _in_class(exercise):
        said.append("More tests run when it is graded.")
    return said


def _in_class(exercise: Exercise) -> bool:
    return not any(answer.source for answer in exercise.answers)


def link(notebook: Path) -> str:
    """Return the way from the working folder to a notebook: a link in the running one."""
    try:
        return Path(os.path.relpath(notebook)).as_posix()
    except ValueError:  # on another drive
        return notebook.as_uri()


def check_bundle(
    name: str, checked: Checked, exercise: Exercise | None, coming: Next | None
) -> dict[str, str]:
    """Return the mime bundle of a check's result.

    Parameters
    ----------
    coming:
        What to do next; shown when the exercise is solved.
    """
    rows = _without_repeats(checked.results)
    said = notes(checked, exercise)
    head = headline(name, checked, exercise)
    following = coming if checked.passed else None
    return {
        "text/plain": _text(head, rows, said, following),
        "text/html": _page(head, rows, said, following),
    }


Row = tuple[TestResult, str, str]
"""A result, why it failed and the first difference, as far as they are to be shown."""


def _without_repeats(results: Sequence[TestResult]) -> list[Row]:
    rows: list[Row] = []
    above: tuple[str, str] | None = None
    for result in results:
        difference = "" if result.hidden else result.difference
        reason = None if result.passed else (result.message, difference)
        again = reason is not None and reason == above
        above = reason
        rows.append((result, "the same" if again else result.message, "" if again else difference))
    return rows


def _name(result: TestResult) -> str:
    return f"{result.title} (hidden)" if result.hidden else result.title


def _text(head: str, rows: Sequence[Row], said: Sequence[str], coming: Next | None) -> str:
    lines = [head]
    for result, message, difference in rows:
        lines.append(f"  {_MARKS[result.passed][1]}  {_name(result)}")
        if not result.passed:
            lines += [f"          {line}" for line in (message, *difference.splitlines())]
    lines += said
    if coming:
        lines.append(f"Next: {coming.text} ({link(coming.notebook)})")
    return "\n".join(lines)


def _page(head: str, rows: Sequence[Row], said: Sequence[str], coming: Next | None) -> str:
    parts = [f"<p style='margin:.2em 0'><b>{html.escape(head)}</b></p>"]
    items = [_item(*row) for row in rows]
    parts.append(f"<ul style='list-style:none;margin:.2em 0;padding:0'>{''.join(items)}</ul>")
    parts += [f"<p style='margin:.2em 0'>{html.escape(text)}</p>" for text in said]
    if coming:
        way = html.escape(link(coming.notebook), quote=True)
        text = html.escape(coming.text)
        parts.append(f"<p style='margin:.2em 0'>Next: <a href='{way}'>{text}</a></p>")
    label = html.escape(head, quote=True)
    return f"<section aria-label='{label}' style='padding:0 .6em'>{''.join(parts)}</section>"


def _item(result: TestResult, message: str, difference: str) -> str:
    sign, word, colour = _MARKS[result.passed]
    mark = f"<span style='border-bottom:2px solid {colour}'>{sign} {word}</span>"
    shown = f"<li>{mark} {html.escape(_name(result))}"
    if not result.passed:
        shown += f"<div style='margin-left:1.6em'>{html.escape(message)}</div>"
    if difference and not result.passed:
        shown += f"<pre style='{_PRE}'>{html.escape(difference)}</pre>"
    return shown + "</li>"
