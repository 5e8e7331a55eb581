"""From a cell to the files of a crate."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from rustcell.crates.crate import write
from rustcell.crates.extension import crate_spec, module_name
from rustcell.crates.manifest import PYO3, DependencySet
from rustcell.crates.options import CellOptions
from rustcell.crates.source import parse
from rustcell.errors import OptionsError
from rustcell.magics import line as magic_line

PARSER = magic_line.parser_of("rust_module", magic_line.MODULE)
SUPPORT = Path('/cache/support/ü "quoted"')
FUNCTION = "use pyo3::prelude::*;\n#[pyfunction]\nfn area() -> u8 { 1 }\n"
MODULE = "#[pyo3::pymodule]\nmod geo {}\n"


def spec_of(body, line="geo", lines_above=1):
    options = magic_line.parse_module(PARSER, line)
    return crate_spec(body, lines_above, options, parse(body), "geo", SUPPORT)


def name_of(body, line="", lines_above=1):
    return module_name(magic_line.parse_module(PARSER, line), parse(body), lines_above)


def refused(body, line="", lines_above=1):
    with pytest.raises(OptionsError) as caught:
        name_of(body, line, lines_above)
    assert caught.value.mend
    return caught.value


def test_the_name_comes_from_the_line_or_from_the_module():
    assert name_of(FUNCTION, "geo") == "geo"
    assert name_of(MODULE) == "geo"
    assert name_of(MODULE, "geo") == "geo"


def test_two_names_name_both_and_the_line_of_the_cell():
    error = refused(MODULE, "shapes", lines_above=3)
    assert "'shapes'" in error.message
    assert "the #[pymodule] in line 5 says 'geo'" in error.message
    assert "Write %%rust_module geo, or rename the #[pymodule] to shapes." in error.mend


def test_two_modules_are_told_with_the_lines_of_the_cell():
    error = refused(MODULE + MODULE.replace("geo", "other"))
    assert "geo (line 3), other (line 5)" in error.message


def test_no_name_and_nothing_to_export():
    assert "no name" in refused(FUNCTION).message
    assert "nothing to export" in refused("fn f() {}", "geo").message


def test_broken_text_is_left_to_rustc():
    assert name_of("fn f( {", "geo") == "geo"


def test_a_module_named_by_the_code_must_be_a_good_name_too():
    assert "keyword" in refused('#[pyo3::pymodule(name = "class")]\nmod m {}').message


@pytest.mark.parametrize("lines_above", [1, 2, 7])
def test_line_n_of_the_cell_is_line_n_of_the_source(lines_above):
    lines = spec_of(FUNCTION, lines_above=lines_above).source().split("\n")
    assert lines[lines_above] == "use pyo3::prelude::*;"
    assert all(line.startswith("//") for line in lines[:lines_above])


def test_inner_attributes_and_a_bom_still_come_first():
    body = "\ufeff#![forbid(unsafe_code)]\n" + FUNCTION
    assert spec_of(body).source().split("\n")[1] == "#![forbid(unsafe_code)]"


def test_the_cell_s_own_bytes_are_kept():
    body = '\tfn größe() {}\r\n// 🦀 \\ " {x}\r\n' + FUNCTION
    assert body in spec_of(body).source()


def test_a_written_module_gets_no_second_one():
    assert "__rustcell_module" in spec_of(FUNCTION).source()
    assert "__rustcell_module" not in spec_of(MODULE).source()


def test_the_manifest():
    line = """geo --dep rayon@1.10 --dep 'serde = { version = "1", features = ["derive"] }'
              --features num-bigint --edition 2021"""
    manifest = tomllib.loads(dict(spec_of(FUNCTION, line).files)["Cargo.toml"])
    assert manifest["package"]["name"] == "rustcell-geo"
    assert manifest["package"]["edition"] == "2021"
    assert manifest["lib"] == {"name": "geo", "crate-type": ["cdylib"]}
    assert manifest["workspace"] == {}
    assert manifest["dependencies"] == {
        "pyo3": {"version": f"={PYO3}", "features": ["num-bigint"]},
        "rustcell_support": {"path": str(SUPPORT)},
        "rayon": "1.10",
        "serde": {"version": "1", "features": ["derive"]},
    }


def test_pyproject_names_the_distribution():
    project = tomllib.loads(dict(spec_of(FUNCTION).files)["pyproject.toml"])
    assert project["project"]["name"] == "rustcell-geo" == spec_of(FUNCTION).distribution
    assert project["tool"]["maturin"]["module-name"] == "geo"


@pytest.mark.parametrize(("wanted", "written"), [("0.29", "0.29"), ("0.29.1", "=0.29.1")])
def test_a_full_version_is_exact(wanted, written):
    toml = tomllib.loads(DependencySet(pyo3=wanted).toml(SUPPORT))
    assert toml["dependencies"]["pyo3"]["version"] == written


def test_abi3():
    assert DependencySet(pyo3_features=("abi3-py311",)).abi3 == "3.11"
    assert DependencySet(pyo3_features=("chrono",)).abi3 is None


def test_only_backtrace_costs_line_tables():
    quick = tomllib.loads(dict(spec_of(FUNCTION).files)["Cargo.toml"])
    traced = tomllib.loads(dict(spec_of(FUNCTION, "geo --backtrace").files)["Cargo.toml"])
    assert quick["profile"]["dev"]["debug"] == "none"
    assert traced["profile"]["dev"]["debug"] == "line-tables-only"
    assert traced["profile"]["dev"]["package"]["*"]["debug"] == "none"


def test_without_tail_is_the_cell_alone():
    source = spec_of(FUNCTION).without_tail().source()
    assert source.endswith(FUNCTION + "\n")


def test_writing_touches_only_what_differs(tmp_path):
    spec = spec_of(FUNCTION)
    write(spec, tmp_path, "lock one")
    (tmp_path / "src" / "old.rs").write_text("gone")
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*") if p.is_file()}
    changed = crate_spec(
        FUNCTION + "//", 1, CellOptions(name="geo"), parse(FUNCTION), "geo", SUPPORT
    )
    write(changed, tmp_path, "lock two")
    after = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*") if p.is_file()}
    differs = {p.relative_to(tmp_path).as_posix() for p in before if before[p] != after.get(p)}
    assert differs == {"src/lib.rs", "src/old.rs"}
    assert (tmp_path / "Cargo.lock").read_text() == "lock one"
    assert (tmp_path / "src" / "lib.rs").read_bytes() == changed.source().encode()
