"""From a failed test's error to words for a person: the same in every run, without our stack."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from types import TracebackType

from rustcell.errors import plain_text

_LINES = 16
_WIDTH = 160
_MESSAGE = 400
_BLOCK = 4
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_FUNCTION = re.compile(
    r"<(?:built-in )?(?:function|method) (?:[\w.<>]*\.)?(\w+)(?: of \w+ object)?>"
)
# pytest's advice to its own users.
_ADVICE = re.compile(r"\s*(Use -v+ to get .*|\.\.\.Full output truncated.*|Full diff:)\s*")
_NOT_RAISED = re.compile(r"DID NOT RAISE (?:any of )?(?:<class '(?:builtins\.)?)?([^'>]*)(?:'>)?$")


_ADVISED = "run the cell that makes it, then this one again"


@dataclass(frozen=True)
class Failure:
    """Why a test failed: one line, and the failing statement with the first difference."""

    message: str
    difference: str = ""


def explain(error: BaseException, tests: str, source: str, *, from_answer: bool) -> Failure:
    """Explain the error that ended a test.

    Parameters
    ----------
    tests:
        The file name that the tests were compiled under.
    source:
        Their text.
    from_answer:
        Whether the answer raised it.
    """
    text = scrub(_text_of(error))
    statement = _statement(source, _last_line(error.__traceback__, tests))
    not_raised = _NOT_RAISED.match(text)
    if not_raised:
        what = not_raised[1] or "an error"
        return Failure(f"{what} was expected, but nothing was raised", _shown(statement, ""))
    if isinstance(error, AssertionError) and not from_answer:
        own, compared = _split(text.replace(", use -vv to show", ""))
        if own.startswith("Regex pattern did not match"):
            own = "the error says something else than expected"
        return Failure(_cut(own, _MESSAGE) or "not as expected", _shown(statement, compared))
    who = "the answer raised " if from_answer else ""
    if isinstance(error, ModuleNotFoundError) and not text.endswith(_ADVISED):
        text = f"{text}: {_ADVISED}"
    first = _cut(text.splitlines()[0], _MESSAGE) if text.strip() else ""
    name = type(error).__name__
    return Failure(f"{who}{name}: {first}" if first else f"{who}{name}", _shown(statement, ""))


def too_long(seconds: float) -> Failure:
    """Return why a test failed that was given up."""
    return Failure(f"it took longer than {seconds:g} s")


def scrub(text: str) -> str:
    """Take out what differs from run to run."""
    return _FUNCTION.sub(r"\1", _ADDRESS.sub("", plain_text(text)))


def title_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """Return what a test shows: its docstring's first line, or its name in words."""
    doc = ast.get_docstring(function)
    if doc:
        return doc.splitlines()[0].rstrip(".")
    return function.name.removeprefix("test").strip("_").replace("_", " ") or function.name


def _text_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 (an answer's own error class may fail to tell its text)
        return ""


def _split(text: str) -> tuple[str, str]:
    """Return the message that the test's author wrote, and what pytest found."""
    lines = text.splitlines()
    at = next((n for n, line in enumerate(lines) if line.startswith("assert ")), None)
    if at is None:
        return (lines[0] if lines else ""), "\n".join(lines[1:])
    kept = [line for line in lines[at:] if line.strip() and not _ADVICE.fullmatch(line)]
    return " ".join(line.strip() for line in lines[:at]), "\n".join(kept)


def _last_line(trace: TracebackType | None, tests: str) -> int | None:
    found = None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == tests:
            found = trace.tb_lineno
        trace = trace.tb_next
    return found


def _statement(source: str, line: int | None) -> str:
    """Return the innermost statement at a line; of a long block its head alone."""
    if line is None:
        return ""
    best: ast.stmt | None = None
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or 0):
            best = node if best is None or node.lineno >= best.lineno else best
    if best is None:
        return ""
    body = getattr(best, "body", None)
    last = best.end_lineno or best.lineno
    if body and last - best.lineno >= _BLOCK:
        last = body[0].lineno - 1
    lines = source.splitlines()[best.lineno - 1 : last]
    return "\n".join(text[best.col_offset :] for text in lines)


def _shown(statement: str, compared: str) -> str:
    lines = [f"> {line}" for line in statement.splitlines()] + compared.splitlines()
    lines = [line.rstrip() for line in lines]
    cut = [_cut(line, _WIDTH) for line in lines]
    return "\n".join(cut[:_LINES] + ["…"] * (len(cut) > _LINES))


def _cut(line: str, width: int) -> str:
    return line if len(line) <= width else f"{line[: width - 1]}…"
