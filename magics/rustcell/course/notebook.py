"""Notebooks as files: where the chapters lie, and the one form they are stored in."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from rustcell.errors import CourseError

CHAPTER_PATTERN = "[0-9A]*.ipynb"
RAISES = "raises-exception"

# Everything else in the metadata says when, where or with which front end a notebook was last
# run. It changes with every run and teaches nothing.
_NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
_CELL_METADATA = ("deletable", "editable", "jupyter", "nbgrader", "tags")


def find_chapters(wanted: tuple[str, ...], start: Path) -> list[Path]:
    """Return the chapters that `wanted` names, or all of them, in name order.

    Parameters
    ----------
    wanted:
        Each a path of a notebook or folder, or the beginning of a chapter's name (`02`).
    start:
        The folder to look from: its `notebooks/`, or the nearest parent's.

    Raises
    ------
    CourseError
        If a name fits no chapter or several, or there are no chapters at all.
    """
    if not wanted:
        return _in_folder(_chapter_folder(start))
    found: list[Path] = []
    for name in wanted:
        path = start / name
        if path.is_dir():
            found += _in_folder(path)
        elif path.is_file():
            found.append(path)
        else:
            found.append(_by_name(name, start))
    return sorted(dict.fromkeys(path.resolve() for path in found), key=lambda path: path.name)


def _chapter_folder(start: Path) -> Path:
    for folder in (start, *start.parents):
        if folder.name == "notebooks" and any(folder.glob(CHAPTER_PATTERN)):
            return folder
        if any((folder / "notebooks").glob(CHAPTER_PATTERN)):
            return folder / "notebooks"
    raise CourseError(
        f"There is no folder notebooks/ with chapters in {start} or above it.",
        "Change to the course's folder, or name the notebooks: rustcell run PATH.",
    )


def _in_folder(folder: Path) -> list[Path]:
    found = sorted(folder.glob(CHAPTER_PATTERN), key=lambda path: path.name)
    if not found:
        raise CourseError(
            f"{folder} holds no chapter.",
            "A chapter's file name begins with its number: 02_x.ipynb.",
        )
    return [path.resolve() for path in found]


def _by_name(name: str, start: Path) -> Path:
    chapters = _in_folder(_chapter_folder(start))
    exact = [path for path in chapters if name in (path.stem, path.name)]
    fitting = exact or [path for path in chapters if path.name.startswith(name)]
    if len(fitting) == 1:
        return fitting[0]
    problem = f"{name!r} names several chapters" if fitting else f"There is no chapter {name!r}"
    among = ", ".join(path.stem for path in fitting or chapters)
    raise CourseError(f"{problem}: {among}.", "Give a chapter's number, name or path.")


def read(path: Path) -> NotebookNode:
    """Read a notebook.

    Raises
    ------
    CourseError
        If the file is no notebook.
    """
    try:
        with path.open(encoding="utf-8") as file:
            notebook: NotebookNode = nbformat.read(file, as_version=4)
            return notebook
    except (OSError, ValueError, nbformat.ValidationError, AttributeError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise CourseError(
            f"{path.name} cannot be read as a notebook: {reason}",
            "Restore the file, or open it in JupyterLab and save it again.",
        ) from error


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
            {key: cell.metadata[key] for key in _CELL_METADATA if cell.metadata.get(key)}
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


def save(notebook: NotebookNode, path: Path) -> bool:
    """Write the canonical form of `notebook` to `path`; return whether the file changed."""
    text = nbformat.writes(canonical(notebook)).rstrip("\n") + "\n"
    data = text.encode("utf-8")
    if path.exists() and path.read_bytes() == data:
        return False
    # A crash midway must not cost a chapter: write beside it, then replace it in one step.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return True


def magic_lines(path: Path, magic: str) -> list[str]:
    """Return what follows `%%magic` on its line, for each code cell that has it.

    Other cell magics (`%%time`) and blank lines may stand above it.
    """
    found = []
    for cell in read(path).cells:
        if cell.cell_type != "code":
            continue
        for line in cell.source.splitlines():
            name, _, rest = line.strip().partition(" ")
            if name == f"%%{magic}":
                found.append(rest)
            if name and not name.startswith("%%"):
                break
    return found
