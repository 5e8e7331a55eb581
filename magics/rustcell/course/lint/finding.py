"""What a rule found."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Finding:
    """One breach of one rule.

    Parameters
    ----------
    file:
        The file, from the course's folder, with forward slashes.
    rule:
        The rule's name: `docs/lint.md` lists them.
    message:
        What is wrong.
    mend:
        The edit or command that mends it.
    cell:
        The cell's number, from 1, counting all cells.
    cell_id:
        The cell's id.
    line:
        The line within the cell (within the file, for a file without cells), from 1.
    """

    file: str
    rule: str
    message: str
    mend: str
    cell: int | None = None
    cell_id: str | None = None
    line: int | None = None

    @property
    def place(self) -> str:
        """The file, cell and line, for a person."""
        words = [self.file]
        if self.cell is not None:
            words.append(f"cell {self.cell} ({self.cell_id})")
        if self.line is not None:
            words.append(f"line {self.line}")
        return ", ".join(words)

    def to_json(self) -> dict[str, object]:
        """Return the fields as JSON values."""
        return asdict(self)
