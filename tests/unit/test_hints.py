"""The hints without a compiler: which rule wins, how many, on which text."""

from __future__ import annotations

import re

import pytest

from rustcell.messages.diagnostics import Diagnostic, Level, Span
from rustcell.messages.hint_rules import MISTAKES
from rustcell.messages.hints import hints, runtime_hint
from rustcell.messages.old_names import OLD_NAMES


def error(
    message: str, *, level: Level = "error", label: str = "", line: int = 1, note: str = ""
) -> Diagnostic:
    span = Span("%%rust_module geom", line, line, 1, 2, True, label, None, None)
    child = Diagnostic("note", None, note, (), (), "")
    return Diagnostic(level, None, message, (span,), (child,), message)


def missing(name: str, of: str = "struct `Python<'py>`") -> Diagnostic:
    return error(f"no method named `{name}` found for {of} in the current scope")


def test_no_diagnostics_no_hints() -> None:
    assert hints([], "") == []


def test_errors_come_before_warnings_and_keep_their_order() -> None:
    found = hints(
        [
            error("use of deprecated method `a::B::<T>::as_slice`: unsound", level="warning"),
            missing("allow_threads"),
            missing("with_gil"),
        ],
        "",
    )
    assert ["detach" in found[0], "attach" in found[1], "to_vec" in found[2]] == [True] * 3


def test_the_same_hint_is_given_once_and_at_most_three_in_all() -> None:
    names = ["with_gil", "with_gil", "allow_threads", "eval_bound", "import_bound"]
    found = hints([missing(name) for name in names], "")
    assert len(found) == len(set(found)) == 3


def test_one_import_of_several_old_names_gives_a_hint_for_each() -> None:
    found = hints([error("unresolved imports `pyo3::PyCell`, `pyo3::AsPyPointer`")], "")
    assert len(found) == 2


def test_a_name_of_another_library_is_left_alone() -> None:
    assert hints([missing("downcast", "reference `&Box<dyn std::any::Any>`")], "") == []
    assert hints([missing("release", "struct `Lock`")], "") == []
    assert hints([error("cannot find attribute `args` in this scope")], "#[derive(args)]") == []


def test_the_source_tells_a_class_from_a_plain_struct() -> None:
    argument = error("`Point` cannot be used as a Python function argument")
    (plain,) = hints([argument], "struct Point;")
    attributes = "#[pyclass]\n/// A point.\n#[derive(Clone)]\npub struct Point {}"
    (of_class,) = hints([argument], attributes)
    (other,) = hints([argument], "#[pyclass]\nstruct Line {}\nstruct Point;")
    assert "from_py_object" in of_class
    assert plain == other != of_class


def test_the_line_is_the_one_of_the_primary_span() -> None:
    options = error("expected one of: `crate`, `dict`, `eq`", line=2)
    assert hints([options], "//\n#[pyclass(gc)]\nstruct P;")
    assert hints([options], "#[pyclass(gc)]\n#[pyclass(gx)]\nstruct P;") == []
    assert hints([error("expected one of: `crate`, `dict`", line=99)], "x") == []


def test_rules_are_well_formed() -> None:
    for rule in (*OLD_NAMES, *MISTAKES):
        patterns = [rule.message, rule.detail, rule.line]
        groups = {name for pattern in patterns for name in re.compile(pattern).groupindex}
        words = set(re.findall(r"\$\{?([a-z]+)", rule.hint + rule.source))
        assert words <= groups, rule.hint
        assert any(patterns), rule.hint
        assert rule.hint.count("\n") <= 1
        assert max(map(len, rule.hint.split("\n"))) <= 100
        assert rule.hint.isascii()


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("RuntimeError", "something else"),
        ("RuntimeError", "Already borrowed a book"),
        ("OverflowError", "math range error"),
        ("ImportError", "cannot import name 'x'"),
        ("TypeError", "f() missing 1 required positional argument: 'a'"),
        ("ValueError", "Already borrowed"),
    ],
)
def test_other_exceptions_have_no_runtime_hint(kind: str, message: str) -> None:
    assert runtime_hint(kind, message) is None


def test_runtime_hint_names_the_module() -> None:
    message = "dynamic module does not define module export function (PyInit_geom)"
    assert '#[pymodule(name = "geom")]' in (runtime_hint("ImportError", message) or "")
