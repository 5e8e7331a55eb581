"""What cargo's JSON says about a cell, as values: the same text on every machine.

rustc's own words are kept; `reproducible` takes out what differs between machines.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, cast

from rustcell.errors import plain_text
from rustcell.messages.reproducible import shortened, tidy, tidy_rendering

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Level = Literal["error", "warning", "note", "help", "failure-note"]

# `--remap-path-prefix` names the cell after its magic line; a build without that
# flag says the file's own name.
_CELL_MAGIC = "%%"
_CELL_FILE = re.compile(r"(?<![/\\])src[/\\](?:lib|main)\.rs(?=:\d|$)")

_SUMMARY = re.compile(
    r"aborting due to |\d+ warnings? emitted|For more information about (this|an) error"
    r"|Some errors have detailed explanations"
)
_EXPLAINED = re.compile(r"E\d{4}")


@dataclass(frozen=True)
class Span:
    """A place in the source; lines and columns count from 1, columns in characters.

    `label` is rustc's remark on the place ("" if none). `replacement` is the text
    that a suggestion would put there, `applicability` how sure rustc is of it.
    """

    file: str
    line_start: int
    line_end: int
    column_start: int
    column_end: int
    primary: bool
    label: str
    replacement: str | None
    applicability: str | None

    @property
    def in_cell(self) -> bool:
        """Whether the place is in the cell itself and not in a crate or the library."""
        return self.file.startswith(_CELL_MAGIC) or bool(_CELL_FILE.match(self.file))

    def is_of(self, label: str) -> bool:
        """Whether the place is in the cell that rustc was told to call `label`."""
        return self.file == label or bool(_CELL_FILE.match(self.file))


@dataclass(frozen=True)
class Diagnostic:
    """One message of rustc with its notes and helps (`children`)."""

    level: Level
    code: str | None
    message: str
    spans: tuple[Span, ...]
    children: tuple[Diagnostic, ...]
    rendered: str

    def to_json(self) -> dict[str, Any]:
        """Return a plain dict that `json` can write and `from_json` reads."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Diagnostic:
        """Read what `to_json` wrote, also after a round trip through `json`."""
        return cls(
            level=data["level"],
            code=data["code"],
            message=data["message"],
            spans=tuple(Span(**span) for span in data["spans"]),
            children=tuple(cls.from_json(child) for child in data["children"]),
            rendered=data["rendered"],
        )


@dataclass(frozen=True)
class Suggestion:
    """A change that rustc proposes; its parts belong together."""

    message: str
    parts: tuple[Span, ...]

    @property
    def certain(self) -> bool:
        """Whether rustc calls each part safe to apply by a machine."""
        return all(part.applicability == "MachineApplicable" for part in self.parts)


def from_message(message: dict[str, Any]) -> Diagnostic | None:
    """Read one JSON line of cargo, or the rustc message inside it.

    Returns None for cargo's other reasons (an artifact, the end of the build) and
    for the lines with which rustc only sums up what it has said.
    """
    if "reason" in message:
        if message["reason"] != "compiler-message":
            return None
        message = message["message"]
    if _SUMMARY.match(message["message"]):
        return None
    return _diagnostic(message)


def render(diagnostics: Iterable[Diagnostic], *, plain: bool, cell_name: str) -> str:
    """Return rustc's own text, and at its end the command that explains the errors.

    Parameters
    ----------
    plain:
        Without colour codes, and in ASCII where rustc drew its frames in Unicode.
    cell_name:
        What stands for the file of the cell, such as ``%%rust_module geom``.
    """
    diagnostics = list(diagnostics)
    texts = [
        _CELL_FILE.sub(lambda _: cell_name, diagnostic.rendered.rstrip())
        for diagnostic in diagnostics
    ]
    codes = [code for code in _error_codes(diagnostics) if _EXPLAINED.fullmatch(code)]
    if codes:
        texts.append("To learn more: " + ", ".join(f"%rust_explain {code}" for code in codes))
    text = "\n\n".join(texts)
    if plain:
        text = _ascii_frames(plain_text(text))
    return text + "\n" if text else ""


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """Return one short line that stays the same from run to run.

    Errors first and alone: ``2 errors: E0308, E0599``. With no error the number of
    warnings, with nothing to tell an empty text.
    """
    diagnostics = list(diagnostics)
    errors = [diagnostic for diagnostic in diagnostics if diagnostic.level == "error"]
    if not errors:
        warnings = sum(diagnostic.level == "warning" for diagnostic in diagnostics)
        return _count(warnings, "warning") if warnings else ""
    parts = _error_codes(errors)
    without = sum(error.code is None for error in errors)
    if parts and without:
        parts.append(f"{without} without a code")
    return _count(len(errors), "error") + (": " + ", ".join(parts) if parts else "")


