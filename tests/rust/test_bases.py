"""Finished dependencies are built on what is finished already, and never on what is damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from environments import Environment
from kernels import kernel

pytestmark = pytest.mark.rust

CELL = """%%rust_module logs --dep log
use pyo3::prelude::*;

#[pyfunction]
fn level() -> String {
    log::max_level().to_string()
}
"""


def finished(base: Path, crate: str) -> Path:
    """Return the library of a dependency in a base."""
    (found,) = (base / "target" / "debug" / "deps").glob(f"lib{crate}-*.rlib")
    return found


def build(one: Environment, root: Path) -> tuple[Path, Path]:
    """Run the cell in a kernel; return the base that was there before and the new one."""
    (plain,) = [done.parent for done in (root / "bases").glob("*/done")]
    with kernel(python=one.python) as running:
        result = running.run(CELL)
        assert result.ok, result.text
        assert running.value("logs.level()") == "'OFF'"
    (new,) = [d.parent for d in (root / "bases").glob("*/done") if d.parent != plain]
    return plain, new


def test_a_further_crate_is_compiled_beside_what_is_finished(
    one: Environment, warm_cache: Path
) -> None:
    plain, new = build(one, warm_cache)
    assert finished(new, "log")
    for crate in ("syn", "pyo3", "pyo3_macros_backend"):
        assert finished(new, crate).samefile(finished(plain, crate)), f"{crate} was compiled again"
    assert not list(plain.rglob("liblog-*")), "a finished base is never built in"


@pytest.mark.parametrize("damage", ["cut off", "other bytes"])
def test_what_is_damaged_is_not_built_on(one: Environment, warm_cache: Path, damage: str) -> None:
    (library,) = (warm_cache / "bases").glob("*/target/debug/deps/libpyo3-*.rlib")
    content = b"?" * (8 if damage == "cut off" else library.stat().st_size)
    library.unlink()  # the shared cache has it too
    library.write_bytes(content)
    plain, new = build(one, warm_cache)
    assert not finished(new, "pyo3").read_bytes().startswith(b"?")
    assert not finished(new, "syn").samefile(finished(plain, "syn")), "built from nothing"
