"""Links and pictures lead to files, headings and attachments that are there."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from rustcell.course.lint.finding import Finding
from rustcell.course.lint.page import Page
from rustcell.course.manifest import Course
from rustcell.course.notebook import read
from rustcell.course.prose import parse
from rustcell.errors import CourseError

_MEND = "Correct the target, or bring back what it names."


def links(page: Page) -> Iterator[Finding]:
    """`link`: each target within the repository exists, with its heading; none leads out of it."""
    for cell in page.cells:
        if not cell.is_markdown:
            continue
        held = frozenset(cell.node.get("attachments", {}))
        for target, line in cell.prose.targets:
            if problem := _problem(page.course.root, page.path, target, held):
                yield page.finding("link", problem, _MEND, cell, line)


def documents(course: Course) -> Iterator[Finding]:
    """`link`: the same for README.md and the other pages of the repository."""
    for path in sorted([*course.root.glob("*.md"), *(course.root / "docs").rglob("*.md")]):
        for target, line in parse(path.read_text(encoding="utf-8")).targets:
            if problem := _problem(course.root, path, target, frozenset()):
                file = path.relative_to(course.root).as_posix()
                yield Finding(file, "link", problem, _MEND, line=line)


def _problem(root: Path, page: Path, target: str, attachments: frozenset[str]) -> str:
    """Return what is wrong with a target of `page`, "" if nothing is."""
    parts = urlsplit(target)
    if parts.scheme == "attachment":
        known = unquote(parts.path) in attachments
        return "" if known else f"{target}: the cell has no such attachment"
    if parts.scheme in ("http", "https", "mailto", "data"):
        return ""
    if parts.scheme or parts.netloc:
        return f"{target} is neither a web address nor a path from this file"
    if parts.path.startswith("/") or "\\" in target or not target:
        return f"{target or 'nothing'} is no path from this file, with forward slashes"
    path = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if not path.is_relative_to(root.resolve()):
        return f"{target} leads out of the repository"
    if not path.exists():
        return f"{target}: there is no such file"
    wanted = unquote(parts.fragment)
    if wanted and path.is_file() and wanted not in _anchors(path, path.stat().st_mtime_ns):
        return f"{target}: {path.name} has no heading #{wanted}"
    return ""


@functools.lru_cache(maxsize=256)
def _anchors(path: Path, _written: int) -> frozenset[str]:
    """Return the fragments of a notebook's or a markdown file's headings."""
    if path.suffix == ".md":
        text = path.read_text(encoding="utf-8")
        return frozenset(_github_anchor(heading.text) for heading in parse(text).headings)
    if path.suffix != ".ipynb":
        return frozenset()
    try:
        cells = read(path).cells
    except CourseError:
        return frozenset()
    found = (parse(cell.source).headings for cell in cells if cell.cell_type == "markdown")
    return frozenset(heading.anchor for headings in found for heading in headings)


def _github_anchor(text: str) -> str:
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
