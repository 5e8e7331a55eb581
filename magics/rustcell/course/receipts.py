"""Reads the receipts of Rust cells: which of a notebook's cells really reached their magic.

The cell half writes them (`rustcell/receipts.py`): a line of JSON for each run of a cell.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from rustcell.course.notebook import code_cells, is_rust

VARIABLE = "RUSTCELL_RECEIPTS"
NO_RECEIPT = "the cell left no receipt: the magic of a Rust cell did not run"


@dataclass(frozen=True)
class Receipt:
    """One run of a Rust cell.

    Parameters
    ----------
    cell:
        The sha256 of the cell's text.
    key:
        The key of its build, "" if it has none.
    status:
        "built", "cache, verified", "nothing to build" or "refused".
    files:
        What the build read outside its crate: sha256 by path.
    """

    cell: str
    key: str
    status: str
    files: Mapping[str, str] = field(default_factory=dict)


def read_receipts(path: Path) -> list[Receipt]:
    """Return the receipts in a file; none if there is no such file."""
    if not path.exists():
        return []
    receipts = []
    for line in path.read_text(encoding="utf-8").splitlines():
        with contextlib.suppress(ValueError):  # torn by the kernel's death: that cell has none
            receipts.append(Receipt(**json.loads(line)))
    return receipts


def receipts_of(source: str, receipts: Iterable[Receipt]) -> int:
    """Return how many receipts there are for a cell of this text."""
    digest = hashlib.sha256(source.encode("utf-8", "replace")).hexdigest()
    return sum(receipt.cell == digest for receipt in receipts)


def first_unproved(notebook: NotebookNode, receipts: Iterable[Receipt]) -> int | None:
    """Return the number of the first Rust cell that was executed without a receipt, or None.

    Cells are counted from 1, code cells only. Two cells of one text need two receipts.
    """
    given = list(receipts)
    asked: Counter[str] = Counter()
    for number, cell in enumerate(code_cells(notebook), start=1):
        if is_rust(cell) and cell.execution_count is not None:
            asked[cell.source] += 1
            if receipts_of(cell.source, given) < asked[cell.source]:
                return number
    return None


def never_built(receipts: Iterable[Receipt]) -> set[str]:
    """Return the keys that came from a cache and were built in none of these receipts.

    In a run that began with an empty cache there are none: what a cell takes from the cache,
    another one has put there.
    """
    given = list(receipts)
    built = {receipt.key for receipt in given if receipt.status == "built"}
    return {receipt.key for receipt in given if receipt.key} - built
