"""The rustc command that cargo tells, and when it may be used again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rustcell.building.recipe import recipe_of, without_commands
from rustcell.crates.crate import CrateSpec
from rustcell.crates.manifest import DependencySet

SPEC = CrateSpec(
    name="geometry",
    profile="dev",
    edition="2024",
    dependencies=DependencySet(),
    files=(("Cargo.toml", "[package]"), ("src/lib.rs", "fn a() {}")),
)
ENV = {"PATH": "/bin", "HOME": "/home/ann"}
LIBRARY = Path("/t/debug/libgeometry.so")
SAID = """\
       \x1b[1m\x1b[92mFresh\x1b[0m pyo3 v0.30.1
\x1b[1m\x1b[92m   Compiling\x1b[0m rustcell-geometry v0.1.0 (/t/crates/geometry)
\x1b[1m\x1b[92m     Running\x1b[0m `CARGO=/bin/cargo CARGO_PKG_NAME=rustcell-geometry \
CARGO_PKG_AUTHORS='' rustc --crate-name geometry --edition=2024 src/lib.rs \
--check-cfg 'cfg(docsrs,test)' --remap-path-prefix 'src/lib.rs=%%rust_module geometry'`
    Finished `dev` profile"""

pytestmark = pytest.mark.skipif("os.name == 'nt'", reason="cargo is always asked on Windows")


def found(said: str = SAID, spec: CrateSpec = SPEC):
    return recipe_of(spec, ENV, said.splitlines(), LIBRARY)


def test_the_command_is_read_with_its_variables():
    recipe = found()
    assert recipe.command[:4] == ("rustc", "--crate-name", "geometry", "--edition=2024")
    assert recipe.command[-1] == "src/lib.rs=%%rust_module geometry"
    assert recipe.env["CARGO_PKG_NAME"] == "rustcell-geometry"
    assert recipe.env["CARGO_PKG_AUTHORS"] == ""
    assert recipe.env["HOME"] == "/home/ann"
    assert recipe.library == Path("/t/debug/deps/libgeometry.so")


def test_another_crates_command_is_none():
    assert found(SAID.replace("--crate-name geometry ", "--crate-name geometry_two ")) is None
    assert found("") is None


def test_a_build_script_is_left_to_cargo():
    files = (*SPEC.files, ("build.rs", "fn main() {}"))
    assert found(spec=replace(SPEC, files=files)) is None


def test_other_code_fits_and_nothing_else():
    recipe = found()
    edited = replace(SPEC, files=(SPEC.files[0], ("src/lib.rs", "fn b() {}")))
    more = replace(SPEC, files=(*SPEC.files, ("src/shapes.rs", "")))
    manifest = replace(SPEC, files=(("Cargo.toml", "[package] #"), SPEC.files[1]))
    assert recipe.fits(SPEC, ENV)
    assert recipe.fits(edited, ENV)
    assert recipe.fits(more, ENV)
    assert not recipe.fits(manifest, ENV)
    assert not recipe.fits(replace(SPEC, profile="release"), ENV)
    assert not recipe.fits(SPEC, {**ENV, "RUSTFLAGS": "-Dwarnings"})


def test_the_log_is_cargos_usual_one():
    log = without_commands(SAID.splitlines())
    assert "Compiling" in log
    assert "Finished" in log
    assert "Running" not in log
    assert "Fresh" not in log
