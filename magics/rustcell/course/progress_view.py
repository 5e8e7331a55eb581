"""Where a student stands, for people: a text, and the same as HTML."""

from __future__ import annotations

import html
from pathlib import Path

from rustcell.course.exercise_view import link, points_text
from rustcell.course.standing import ChapterStanding, ExerciseStanding, Standing


def summary(stands: Standing) -> str:
    """Return the course in one line."""
    return (
        f"{stands.chapters_read} of {len(stands.chapters)} chapters read, "
        f"{stands.solved} of {len(stands.exercises)} exercises solved, "
        f"{stands.points} of {points_text(stands.points_in_all)}"
    )


def text(stands: Standing) -> str:
    """Return the whole table as text."""
    lines = [stands.title, summary(stands), ""]
    for chapter in stands.chapters:
        lines.append(f"  {'read' if chapter.read else '    '}  {chapter.title}")
        lines += [f"          {_exercise(exercise)}" for exercise in chapter.exercises]
    lines += ["", _next_text(stands)]
    return "\n".join(lines)


def page(stands: Standing) -> str:
    """Return the same as HTML, with links to the notebooks."""
    rows = "".join(_row(chapter) for chapter in stands.chapters)
    coming = stands.next
    if coming:
        following = f"Next: {_anchor(coming.notebook, coming.text)}"
    else:
        following = html.escape(_next_text(stands))
    bar = (
        f"<progress max='{max(stands.points_in_all, 1)}' value='{stands.points}' "
        "aria-label='points earned' style='width:16em'></progress>"
    )
    head = "".join(
        f"<th scope='col' style='text-align:left'>{name}</th>"
        for name in ("Chapter", "Read", "Exercises")
    )
    return (
        f"<section aria-label='Your progress' style='padding:0 .6em'>"
        f"<p><b>{html.escape(stands.title)}</b><br>{bar} {html.escape(summary(stands))}</p>"
        f"<table style='margin:0'><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        f"<p>{following}</p></section>"
    )


def _exercise(exercise: ExerciseStanding) -> str:
    state = "solved" if exercise.solved else "tried" if exercise.tries else "open"
    return f"{exercise.id}  {state}, {points_text(exercise.points)}"


def _next_text(stands: Standing) -> str:
    coming = stands.next
    if coming:
        return f"Next: {coming.text} ({link(coming.notebook)})"
    return "All chapters are read and all exercises solved."


def _row(chapter: ChapterStanding) -> str:
    exercises = [
        _anchor(chapter.exercise_notebook, exercise.id)
        + html.escape(_exercise(exercise).removeprefix(exercise.id))
        for exercise in chapter.exercises
    ]
    cells = [
        _anchor(chapter.notebook, chapter.title),
        "✓ read" if chapter.read else "not yet",
        "<br>".join(exercises) or "none",
    ]
    return "<tr>" + "".join(f"<td style='text-align:left'>{cell}</td>" for cell in cells) + "</tr>"


def _anchor(notebook: Path, text: str) -> str:
    return f"<a href='{html.escape(link(notebook), quote=True)}'>{html.escape(text)}</a>"
