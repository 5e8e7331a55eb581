"""Receipts: `rustcell run` and `check` see by them that a Rust cell's magic really ran.

Outputs alone prove nothing: a magic that was replaced by one that does nothing leaves a green
notebook wherever a module of that name is installed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

VARIABLE = "RUSTCELL_RECEIPTS"
"""Names the file that receipts are appended to; without it there are none."""

Status = Literal["built", "cache, verified", "nothing to build", "refused"]


@dataclass
class Receipt:
    """What is to be said of one run of a Rust cell.

    Parameters
    ----------
    cell:
        The whole text of the cell, as the front end sent it.
    key:
        The key of its build, "" if it has none.
    status:
        What became of it. It stays "refused" until the magic says better.
    files:
        What the build read outside its crate (`include_str!`): sha256 by path.
    """

    cell: str
    key: str = ""
    status: Status = "refused"
    files: Mapping[str, str] = field(default_factory=dict)

    def settle(self, key: str, files: Mapping[str, str], *, built: bool) -> None:
        """Say that the cell has a build, made just now or found in the cache and verified."""
        self.key, self.files = key, files
        self.status = "built" if built else "cache, verified"

    def append(self, environ: Mapping[str, str]) -> None:
        """Append this receipt as a line of JSON to the file that `RUSTCELL_RECEIPTS` names."""
        path = environ.get(VARIABLE)
        if not path:
            return
        digest = hashlib.sha256(self.cell.encode("utf-8", "replace")).hexdigest()
        said = {"cell": digest, "key": self.key, "status": self.status, "files": dict(self.files)}
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(said)}\n")
