"""Notebooks as files: reading them, their cells, and the one form they are stored in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from rustcell.course import files
from rustcell.errors import CourseError

RAISES = "raises-exception"
IGNORES_OUTPUT = "nbval-ignore-output"

_FORMAT = (4, 5)

# Everything else in the metadata says when, where or with which front end a notebook was last
# run. It changes with every run and teaches nothing.
_NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
_CELL_METADATA = ("deletable", "editable", "jupyter", "nbgrader", "tags")


def read(path: Path) -> NotebookNode:
    """Read a notebook of the current format, whose cells have ids of their own.

    Raises
    ------
    CourseError
        Naming the cell, if the file is no such notebook.
    """
    try:
        text = path.read_text(encoding="utf-8")
        _refuse_other_format(json.loads(text), path)
        notebook: NotebookNode = nbformat.reads(text, as_version=4)
        nbformat.validate(notebook)
        return notebook
    except (OSError, ValueError, nbformat.ValidationError) as error:
        reason = getattr(error, "strerror", None) or (str(error).splitlines() or ["empty"])[0]
        raise CourseError(
            f"{path.name} cannot be read as a notebook: {reason}",
            "Restore the file, or open it in JupyterLab and save it again.",
        ) from error


def _refuse_other_format(data: Any, path: Path) -> None:
    """Refuse what nbformat would bring into form silently, with new ids at each reading."""
    if not isinstance(data, dict) or not isinstance(data.get("nbformat"), int):
        raise ValueError("it is JSON, and no notebook")  # noqa: TRY004 - `read` tells it
    version = (data["nbformat"], data.get("nbformat_minor", 0))
    if version[0] != _FORMAT[0]:
        raise _outdated(path, f"has nbformat {version[0]}, and the course's is 4.5")
    seen: dict[str, int] = {}
    for number, cell in enumerate(data.get("cells", ()), start=1):
        if not isinstance(cell, dict):
            raise ValueError(f"its cell {number} is none")  # noqa: TRY004 - `read` tells it
        cell_id = cell.get("id")
        if cell_id is None:
            raise _outdated(path, f"has no id for its cell {number}")
        if cell_id in seen:
            raise _outdated(
                path, f"has the id {cell_id!r} for both cells {seen[cell_id]} and {number}"
            )
        seen[cell_id] = number
    if version < _FORMAT:
        raise _outdated(path, f"has nbformat {version[0]}.{version[1]}, and the course's is 4.5")


def _outdated(path: Path, problem: str) -> CourseError:
    upgrade = "nbformat.write(nbformat.v4.upgrade(nbformat.read(p, 4)), p)"
    return CourseError(
        f"{path.name} {problem}.",
        f"Bring it up to date: python -c \"import nbformat; p = '{path.name}'; {upgrade}\"",
    )


def title(notebook: NotebookNode) -> str:
    """Return the text of the first top heading, "" if there is none."""
    texts = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    found = (re.search(r"^# +(.+?) *#*$", text, re.MULTILINE) for text in texts)
    return next((match[1].strip() for match in found if match), "")


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the code cells as they are counted: without papermill's injected one."""
    return [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code" and not is_tagged(cell, "injected-parameters")
    ]


def is_tagged(cell: NotebookNode, tag: str) -> bool:
    """Tell whether a cell carries `tag`."""
    return tag in cell.metadata.get("tags", [])


def canonical(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook in the form it is stored in: nothing differs from run to run.

    Ids, sources, attachments and outputs stay. Metadata are cut to the few that teach or grade,
    the cells that ran count from 1, and printed text stands in one piece a stream.
    """
    stored: NotebookNode = nbformat.from_dict(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": _NOTEBOOK_METADATA,
            "cells": [],
        }
    )
    count = 0
    for position, source in enumerate(notebook.cells):
        cell = nbformat.from_dict(source)
        cell.setdefault("id", f"cell-{position}")
        cell.metadata = nbformat.from_dict(
            {
                key: cell.metadata[key]
                for key in _CELL_METADATA
                # `false` says something (not editable), an empty list of tags does not.
                if cell.metadata.get(key) not in (None, [], {})
            }
        )
        if cell.cell_type == "code":
            if cell.execution_count is not None:
                count += 1
                cell.execution_count = count
            cell.outputs = _joined_streams(cell.outputs)
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = cell.execution_count
        stored.cells.append(cell)
    nbformat.validate(stored)
    return stored


def _joined_streams(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Join what was printed between two other outputs to one stdout and one stderr.

    A kernel sends printed text in pieces cut by the clock, and the two streams independently of
    each other: only the order within a stream is the same in every run.
    """
    joined: list[NotebookNode] = []
    streams: dict[str, NotebookNode] = {}

    def close_stretch() -> None:
        joined.extend(streams[name] for name in sorted(streams, reverse=True))
        streams.clear()

    for output in outputs:
        if output.output_type != "stream":
            close_stretch()
            joined.append(output)
        elif output.name in streams:
            streams[output.name].text += output.text
        else:
            streams[output.name] = output
    close_stretch()
    return joined


def stored_text(notebook: NotebookNode) -> str:
    """Return the text of the file that `notebook` is stored in."""
    return str(nbformat.writes(canonical(notebook))).rstrip("\n") + "\n"


def save(notebook: NotebookNode, path: Path) -> bool:
    """Write the canonical form of `notebook` to `path`; return whether the file changed."""
    return files.write(path, stored_text(notebook).encode("utf-8"))


def cells_of(path: Path) -> int:
    """Return how many code cells a notebook has, 0 if it cannot be read."""
    try:
        return len(code_cells(read(path)))
    except CourseError:
        return 0


def cell_magics(source: str) -> Iterator[tuple[str, str]]:
    """Give name and rest of the line of each cell magic that a cell begins with.

    Other cell magics (`%%time`) and blank lines may stand above it.
    """
    for line in source.splitlines():
        name, _, rest = line.strip().partition(" ")
        if name.startswith("%%"):
            yield name.removeprefix("%%"), rest
        elif name:
            return


def is_rust(cell: NotebookNode) -> bool:
    """Tell whether a cell is run by one of the `%%rust_…` magics."""
    names = (name for name, _ in cell_magics(cell.source))
    return cell.cell_type == "code" and any(name.startswith("rust_") for name in names)


def rust_cells(path: Path) -> Iterator[tuple[str, str, str]]:
    """Give each Rust cell of a notebook: its magic's name, the rest of that line, the body."""
    for cell in filter(is_rust, read(path).cells):
        for name, rest in cell_magics(cell.source):
            if name.startswith("rust_"):
                yield name, rest, cell.source.partition(f"%%{name}")[2].partition("\n")[2]
