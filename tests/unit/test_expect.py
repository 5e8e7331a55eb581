"""Lessons that must fail or warn: expectations against messages."""

from __future__ import annotations

import pytest

from rustcell.crates.options import ANY
from rustcell.messages.diagnostics import Diagnostic
from rustcell.messages.expect import judge, meets, names, wanted


def message(code=None, text="words", level="error"):
    rendered = f"\x1b[1m{level}\x1b[0m: {text}"
    return Diagnostic(level, code, text, (), (), rendered)


MOVED = message("E0382", "borrow of moved value: `a`")
MACRO = message(None, "#[pyclass] cannot be `!Send`")


@pytest.mark.parametrize("expectation", [ANY, "E0382", "moved value", "error: borrow"])
def test_a_message_meets_its_code_and_its_text(expectation):
    assert meets(MOVED, expectation)


@pytest.mark.parametrize("expectation", ["E038", "E0383", "Moved", "[1m"])
def test_and_nothing_else(expectation):
    assert not meets(MOVED, expectation)


def test_all_expected():
    verdict = judge(["E0382", "pyclass"], [MACRO, MOVED])
    assert (verdict.missing, verdict.surplus) == ((), ())


def test_missing_and_surplus():
    verdict = judge(["E0499"], [MOVED])
    assert verdict.missing == ("E0499",)
    assert verdict.surplus == (MOVED,)


def test_any_error_needs_one():
    assert judge([ANY], []).missing == (ANY,)
    assert judge([ANY], [MOVED, MACRO]).surplus == ()


def test_in_words():
    assert names([MOVED, MACRO, MOVED]) == 'E0382, "#[pyclass] cannot be `!Send`"'
    assert names([]) == "none"
    assert wanted([ANY], "warning") == "any warning"
    assert wanted(["E0382", "not found"], "error") == 'E0382, "not found"'
