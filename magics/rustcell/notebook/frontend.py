"""What a notebook's front end is told of the compiler's messages, beside their text.

It travels in the reply to the request that ran the cell: only the front end that sent the request
gets it, no notebook stores it, and one that does not know it passes over it. The JupyterLab
extension (`magics/labextension`) marks the places in the cell's editor.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rustcell.messages.diagnostics import Diagnostic, Span, Suggestion, suggestions

SOURCE = "rustcell"

_SEVERITIES = {"error": "error", "warning": "warning"}
# More than a person mends in one cell; each message is shown in full below the cell anyway.
_MOST = 100
_MOST_FIXES = 4
# Characters of a replacement that fit a button.
_SHORT = 60


def payload(messages: Iterable[Diagnostic], label: str) -> dict[str, Any]:
    """Return the compiler's messages on a cell as a payload of an execute reply.

    Parameters
    ----------
    label:
        What the compiler calls the cell, such as ``%%rust_module geometry``: other places are
        left out.

    Returns
    -------
    dict
        ``source`` and ``problems``. A problem has ``start`` and ``end``, its ``severity`` (error,
        warning or info), ``message``, ``code`` ("" if none) and ``fixes``, each with its
        ``title`` and ``edits`` (``start``, ``end``, ``text``). A place is ``[line, column]``,
        both from 1, columns in characters.
    """
    found = [problem for message in messages for problem in _problems(message, label)]
    return {"source": SOURCE, "problems": found[:_MOST]}


def _problems(message: Diagnostic, label: str) -> Iterator[dict[str, Any]]:
    for span in message.spans:
        if not span.is_of(label):
            continue
        if span.primary:
            yield {
                **_place(span),
                "severity": _SEVERITIES.get(message.level, "info"),
                "message": _words(message, span),
                "code": message.code or "",
                "fixes": list(_fixes(message, label)),
            }
        elif span.label:
            yield {
                **_place(span),
                "severity": "info",
                "message": span.label,
                "code": "",
                "fixes": [],
            }


def _place(span: Span) -> dict[str, Any]:
    return {
        "start": [span.line_start, span.column_start],
        "end": [span.line_end, span.column_end],
    }


def _words(message: Diagnostic, span: Span) -> str:
    code = f"[{message.code}]" if message.code else ""
    lines = [f"{message.level}{code}: {message.message}", span.label]
    lines += [f"{child.level}: {child.message}" for child in message.children]
    return "\n".join(line for line in lines if line)


def _fixes(message: Diagnostic, label: str) -> Iterator[dict[str, Any]]:
    """Yield the changes that rustc proposes, the sure ones first."""
    proposed = [
        choice
        for suggestion in suggestions([message])
        if all(part.is_of(label) for part in suggestion.parts)
        for choice in _choices(suggestion)
    ]
    for suggestion in sorted(proposed, key=lambda choice: not choice.certain)[:_MOST_FIXES]:
        edits = [{**_place(part), "text": part.replacement or ""} for part in suggestion.parts]
        yield {"title": _title(suggestion), "edits": edits}


def _title(suggestion: Suggestion) -> str:
    verb = "Apply" if suggestion.certain else "Try"
    texts = [(part.replacement or "").strip() for part in suggestion.parts]
    shown = f": `{texts[0]}`" if len(texts) == 1 and 0 < len(texts[0]) <= _SHORT else ""
    return f"{verb}: {suggestion.message}{shown}"


def _choices(suggestion: Suggestion) -> Sequence[Suggestion]:
    """Return the changes of which one is wanted: rustc lists them like parts of one change."""
    places = {tuple(map(tuple, _place(part).values())) for part in suggestion.parts}
    if len(suggestion.parts) == 1 or len(places) > 1:
        return [suggestion]
    return [Suggestion(suggestion.message, (part,)) for part in suggestion.parts]
