"""The lines of `%%rust_main` and `%%rust_test`; test_options.py has what all lines share."""

from __future__ import annotations

import pytest

from rustcell.errors import OptionsError
from rustcell.magics.line import PROGRAM, TEST, parse_program, parse_test, parser_of

MAIN = parser_of("rust_main", PROGRAM)
TESTS = parser_of("rust_test", TEST)


def refused(parse, parser, line):
    with pytest.raises(OptionsError) as caught:
        parse(parser, line)
    assert caught.value.mend
    return caught.value


def test_a_programs_defaults():
    options = parse_program(MAIN, "hello")
    assert (options.name, options.arguments, options.timeout) == ("hello", (), 60)
    assert options.expected_exit is None


def test_what_stands_behind_two_dashes_is_the_programs():
    line = "hello --release -- --release -v 'two words' -- x"
    options = parse_program(MAIN, line)
    assert options.profile == "release"
    assert options.verbosity == 0
    assert options.arguments == ("--release", "-v", "two words", "--", "x")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("0", 0), ("101", 101), ("SIGSEGV", "SIGSEGV"), ("abrt", "SIGABRT"), ("sigkill", "SIGKILL")],
)
def test_an_expected_end_is_a_number_or_a_signal(text, expected):
    assert parse_program(MAIN, f"hello --expect-exit {text}").expected_exit == expected


@pytest.mark.parametrize("text", ["-1", "1.5", "²", "SIGNOT"])
def test_no_such_end(text):
    assert repr(text) in refused(parse_program, MAIN, f"hello --expect-exit={text}").message


@pytest.mark.parametrize("text", ["0", "-3", "soon", "1e3", "inf", "nan"])
def test_no_such_time(text):
    assert repr(text) in refused(parse_program, MAIN, f"hello --timeout={text}").message


@pytest.mark.parametrize(("text", "seconds"), [("5", 5), ("0.5", 0.5), (".5", 0.5), ("90.", 90)])
def test_times(text, seconds):
    assert parse_test(TESTS, f"--timeout {text}").timeout == seconds


def test_a_program_needs_a_name():
    assert "no name" in refused(parse_program, MAIN, "--release").message
    assert "%%rust_main a_b" in refused(parse_program, MAIN, "a-b").mend


def test_tests_need_no_name():
    assert parse_test(TESTS, "").name == "cell"
    assert parse_test(TESTS, "shapes --expect-fail a --expect-fail b").expected_failures == (
        "a",
        "b",
    )
    assert "%%rust_test a_b" in refused(parse_test, TESTS, "a-b").mend


@pytest.mark.parametrize(
    ("parse", "parser", "line", "magic"),
    [
        (parse_program, MAIN, "hello --star", "%%rust_main?"),
        (parse_test, TESTS, "--expect-exit 3", "%%rust_test?"),
    ],
)
def test_an_option_of_another_magic_is_unknown(parse, parser, line, magic):
    assert magic in refused(parse, parser, line).mend


@pytest.mark.parametrize("profile", ["test", "bench"])
def test_only_tests_are_built_in_the_profiles_of_tests(profile):
    assert parse_test(TESTS, f"--profile {profile}").profile == profile
    error = refused(parse_program, MAIN, f"hello --profile {profile}")
    assert error.message == f"--profile {profile} builds tests, and %%rust_main builds none"