def suggestions(diagnostics: Iterable[Diagnostic]) -> tuple[Suggestion, ...]:
    """Return the changes to the cell that rustc proposes, in its order."""
    found: list[Suggestion] = []
    for diagnostic in diagnostics:
        parts = tuple(span for span in diagnostic.spans if span.replacement is not None)
        if parts and all(part.in_cell for part in parts):
            found.append(Suggestion(diagnostic.message, parts))
        found.extend(suggestions(diagnostic.children))
    return tuple(found)


def renamed(diagnostic: Diagnostic, file: str, label: str) -> Diagnostic:
    """Return the message with `label` for the file that rustc could not be told to call so."""
    named = re.escape(label.removesuffix(file))  # rustc may have been told after all
    place = re.compile(rf"(?<!{named})(?:(?<=\x1b\[0m)|(?<![\w/\\.])){re.escape(file)}(?=:\d)")
    return replace(
        diagnostic,
        spans=tuple(
            replace(span, file=label) if span.file == file else span for span in diagnostic.spans
        ),
        children=tuple(renamed(child, file, label) for child in diagnostic.children),
        rendered=place.sub(lambda _: label, diagnostic.rendered),
    )


def diff(source: str, diagnostics: Iterable[Diagnostic], label: str | None = None) -> str:
    """Return the changes rustc is certain of as a unified diff; "" if there are none.

    Guesses ("a similar name exists") are left to the rendered text. Of changes that
    touch the same place the first is taken.

    Parameters
    ----------
    source:
        The text that was compiled, so that its line numbers are those of the spans.
    label:
        What rustc calls this text, where there is more than one: changes of others are left out.
    """
    source = source.replace("\r\n", "\n")
    lines = source_lines(source)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    edits: list[tuple[int, int, str]] = []
    for suggestion in suggestions(diagnostics):
        new = [_edit(part, lines, starts) for part in suggestion.parts]
        here = label is None or all(part.is_of(label) for part in suggestion.parts)
        if here and suggestion.certain and not any(_overlap(a, b) for a in new for b in edits):
            edits += new
    mended = source
    for start, end, replacement in sorted(edits, reverse=True):
        mended = mended[:start] + replacement + mended[end:]
    changes = difflib.unified_diff(
        lines,
        source_lines(mended),
        label or "cell",
        f"{label or 'cell'} (mended)",
        n=1,
        lineterm="",
    )
    return "".join(line + "\n" for line in changes)


def source_lines(source: str) -> list[str]:
    """Return the lines as rustc counts them (`str.splitlines` knows more line ends)."""
    return source.replace("\r\n", "\n").removesuffix("\n").split("\n")


def _edit(span: Span, lines: Sequence[str], starts: Sequence[int]) -> tuple[int, int, str]:
    """Turn a span into offsets of the source; what lies outside is moved to its edge."""

    def offset(line: int, column: int) -> int:
        if not 1 <= line <= len(lines):
            return 0 if line < 1 else starts[-1] - 1
        return starts[line - 1] + min(max(column - 1, 0), len(lines[line - 1]))

    start = offset(span.line_start, span.column_start)
    end = max(start, offset(span.line_end, span.column_end))
    return start, end, span.replacement or ""


def _overlap(a: tuple[int, int, str], b: tuple[int, int, str]) -> bool:
    return a[:2] == b[:2] or (a[0] < b[1] and b[0] < a[1])


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _error_codes(diagnostics: Iterable[Diagnostic]) -> list[str]:
    codes = (item.code for item in diagnostics if item.level == "error" and item.code)
    return list(dict.fromkeys(codes))


def _diagnostic(message: dict[str, Any]) -> Diagnostic:
    level = message["level"]
    return Diagnostic(
        # rustc calls its own crash "error: internal compiler error".
        level=cast("Level", "error" if level.startswith("error") else level),
        code=(message["code"] or {}).get("code"),
        message=tidy(message["message"]),
        spans=tuple(_span(span) for span in message["spans"]),
        children=tuple(
            _diagnostic(child)
            for child in message["children"]
            if tidy(child["message"]) or not child["message"]
        ),
        rendered=tidy_rendering(message["rendered"] or ""),
    )


def _span(data: dict[str, Any]) -> Span:
    place = data
    # A place inside a macro of another crate is told as the macro's use in the cell.
    while place["expansion"] and shortened(place["file_name"]) != place["file_name"]:
        place = place["expansion"]["span"]
    return Span(
        file=shortened(place["file_name"]),
        line_start=place["line_start"],
        line_end=place["line_end"],
        column_start=place["column_start"],
        column_end=place["column_end"],
        primary=data["is_primary"],
        label=tidy(data["label"] or ""),
        replacement=data["suggested_replacement"],
        applicability=data["suggestion_applicability"],
    )


# What rustc's Unicode theme draws with, and what its ASCII theme has in that place.
_FRAMES = str.maketrans("│┃├┆╭┌╰└┘━─┬┴╴╶╌▸╯╮", "||||//||^^---  ->'.")


def _ascii_frames(text: str) -> str:
    if " ╭▸" not in text:
        return text
    return text.replace(" ╭▸", "-->").replace(" ⸬", ":::").translate(_FRAMES)
