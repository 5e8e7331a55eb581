"""What `rustcell start` and `update` have written into a student's copy: a small file in it."""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import nbformat

from rustcell.course import files
from rustcell.errors import CourseError

RECORD = ".rustcell.json"
_FORMAT = 1


@dataclass(frozen=True)
class Record:
    """What was written: for each file the digest of the version that was given or offered."""

    rustcell: str
    with_outputs: bool
    guided: bool = False
    files: dict[str, str] = field(default_factory=dict)
    format: int = _FORMAT

    def save(self, folder: Path) -> None:
        """Write the record into the copy."""
        files.write(folder / RECORD, (json.dumps(asdict(self), indent=1) + "\n").encode("utf-8"))


def read_record(target: Path) -> Record:
    """Read the record of a copy.

    Raises
    ------
    CourseError
        If it is of a newer rustcell, or damaged.
    """
    path = target / RECORD
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        if stored["format"] > _FORMAT:
            raise CourseError(
                f"{target} was made by a newer rustcell, {stored['rustcell']}.",
                "Update rustcell first: pip install --upgrade rustcell",
            )
        return Record(
            stored["rustcell"],
            with_outputs=bool(stored["with_outputs"]),
            guided=bool(stored["guided"]),
            files={str(name): str(digest) for name, digest in stored["files"].items()},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CourseError(
            f"{path} cannot be read: {error!r}.",
            f"Move it away and begin a new copy beside this one: rustcell start {target}-2",
        ) from error


def digest_of(name: str, content: bytes) -> str:
    """Return what tells versions apart: of a notebook its cells, whether they have run or not."""
    if name.endswith(".ipynb"):
        # One that is damaged is compared as bytes.
        with contextlib.suppress(ValueError, AttributeError, KeyError, TypeError):
            cells = nbformat.reads(content.decode("utf-8"), as_version=4).cells
            told = [(c.cell_type, c.source, c.get("attachments", {})) for c in cells]
            content = json.dumps(told, sort_keys=True).encode("utf-8")
    return hashlib.sha256(content).hexdigest()
