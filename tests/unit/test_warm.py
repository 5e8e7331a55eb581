"""Which dependencies `warm --course` builds ahead: those that the notebooks' cells need."""

from __future__ import annotations

import pytest

from notebooks import code, write_notebook
from rustcell.cli.warm import DEFAULT, different
from rustcell.course.notebook import rust_cells

USES_PYO3 = "use pyo3::prelude::*;\nfn main() { Python::attach(|_| ()) }"


@pytest.fixture(autouse=True)
def _own_cache(own_cache):
    """Nothing of a notebook is looked up elsewhere."""


def needs(*cells):
    """Return kind, PyO3, crates and profile of each different need."""
    return [
        (
            spec.kind,
            spec.dependencies.pyo3 is not None,
            dict(spec.dependencies.crates),
            spec.profile,
        )
        for spec in different([cells])
    ]


def test_the_default_is_a_module():
    assert needs(*DEFAULT) == [("extension", True, {}, "dev")]


def test_cells_that_need_the_same_are_one():
    module = ("rust_module", "geometry", "")
    assert len(needs(module, ("rust_module", "other --star", ""), *DEFAULT)) == 1


def test_programs_and_tests_need_pyo3_only_when_they_name_it():
    assert needs(
        ("rust_main", "a", "fn main() {}"),
        ("rust_main", "b", USES_PYO3),
        ("rust_test", "", "#[test]\nfn a() {}"),
    ) == [
        ("program", False, {}, "dev"),
        ("program", True, {}, "dev"),
        ("test", False, {}, "dev"),
    ]


def test_a_cargo_toml_of_a_cell_counts_for_the_cells_below():
    file = ("rust_file", "geometry Cargo.toml", '[dependencies]\nrayon = "1"\n')
    assert needs(
        ("rust_module", "geometry --release", ""), file, ("rust_test", "geometry", "")
    ) == [
        ("extension", True, {}, "release"),
        ("test", False, {"rayon": '"1"'}, "dev"),
    ]


def test_a_line_that_is_refused_needs_nothing():
    assert needs(("rust_main", "--nonsense", ""), ("rust_file", "geometry ../x", "")) == []


def test_the_cells_of_a_notebook(tmp_path):
    path = write_notebook(
        tmp_path / "01_x.ipynb",
        code("print(1)"),
        code("%%time\n\n%%rust_main hello -- x\nfn main() {}\n// two\n"),
        code("%%rust_test\n"),
        code("%rust_status"),
    )
    assert list(rust_cells(path)) == [
        ("rust_main", "hello -- x", "fn main() {}\n// two\n"),
        ("rust_test", "", ""),
    ]
