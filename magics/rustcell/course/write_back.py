"""Stores the outputs of a run in the chapter that was run."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import nbformat
from nbval.plugin import get_sanitize_patterns

from rustcell.course import files
from rustcell.course.notebook import IGNORES_OUTPUT, is_tagged, read, stored_text
from rustcell.errors import CourseError


def sanitizer() -> Path:
    """Return the file of what strict nbval lets pass in any output."""
    return Path(str(resources.files("rustcell.course") / "sanitize.cfg"))


def write_back(executed: Path, chapter: Path) -> bool:
    """Give `chapter` the outputs of its executed copy; return whether it changed.

    A chapter is left as it is when nothing differs but what `rustcell check` lets pass: outputs
    of cells tagged `nbval-ignore-output`, and what the shared sanitizer names. So a plot's bytes
    change in the repository only together with something else.

    Raises
    ------
    CourseError
        If it cannot be written, for example on a full disk. The chapter is then as it was.
    """
    fresh = stored_text(read(executed))
    stored = chapter.read_text(encoding="utf-8")
    if _is_canonical(chapter, stored) and _compared(fresh) == _compared(stored):
        return False
    try:
        return files.write(chapter, fresh.encode("utf-8"))
    except OSError as error:
        raise CourseError(
            f"{chapter.name} could not be stored, and is as it was: {error.strerror}.",
            "Free some space, or make the file and its folder writable; then run it again.",
        ) from error


def _is_canonical(chapter: Path, stored: str) -> bool:
    return stored_text(read(chapter)) == stored


def _compared(text: str) -> str:
    """Return a notebook's text with all taken out of its outputs that may differ."""
    notebook = nbformat.reads(text, as_version=4)
    for cell in notebook.cells:
        if is_tagged(cell, IGNORES_OUTPUT):
            # A picture that is missing must come, one that differs need not.
            cell.metadata["has outputs"] = bool(cell.outputs)
            cell.outputs = []
    compared = str(nbformat.writes(notebook))
    for regex, words in get_sanitize_patterns(sanitizer().read_text(encoding="utf-8")):
        compared = re.sub(regex, words, compared)
    return compared
