"""What an error shows to a person, and what a grader compares."""

from __future__ import annotations

import pickle

import pytest

from rustcell import errors
from rustcell.errors import BuildError, OptionsError, RustcellError, plain_text


def test_all_errors_have_one_root():
    kinds = [k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, Exception)]
    assert len(kinds) > 8
    assert all(issubclass(kind, RustcellError) for kind in kinds)


def test_the_value_is_the_message_alone():
    error = BuildError("it broke", "mend it", details="at /home/ada/x.rs:1")
    assert str(error) == "it broke"


def test_what_is_shown():
    error = OptionsError("what happened", "what helps")
    assert plain_text(error.shown()) == "OptionsError: what happened\nWhat to do: what helps"
    assert "\x1b[1;31mOptionsError" in error.shown()
    assert error._render_traceback_() == error.shown().splitlines()


def test_details_stand_first():
    shown = plain_text(BuildError("m", "w", details="rustc's text\n").shown())
    assert shown == "rustc's text\n\nBuildError: m\n\nWhat to do: w"


def test_plain_has_no_colours_anywhere():
    error = BuildError("m", "w", details="\x1b[31mred\x1b[0m", plain=True)
    assert "\x1b" not in error.shown()


def test_without_a_mend_there_is_no_empty_line():
    assert plain_text(BuildError("m").shown()) == "BuildError: m"


@pytest.mark.parametrize("kind", [BuildError, OptionsError])
def test_errors_travel_between_processes(kind):
    error = pickle.loads(pickle.dumps(kind("m", "w")))
    assert (str(error), error.mend) == ("m", "w")
