"""Finding the tools, with small scripts in their place, and the environment they get."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from rustcell.errors import ToolchainError
from rustcell.tools.toolchain import (
    Interpreter,
    Memory,
    Toolchain,
    ancestors_files,
    build_environment,
    find_toolchain,
    stamp,
    this_interpreter,
)

posix = pytest.mark.skipif(os.name == "nt", reason="the tools in this test are shell scripts")

INTERPRETER = Interpreter("/venv/bin/python", "/venv", (3, 11), ".so", "VIRTUAL_ENV")
TARGET = os.path.join("slot", "target")
TOOLCHAIN = Toolchain(INTERPRETER, "/rust/bin", "", "", "rustc 1.95.0 (x)", "", "", True)


@pytest.fixture
def bin_folder(tmp_path):
    """A folder for PATH, and a way to put a script into it."""
    folder = tmp_path / "bin"
    folder.mkdir()

    def put(name, script):
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    return folder, put


def refused(root, path, **environ):
    with pytest.raises(ToolchainError) as caught:
        find_toolchain(root, {"PATH": str(path), **environ})
    assert caught.value.mend
    return caught.value


def rustc(put, version):
    put("rustc", f'case "$1" in --print) echo /none;; *) echo "{version}";; esac')


def test_no_rust(tmp_path):
    error = refused(tmp_path, tmp_path)
    assert "rustc and cargo are not on PATH" in error.message
    assert "Install Rust" in error.mend


@posix
@pytest.mark.parametrize("version", ["rustc 1.70.0 (90c541806 2023-05-31)", "rustc 1.84.1"])
def test_an_old_rust(tmp_path, bin_folder, version):
    folder, put = bin_folder
    rustc(put, version)
    error = refused(tmp_path, folder)
    assert "is too old: edition 2024 and PyO3 need 1.85 or newer" in error.message
    assert version.split()[1] in error.message
    assert "rustup update" in error.mend


@posix
@pytest.mark.parametrize("version", ["", "hello", "rustc", "rustc unknown"])
def test_a_rustc_that_is_none(tmp_path, bin_folder, version):
    folder, put = bin_folder
    rustc(put, version)
    assert "does not say which rustc it is" in refused(tmp_path, folder).message


@posix
def test_a_rustc_without_cargo(tmp_path, bin_folder):
    folder, put = bin_folder
    rustc(put, "rustc 1.95.0 (x)")
    assert "cargo was not found" in refused(tmp_path, folder).message


@posix
def test_a_nightly_is_new_enough(tmp_path, bin_folder):
    folder, put = bin_folder
    rustc(put, "rustc 1.97.0-nightly (x)")
    put("cargo", "")
    assert find_toolchain(tmp_path, {"PATH": str(folder)}).rust_release == "1.97.0-nightly"


@posix
def test_a_missing_toolchain_tells_who_chose_it(tmp_path, bin_folder):
    folder, put = bin_folder
    put("rustc", "echo \"error: toolchain 'x' is not installed\" >&2; echo help >&2; exit 1")
    plain = refused(tmp_path, folder)
    assert plain.message == "rustc does not run: toolchain 'x' is not installed"
    assert "help" in plain.details
    assert "RUSTUP_TOOLCHAIN" in refused(tmp_path, folder, RUSTUP_TOOLCHAIN="x").mend
    inner = tmp_path / "cache"
    inner.mkdir()
    (tmp_path / "rust-toolchain.toml").write_text("")
    mend = refused(inner, folder).mend
    assert str(tmp_path / "rust-toolchain.toml") in mend
    assert "RUSTCELL_CACHE_DIR" in mend


def ask(memory, script, depends_on=("a",)):
    return memory.ask([sys.executable, "-c", script], depends_on=depends_on, cwd=os.getcwd())


def test_an_answer_is_remembered_as_long_as_its_reasons_hold(tmp_path):
    counter = tmp_path / "counter"
    counter.touch()
    script = f"f = open({str(counter)!r}, 'a+'); f.write('x'); f.seek(0); print(len(f.read()))"
    path = tmp_path / "tools.json"
    assert ask(Memory(path), script) == "1"
    assert ask(Memory(path), script) == "1"
    assert ask(Memory(path), script, ("b",)) == "2"


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"x"', "\udcff"])
def test_a_damaged_memory_is_forgotten(tmp_path, text):
    path = tmp_path / "tools.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert ask(Memory(path), "print(1)") == "1"
    assert list(json.loads(path.read_text()).values()) == ["1"]


def test_a_memory_that_cannot_be_written_costs_only_time(tmp_path):
    assert ask(Memory(tmp_path / "none" / "tools.json"), "print(1)") == "1"


def test_a_failure_is_not_remembered(tmp_path):
    memory = Memory(tmp_path / "tools.json")
    with pytest.raises(subprocess.CalledProcessError):
        ask(memory, "raise SystemExit(1)")
    assert not (tmp_path / "tools.json").exists()


def test_a_stamp_changes_with_the_file(tmp_path):
    path = tmp_path / "tool"
    absent = stamp(path)
    path.write_text("1")
    first = stamp(path)
    path.write_text("22")
    assert len({absent, first, stamp(path)}) == 3


def test_files_above_nearest_first(tmp_path):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "x.toml").touch()
    (inner / "x.toml").touch()
    (inner / "y.toml").mkdir()
    found = [p for p in ancestors_files(inner, ["y.toml", "x.toml"]) if tmp_path in p.parents]
    assert found == [inner / "x.toml", tmp_path / "x.toml"]


def test_this_interpreter():
    found = this_interpreter()
    assert found.executable == sys.executable
    assert found.version == sys.version_info[:2]
    assert found.prefix_variable in ("VIRTUAL_ENV", "CONDA_PREFIX")


def environment(interpreter=INTERPRETER, extra=(), **environ):
    toolchain = replace(TOOLCHAIN, interpreter=interpreter)
    return build_environment(toolchain, TARGET, extra, environ)


@pytest.mark.parametrize(
    "outer",
    [
        {},
        {"VIRTUAL_ENV": "/other"},
        {"CONDA_PREFIX": "/conda"},
        {"VIRTUAL_ENV": "/other", "CONDA_PREFIX": "/conda"},
        {"VIRTUAL_ENV": "/venv", "CONDA_PREFIX": "/venv"},
    ],
)
@pytest.mark.parametrize("kind", ["VIRTUAL_ENV", "CONDA_PREFIX"])
def test_the_build_sees_this_environment_and_no_other(outer, kind):
    env = environment(replace(INTERPRETER, prefix_variable=kind), **outer)
    assert {k: env[k] for k in ("VIRTUAL_ENV", "CONDA_PREFIX") if k in env} == {kind: "/venv"}


def test_what_could_mislead_the_build_is_dropped():
    env = environment(PYTHONPATH="/overlay", PYTHONHOME="/x", CARGO_TARGET_DIR="/y", HOME="/h")
    assert "PYTHONPATH" not in env
    assert "PYTHONHOME" not in env
    assert env["CARGO_TARGET_DIR"] == TARGET
    assert env["HOME"] == "/h"


def test_the_toolchain_s_own_folder_comes_first_on_path():
    assert environment(PATH="/bin")["PATH"] == os.pathsep.join(["/rust/bin", "/bin"])


def test_the_cell_s_own_variables_win():
    assert environment(extra=[("A", "cell")], A="outer")["A"] == "cell"
