"""What a front end is told of the compiler's messages."""

from __future__ import annotations

import json
from typing import Any

from rustcell.messages.diagnostics import Diagnostic, Span
from rustcell.notebook import frontend

LABEL = "%%rust_module geometry"


def span(**changes: Any) -> Span:
    values: dict[str, Any] = {
        "file": LABEL,
        "line_start": 3,
        "line_end": 3,
        "column_start": 5,
        "column_end": 9,
        "primary": True,
        "label": "",
        "replacement": None,
        "applicability": None,
    }
    return Span(**{**values, **changes})


def diagnostic(*spans: Span, **changes: Any) -> Diagnostic:
    values: dict[str, Any] = {
        "level": "error",
        "code": "E0308",
        "message": "mismatched types",
        "spans": spans,
        "children": (),
        "rendered": "",
    }
    return Diagnostic(**{**values, **changes})


def problems(*messages: Diagnostic) -> list[dict[str, Any]]:
    told = frontend.payload(messages, LABEL)
    assert told["source"] == "rustcell"
    json.dumps(told)
    return list(told["problems"])


def test_a_problem_has_a_place_words_and_a_code():
    (problem,) = problems(diagnostic(span(label="expected `i64`, found `bool`")))
    assert problem == {
        "start": [3, 5],
        "end": [3, 9],
        "severity": "error",
        "message": "error[E0308]: mismatched types\nexpected `i64`, found `bool`",
        "code": "E0308",
        "fixes": [],
    }


def test_a_warning_is_one_and_notes_are_told_with_it():
    note = diagnostic(level="note", code=None, message="it is on by default")
    (problem,) = problems(
        diagnostic(span(), level="warning", code="unused", message="unused", children=(note,))
    )
    assert problem["severity"] == "warning"
    assert problem["message"] == "warning[unused]: unused\nnote: it is on by default"


def test_a_second_place_is_told_when_it_has_a_remark():
    second = span(primary=False, label="first borrow here", line_start=2, line_end=2)
    found = problems(diagnostic(span(), second, span(primary=False, line_start=1)))
    assert [problem["severity"] for problem in found] == ["error", "info"]
    assert (found[1]["start"], found[1]["message"]) == ([2, 5], "first borrow here")


def test_places_in_other_files_and_cells_are_left_out():
    elsewhere = ("%%rust_module other", "pyo3-0.30.1/src/lib.rs")
    assert problems(*(diagnostic(span(file=file)) for file in elsewhere)) == []


def test_a_sure_change_comes_first_and_all_its_parts():
    def proposal(message: str, applicability: str, *lines: int) -> Diagnostic:
        parts = (
            span(line_start=n, line_end=n, replacement=f"text {n}", applicability=applicability)
            for n in lines
        )
        return diagnostic(*parts, level="help", code=None, message=message)

    guess = proposal("a similar name exists", "MaybeIncorrect", 3)
    sure = proposal("make it mutable", "MachineApplicable", 2, 3)
    (problem,) = problems(diagnostic(span(), children=(guess, sure)))
    first, second = problem["fixes"]
    assert (first["title"], len(first["edits"])) == ("Apply: make it mutable", 2)
    assert second == {
        "title": "Try: a similar name exists: `text 3`",
        "edits": [{"start": [3, 5], "end": [3, 9], "text": "text 3"}],
    }


def test_choices_for_one_place_are_one_change_each():
    parts = (
        span(replacement=f"use {name};\n", applicability="MaybeIncorrect") for name in ("a", "b")
    )
    choice = diagnostic(*parts, level="help", code=None, message="import one of these")
    (problem,) = problems(diagnostic(span(), children=(choice,)))
    assert [fix["title"] for fix in problem["fixes"]] == [
        "Try: import one of these: `use a;`",
        "Try: import one of these: `use b;`",
    ]


def test_a_change_of_another_file_is_not_offered():
    part = span(file="%%rust_module other", replacement="x", applicability="MachineApplicable")
    child = diagnostic(part, level="help", code=None, message="change it there")
    (problem,) = problems(diagnostic(span(), children=(child,)))
    assert problem["fixes"] == []


def test_a_flood_is_cut():
    assert len(problems(*[diagnostic(span())] * 1000)) == 100
