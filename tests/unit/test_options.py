"""The magic line: what each option means, and what is refused with which mend."""

from __future__ import annotations

import pytest

from rustcell.crates.options import ANY, ModuleOptions, check_name
from rustcell.errors import OptionsError
from rustcell.magics.line import MODULE, parse_module, parser_of

PARSER = parser_of("rust_module", MODULE)


def parsed(line: str) -> ModuleOptions:
    return parse_module(PARSER, line)


def refused(line: str) -> OptionsError:
    with pytest.raises(OptionsError) as caught:
        parsed(line)
    assert caught.value.mend, "an error without a mend"
    return caught.value


def test_an_empty_line_has_the_defaults():
    assert parsed("") == ModuleOptions()
    assert (parsed("").profile, parsed("").edition, parsed("").verbosity) == ("dev", "2024", 0)


def test_the_name_stands_first():
    assert parsed("geometry --release").name == "geometry"


@pytest.mark.parametrize(
    ("line", "profile"),
    [("--release", "release"), ("--profile release", "release"), ("--profile dev", "dev")],
)
def test_profiles(line, profile):
    assert parsed(line).profile == profile


def test_release_twice_over_is_no_conflict():
    assert parsed("--release --profile release").profile == "release"


@pytest.mark.parametrize(
    "line",
    [
        "--release --profile dev",
        "--expect-error --expect-warning",
        "--expect-only",
        "-q -v",
        "--dep rayon@1 --dep rayon@2",
    ],
)
def test_options_that_exclude_each_other(line):
    assert refused(line)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("--relase", "--relase"),
        ("--profile fast", "'fast'"),
        ("--edition 2020", "'2020'"),
        ("--pyo3 latest", "'latest'"),
        ("--env LANG", "'LANG'"),
        ("--env 1A=x", "'1A=x'"),
        ("--dep pyo3", "pyo3"),
        ("one two", "two"),
        ("--profile", "--profile"),
    ],
)
def test_a_refusal_names_the_culprit(line, named):
    assert named in refused(line).message


def test_an_unclosed_quote():
    error = refused("m --dep 'serde")
    assert "No closing quotation" in error.message
    assert "Close the quote" in error.mend


@pytest.mark.parametrize(
    ("spec", "crate", "requirement"),
    [
        ("rayon", "rayon", '"*"'),
        ("rayon@1.10", "rayon", '"1.10"'),
        ("rayon@=1.10.0", "rayon", '"=1.10.0"'),
        ("'rayon@>=1, <2'", "rayon", '">=1, <2"'),
        ("""'serde = "1"'""", "serde", '"1"'),
        (
            """'serde = { version = "1", features = ["derive"] }'""",
            "serde",
            '{ version = "1", features = ["derive"] }',
        ),
    ],
)
def test_dependencies(spec, crate, requirement):
    assert parsed(f"m --dep {spec}").dependencies == ((crate, requirement),)


def test_dependencies_are_in_one_order():
    one, other = parsed("--dep rayon --dep heck"), parsed("--dep heck --dep rayon --dep heck")
    assert one.dependencies == other.dependencies


@pytest.mark.parametrize(
    "spec",
    ["'serde = { version = '", "'serde = 1'", "1serde", '\'a = "1"\nb = "2"\'', 'x@1\\"', "''"],
)
def test_malformed_dependencies(spec):
    error = refused(f"m --dep {spec}")
    assert "cannot be read" in error.message
    assert "--dep rayon@1.10" in error.mend


def test_features_are_a_sorted_set():
    assert parsed("--features 'num-bigint, chrono,chrono'").features == ("chrono", "num-bigint")


def test_expectations():
    assert parsed("m --expect-error").expected_errors == (ANY,)
    assert parsed("m --expect-error E0382 --expect-error 'not found'").expected_errors == (
        "E0382",
        "not found",
    )
    assert parsed("m --expect-warning dead_code --expect-only").expected_warnings == ("dead_code",)


def test_a_bare_word_after_an_expectation_belongs_to_it():
    assert parsed("--expect-error geometry").name is None


def test_environment_keeps_later_equals_signs():
    assert parsed("--env RUSTFLAGS=-Copt-level=1").env == (("RUSTFLAGS", "-Copt-level=1"),)


def test_verbosity():
    assert (parsed("-v").verbosity, parsed("-q").verbosity) == (1, -1)


def test_braces_and_dollars_are_only_text():
    assert parsed("m --env A={b}$c").env == (("A", "{b}$c"),)


@pytest.mark.parametrize("name", ["geometry", "_core", "a1", "match_rs", "A"])
def test_good_names(name):
    assert check_name(name) == name


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("2fast", "m2fast"),
        ("my-mod", "my_mod"),
        ("größe", "grosse"),
        ("a.b", "a_b"),
        ("_", "my_module"),
        ("地図", "my_module"),
        ("class", "class_rs"),
        ("match", "match_rs"),
        ("True", "True_rs"),
        ("crate", "crate_rs"),
        ("ends_", "ends"),
        ("yield", "yield_rs"),
    ],
)
def test_a_bad_name_comes_with_a_good_one(name, suggestion):
    with pytest.raises(OptionsError) as caught:
        check_name(name)
    assert caught.value.mend.endswith(f"%%rust_module {suggestion}")
    assert check_name(suggestion) == suggestion
