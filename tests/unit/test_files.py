"""The files that cells give to a crate: where they may lie, and what becomes of them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from rustcell.crates import toml_merge
from rustcell.crates.extension import crate_spec, module_name
from rustcell.crates.files import CellFile, FileSet, checked_path, write
from rustcell.crates.manifest import DependencySet
from rustcell.crates.options import ModuleOptions
from rustcell.crates.source import parse
from rustcell.errors import OptionsError
from rustcell.magics import line as magic_line

PARSER = magic_line.parser_of("rust_module", magic_line.MODULE)
FUNCTION = "use pyo3::prelude::*;\n#[pyfunction]\nfn area() -> u8 { 1 }\n"


def given(files: dict[str, str]) -> FileSet:
    found = FileSet("geo")
    for path, body in files.items():
        found = found.having(CellFile("geo", path, body))
    return found


def spec_of(files: FileSet, line: str = "geo", body: str = FUNCTION):
    options = magic_line.parse_module(PARSER, line)
    return crate_spec(body, 1, options, parse(body), "geo", Path("/support"), files)


def refused(path: str) -> OptionsError:
    with pytest.raises(OptionsError) as caught:
        checked_path("geo", path)
    assert caught.value.mend
    return caught.value


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("", "has no path"),
        ("/etc/passwd", "leads out"),
        ("../x.rs", "leads out"),
        ("src/../../x.rs", "leads out"),
        ("~/x.rs", "leads out"),
        ("C:/x.rs", "leads out"),
        ("src\\shapes.rs", "backslashes"),
        ("src", "is a folder"),
        ("src/", "is a folder"),
        ("python/geo", "is a folder"),
        ("data/", "is a folder"),
        (".cargo/config.toml", "each part begins"),
        ("src/./x.rs", "each part begins"),
        ("src//x.rs", "each part begins"),
        ("src/a=b.rs", "each part begins"),
        ("Cargo.lock", "cargo's own"),
        ("target/debug/x", "cargo builds in"),
        ("src/lib.rs", "written by %%rust_module"),
        ("SRC/Lib.rs", "written by %%rust_module"),
        ("src/main.rs", "written by %%rust_main"),
    ],
)
def test_paths_that_are_refused_with_the_way_out(path: str, why: str) -> None:
    assert why in refused(path).message


@pytest.mark.parametrize(
    "path",
    [
        *("src/shapes.rs", "src/shapes/mod.rs", "python/geo/__init__.py", "python/geo/py.typed"),
        *("geo.pyi", "build.rs", "tests/api.rs", "Cargo.toml", "data/table-1.csv"),
    ],
)
def test_paths_of_a_crate(path: str) -> None:
    assert checked_path("geo", path) == path


@pytest.mark.parametrize(
    ("path", "comment"),
    [("src/a.rs", "//"), ("python/geo/a.py", "#"), ("geo.pyi", "#"), ("data/a.toml", "#")],
)
@pytest.mark.parametrize("above", [1, 3])
def test_line_n_of_the_cell_is_line_n_of_the_file(path: str, comment: str, above: int) -> None:
    lines = CellFile("geo", path, "first\nsecond\n", above).text.split("\n")
    assert lines[above : above + 2] == ["first", "second"]
    assert all(line.startswith(comment) for line in lines[:above])


def test_other_files_are_exactly_as_given() -> None:
    assert CellFile("geo", "data/a.csv", "\ta,b\r\n", 5).text == "\ta,b\r\n"
    assert CellFile("geo", "python/geo/py.typed", "").text == ""


def test_the_last_cell_wins() -> None:
    files = given({"src/a.rs": "old"}).having(CellFile("geo", "src/a.rs", "new"))
    assert [file.body for file in files] == ["new"]
    assert list(files.without("src/a.rs")) == []


@pytest.mark.parametrize("order", [("data", "data/x.csv"), ("data/x.csv", "data")])
def test_no_path_is_both_a_file_and_a_folder(order: tuple[str, str]) -> None:
    first, second = (CellFile("geo", path, "") for path in order)
    with pytest.raises(OptionsError, match="'data' would be a file and a folder"):
        FileSet("geo").having(first).having(second)


def test_messages_name_the_cell_of_each_file() -> None:
    words = spec_of(given({"src/shapes.rs": "", "data/x.csv": ""})).rustc_arguments
    assert words[1::2] == [
        "src/lib.rs=%%rust_module geo",
        "src/shapes.rs=%%rust_file geo src/shapes.rs",
    ]


def test_a_python_file_makes_a_package_around_the_rust_part() -> None:
    files = dict(spec_of(given({"python/geo/helpers.py": "x = 1"})).files)
    maturin = tomllib.loads(files["pyproject.toml"])["tool"]["maturin"]
    assert maturin == {"module-name": "geo._native", "python-source": "python"}
    assert 'pymodule(name = "_native")' in files["src/lib.rs"]
    assert files["python/geo/__init__.py"].startswith("from ._native import *")
    own = dict(spec_of(given({"python/geo/__init__.py": "y = 2"})).files)
    assert own["python/geo/__init__.py"].endswith("y = 2")


def test_python_files_of_another_folder_change_no_layout() -> None:
    files = dict(spec_of(given({"python/other/a.py": ""})).files)
    assert "python-source" not in files["pyproject.toml"]


@pytest.mark.parametrize(
    ("line", "module", "packages", "words"),
    [
        ("geo", "geo", {"geo"}, ("geo._native", "line 2 says 'geo'", "Rename the #[pymodule]")),
        ("", "geo", {"geo"}, ("geo._native", "line 2 says 'geo'", "Rename the #[pymodule]")),
        ("geo", "_native", set(), ("'geo'", "'_native'", "python/geo/__init__.py")),
        ("", "_native", set(), ("no name", "after the magic")),
    ],
)
def test_wrong_names_in_a_mixed_layout(
    line: str, module: str, packages: set[str], words: tuple[str, ...]
) -> None:
    source = parse(f"#[pyo3::pymodule]\nmod {module} {{}}\n")
    with pytest.raises(OptionsError) as caught:
        module_name(magic_line.parse_module(PARSER, line), source, 0, packages)
    for word in words:
        assert word in f"{caught.value.message} {caught.value.mend}"


def test_the_rust_part_of_a_package_is_named_native() -> None:
    source = parse("#[pyo3::pymodule]\nmod _native {}\n")
    assert module_name(ModuleOptions(name="geo"), source, 0, {"geo"}) == "geo"


CARGO = """
[package]
version = "2.0.0"
[lib]
crate-type = ["cdylib", "rlib"]
[features]
fast = []
[dependencies]
rayon = "1"
[dependencies.serde]
version = "1"
features = ["derive"]
[profile.release]
lto = true
"""


def test_a_given_manifest_is_merged_and_its_keys_are_marked() -> None:
    text = dict(spec_of(given({"Cargo.toml": CARGO})).files)["Cargo.toml"]
    manifest = tomllib.loads(text)
    assert manifest["package"]["name"] == "rustcell-geo"
    assert manifest["package"]["version"] == "2.0.0"
    assert manifest["lib"] == {"name": "geo", "crate-type": ["cdylib", "rlib"]}
    assert manifest["dependencies"]["serde"] == {"version": "1", "features": ["derive"]}
    assert manifest["profile"]["release"]["lto"] is True
    assert manifest["profile"]["release"]["debug"] == "none"
    marked = [line for line in text.splitlines() if line.endswith("# %%rust_file geo Cargo.toml")]
    assert len(marked) == 7


def test_its_crates_and_profiles_decide_on_the_base() -> None:
    file = CellFile("geo", "Cargo.toml", CARGO)
    plain, needs = DependencySet(), DependencySet.of(ModuleOptions(), given=file)
    assert [name for name, _ in needs.crates] == ["rayon", "serde"]
    assert tomllib.loads(needs.tables) == {"profile": {"release": {"lto": True}}}
    assert plain != needs
    options = ModuleOptions(dependencies=(("rayon", '"1.9"'),))
    assert dict(DependencySet.of(options, given=file).crates)["rayon"] == '"1"'


def test_features_that_turn_on_crates_belong_to_the_base() -> None:
    own = CellFile("geo", "Cargo.toml", '[features]\ndefault = ["a"]\na = []\n')
    assert toml_merge.crate_tables(own) == ""
    of_crates = CellFile("geo", "Cargo.toml", '[features]\na = ["pyo3/chrono"]\n')
    assert tomllib.loads(toml_merge.crate_tables(of_crates)) == {"features": {"a": ["pyo3/chrono"]}}


@pytest.mark.parametrize(
    ("path", "body", "keys"),
    [
        ("Cargo.toml", '[package]\nname = "x"\nedition = "2021"', "package.name, package.edition"),
        ("Cargo.toml", "[workspace]", "workspace"),
        ("Cargo.toml", '[dependencies]\npyo3 = "0.29"', "dependencies.pyo3"),
        ("Cargo.toml", '[dependencies]\na = { path = "../a" }', "dependencies.a.path"),
        ("Cargo.toml", '[target.x.build-dependencies.a]\npath = "a"', "build-dependencies.a.path"),
        ("Cargo.toml", '[lib]\nname = "x"', "lib.name"),
        ("pyproject.toml", '[tool.maturin]\nstrip = true\n[project]\nname = "x"', "project.name"),
    ],
)
def test_keys_that_a_cell_cannot_set_are_all_named(path: str, body: str, keys: str) -> None:
    with pytest.raises(OptionsError) as caught:
        toml_merge.checked(CellFile("geo", path, body))
    assert keys in caught.value.message
    assert caught.value.mend


def test_broken_toml_names_the_line_of_the_cell() -> None:
    with pytest.raises(OptionsError, match="in line 5"):
        toml_merge.checked(CellFile("geo", "Cargo.toml", "[a]\nb = = 1\n", lines_above=3))


def test_pyproject_merges_the_same_way() -> None:
    text = dict(spec_of(given({"pyproject.toml": '[project]\nversion = "3"'})).files)[
        "pyproject.toml"
    ]
    project = tomllib.loads(text)["project"]
    assert (project["name"], project["version"]) == ("rustcell-geo", "3")


def test_writing_leaves_nothing_else_and_follows_no_link(tmp_path: Path) -> None:
    crate, elsewhere = tmp_path / "crate", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("kept")
    write({"data": "a file"}, crate)
    write({"data/x.csv": "1", "src/lib.rs": ""}, crate)
    (crate / "Cargo.lock").write_text("lock")
    (crate / "python").symlink_to(elsewhere, target_is_directory=True)
    write({"python/geo/a.py": "x", "data": "a file again"}, crate)
    assert {p.relative_to(crate).as_posix() for p in crate.rglob("*") if p.is_file()} == {
        *("python/geo/a.py", "data", "Cargo.lock")
    }
    assert not (crate / "python").is_symlink()
    assert [p.name for p in elsewhere.iterdir()] == ["kept"]
