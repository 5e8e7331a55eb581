"""The table of a `%%rust_test` cell: HTML with a text twin, the same in every run."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Sequence

from rustcell.crates.options import HarnessOptions
from rustcell.programs.cell_tests import expected_to_fail
from rustcell.programs.harness import Status, TestResult

_MARKS: dict[Status, str] = {
    "passed": "✓",
    "failed": "✗",
    "died": "✗",
    "timed out": "✗",
    "ignored": "–",
    "not run": "–",
}
# Read against light and dark paper alike; the words say the same.
_INKS = {"✓": "#2e8540", "✗": "#d1372b", "–": "#8a6d00"}
_PANIC = re.compile(r"^thread '(?P<thread>.*)' panicked at (?P<place>.*:\d+):\d+:\n", re.MULTILINE)
_MESSAGE_ENDS = re.compile(r"\n\n|\n(?=stack backtrace:|note: |thread ')")


def bundle(results: Sequence[TestResult], options: HarnessOptions, label: str) -> dict[str, str]:
    """Return the mime bundle of the table; messages call the cell `label`."""
    rows = [
        (_MARKS[r.status], r.name, _outcome(r, options), short_reason(r, label)) for r in results
    ]
    head = f"{label.rpartition(' ')[2]}: {summary(results)}"
    widths = [max(len(row[column]) for row in rows) for column in (1, 2)]
    lines = [
        f"  {mark} {name:<{widths[0]}}  {outcome:<{widths[1]}}  {why}".rstrip()
        for mark, name, outcome, why in rows
    ]
    return {"text/plain": "\n".join([head, *lines]), "text/html": _page(head, rows)}


def summary(results: Sequence[TestResult]) -> str:
    """Return the counts in words: "3 passed, 1 failed"."""
    counts = Counter(result.status for result in results)
    return ", ".join(f"{counts[status]} {status}" for status in _MARKS if counts[status])


def _outcome(result: TestResult, options: HarnessOptions) -> str:
    expected = expected_to_fail(result, options) and result.status != "passed"
    return f"{result.status}, as expected" if expected else result.status


def short_reason(result: TestResult, label: str) -> str:
    """Return why a test did not pass, in one line that begins with the line of the cell."""
    if result.status in ("passed", "not run") or not result.text.strip():
        return ""
    if result.status == "ignored":
        return result.text
    panics = list(_PANIC.finditer(result.text))
    if not panics:
        lines = [line for line in result.text.splitlines() if line.strip()]
        line = lines[-1] if result.status in ("died", "timed out") else lines[0]
        return line.removeprefix("note: ").strip()
    own = next((panic for panic in panics if panic["thread"] == result.name), panics[0])
    message = _MESSAGE_ENDS.split(result.text[own.end() :].strip("\n"))[0]
    file, _, line = own["place"].rpartition(":")
    place = f"line {line}" if file == label else f"{file}, line {line}"
    return f"{place}: {'; '.join(part.strip() for part in message.splitlines())}"


def _page(head: str, rows: Sequence[tuple[str, ...]]) -> str:
    cell = "text-align:left;padding:.1em .8em .1em 0;vertical-align:top"
    lines = []
    for mark, name, outcome, why in rows:
        lines.append(
            f'<tr><td style="{cell};white-space:nowrap"><span style="color:{_INKS[mark]}">'
            f'<span aria-hidden="true">{mark}</span> {html.escape(outcome)}</span></td>'
            f'<td style="{cell}"><code>{html.escape(name)}</code></td>'
            f'<td style="{cell}">{html.escape(why)}</td></tr>'
        )
    headings = "".join(
        f'<th scope="col" style="{cell}">{text}</th>' for text in ("result", "test", "why")
    )
    return (
        f'<table style="margin:.4em 0 0"><caption style="text-align:left;caption-side:top">'
        f"<b>{html.escape(head)}</b></caption><thead><tr>{headings}</tr></thead>"
        f"<tbody>{''.join(lines)}</tbody></table>"
    )
