"""After the first build of a crate an edit is compiled by rustc alone, with the same result."""

from __future__ import annotations

import pytest

from kernels import Kernel

pytestmark = pytest.mark.rust

CODE = """
use pyo3::prelude::*;

#[pyfunction]
fn value() -> i64 { VALUE }

#[pyfunction]
fn package() -> &'static str { env!("CARGO_PKG_NAME") }
"""


def build(live: Kernel, value: str, options: str = "", code: str = CODE) -> str:
    result = live.run(f"%%rust_module recipe -v {options}\n{code.replace('VALUE', value)}")
    assert result.ok, result.text
    return result.text


def by_cargo(text: str) -> bool:
    return "cargo rustc " in text


def test_an_edit_needs_no_cargo(live: Kernel):
    assert by_cargo(build(live, "1"))
    text = build(live, "2")
    assert not by_cargo(text)
    assert "rustc --crate-name recipe" in text
    assert live.value("recipe.value()") == "2"
    assert live.value("recipe.package()") == "'rustcell-recipe'"


def test_what_changes_the_command_goes_to_cargo(live: Kernel):
    build(live, "3")
    assert by_cargo(build(live, "4", "--edition 2021"))
    assert by_cargo(build(live, "5", "--env RECIPE=1"))
    assert not by_cargo(build(live, "6", "--env RECIPE=1"))
    assert by_cargo(build(live, "7", "--release"))
    assert live.value("recipe.value()") == "7"


def test_both_ways_say_the_same_of_a_mistake(live: Kernel):
    wrong = " --expect-error E0308\n" + CODE.replace("VALUE", '"four"')
    first = live.run(f"%%rust_module said_by_cargo {wrong}")
    build(live, "8")
    build(live, "9")
    again = live.run(f"%%rust_module recipe {wrong}")
    assert first.ok
    assert again.ok
    assert "E0308" in again.text
    assert first.text.replace("said_by_cargo", "recipe") == again.text


def test_warnings_come_by_both_ways(live: Kernel):
    noisy = CODE + "\nfn unused() {}\n"
    for value in ("10", "11"):
        assert "never used" in build(live, value, code=noisy)
