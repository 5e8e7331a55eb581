"""The content key: what changes it, what does not, and the reason it gives."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from rustcell.building.key import (
    base_words,
    build_variables,
    cell_words,
    configuration_files,
    key_of,
    reason,
)
from rustcell.crates.extension import crate_spec
from rustcell.crates.source import parse
from rustcell.magics.line import MODULE, parse_module, parser_of
from rustcell.tools.toolchain import Interpreter, Toolchain

INTERPRETER = Interpreter("/venv/bin/python", "/venv", (3, 11), ".so", "VIRTUAL_ENV")
TOOLCHAIN = Toolchain(
    INTERPRETER, "/bin", "/bin/cargo", "/bin/rustc", "rustc 1.95.0", "/m", "maturin 1.16.0", True
)
PARSER = parser_of("rust_module", MODULE)
BODY = "#[pyo3::pyfunction]\nfn f() {}\n"


@pytest.fixture
def words(tmp_path):
    """All words of one cell; every input can be changed by keyword."""

    def make(
        line="m", body=BODY, lock="lock", environ=None, toolchain=TOOLCHAIN, name="m", above=1
    ):
        options = parse_module(PARSER, line)
        spec = crate_spec(body, above, options, parse(body), name, Path("/support"))
        environ = {"CARGO_HOME": str(tmp_path / "none"), **(environ or {})}
        base = base_words(spec, toolchain, lock, tmp_path, environ)
        return cell_words(base, spec, bool(options.expected_errors))

    return make


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"body": BODY + "//"}, "code"),
        ({"above": 2}, "code"),
        ({"line": "m --release"}, "profile"),
        ({"line": "m --edition 2021"}, "edition"),
        ({"line": "m --dep heck"}, "crates"),
        ({"line": "m --features chrono"}, "PyO3"),
        ({"line": "m --pyo3 0.29.0"}, "PyO3"),
        ({"line": "m --env A=b"}, "--env"),
        ({"line": "m --backtrace"}, "backtrace"),
        ({"line": "m --expect-error"}, "expectation"),
        ({"name": "n"}, "name"),
        ({"lock": "other"}, "Cargo.lock"),
        ({"environ": {"RUSTFLAGS": "-Copt-level=1"}}, "variables"),
        ({"environ": {"PYO3_CROSS": "1"}}, "variables"),
        ({"environ": {"CC": "clang"}}, "variables"),
        ({"toolchain": replace(TOOLCHAIN, rustc_version="rustc 1.96.0")}, "rustc"),
        ({"toolchain": replace(TOOLCHAIN, maturin_version="maturin 1.17.0")}, "maturin"),
        (
            {"toolchain": replace(TOOLCHAIN, interpreter=replace(INTERPRETER, version=(3, 12)))},
            "interpreter",
        ),
    ],
)
def test_what_changes_the_key(words, changes, told):
    before, after = words(), words(**changes)
    assert key_of(before) != key_of(after)
    assert told in reason(before, after).removeprefix("changed: ").split(", ")


@pytest.mark.parametrize(
    "changes",
    [
        {"line": "m -v"},
        {"line": "m --star --plain --force"},
        {"environ": {"EDITOR": "vi", "CARGO_TARGET_DIR": "/elsewhere"}},
        {"toolchain": replace(TOOLCHAIN, uv=False, cargo="/other/cargo")},
    ],
)
def test_what_leaves_it_as_it_is(words, changes):
    assert key_of(words()) == key_of(words(**changes))


def test_the_key_is_the_same_in_every_process(words):
    assert key_of(words()) == key_of(dict(reversed(words().items())))
    assert len(key_of(words())) == 32


def test_a_configuration_above_the_crate_counts(words, tmp_path):
    before = words()
    (tmp_path / ".cargo").mkdir()
    (tmp_path / ".cargo" / "config.toml").write_text("[build]\n")
    (tmp_path / "rust-toolchain.toml").write_text("[toolchain]\n")
    with_files = words()
    assert reason(before, with_files) == "changed: cargo configuration"
    (tmp_path / ".cargo" / "config.toml").write_text("[build]\njobs = 1\n")
    assert reason(with_files, words()) == "changed: cargo configuration"


def test_the_nearest_configuration_comes_first(tmp_path):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    home = tmp_path / "home"
    home.mkdir()
    files = [inner / "rust-toolchain", tmp_path / "rust-toolchain.toml", home / "config.toml"]
    for path in files:
        path.touch()
    found = configuration_files(inner, {"CARGO_HOME": str(home)})
    assert [p for p in found if tmp_path in p.parents] == files


def test_the_variables_that_count():
    environ = {"CARGO_TARGET_DIR": "/t", "CARGO_HOME": "/h", "PATH": "/bin", "RUSTFLAGS": ""}
    assert build_variables(environ) == {"CARGO_HOME": "/h", "RUSTFLAGS": ""}


def test_reasons():
    assert reason(None, {"a": "1"}) == "first build of this module here"
    assert reason({"a": "1"}, {"a": "1"}) == "no finished build was found"
    assert reason({"a": "1"}, {"a": "2", "b": "3"}) == "changed: a, b"


def test_words_are_plain_text(words):
    assert json.loads(json.dumps(words())) == words()
