"""`%rust_wheel`: a wheel for others, without a trace of the notebook."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from environments import Environment, empty, environment
from kernels import Kernel, kernel

pytestmark = pytest.mark.rust

CELL = """%%rust_module parcel {options}
use pyo3::prelude::*;

#[pyfunction]
fn size() -> usize {{
    println!("measured");
    42
}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("notebooks")


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[Kernel]:
    with kernel(cwd=folder) as started:
        result = started.run(CELL.format(options=""))
        assert result.ok, result.text
        yield started


@pytest.fixture(scope="module")
def clean() -> Environment:
    return empty(environment("wheels"))


def made(running: Kernel, line: str) -> str:
    result = running.run(f"%rust_wheel {line}", timeout=300)
    assert result.ok, result.text
    return result.stdout


def install(clean: Environment, wheel: Path) -> None:
    clean.run(
        "-m", "uv", "pip", "install", "--offline", "--no-deps", "--python", clean.python, str(wheel)
    )


def test_a_release_wheel_lies_in_dist_and_works_elsewhere(
    running: Kernel, folder: Path, clean: Environment
):
    said = made(running, "parcel")
    (wheel,) = (folder / "dist").iterdir()
    assert said.splitlines()[0] == wheel.name
    assert "Python: cp3" in said
    assert f"pip install dist/{wheel.name}" in said.replace("\\", "/")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        content = b"".join(archive.read(name) for name in names)
    assert "parcel-0.1.0.dist-info/METADATA" in names
    assert not any("rustcell" in name for name in names)
    assert b"rustcell_flush" not in content
    install(clean, wheel)
    assert clean.run("-c", "import parcel; print(parcel.size())").split() == ["measured", "42"]


def test_a_dev_wheel_goes_where_it_is_told(running: Kernel, folder: Path):
    made(running, "parcel --dev --out 'with spaces/inner'")
    (wheel,) = (folder / "with spaces" / "inner").iterdir()
    assert wheel.name.startswith("parcel-0.1.0-cp3")


def test_an_abi3_wheel_says_so_in_its_name(running: Kernel, folder: Path, clean: Environment):
    result = running.run(CELL.format(options="--features abi3-py311").replace("parcel", "stable"))
    assert result.ok, result.text
    said = made(running, "stable --dev --out abi3")
    assert "Python: cp311, ABI: abi3" in said
    (wheel,) = (folder / "abi3").iterdir()
    install(clean, wheel)
    assert clean.run("-c", "import stable; print(stable.size())").split() == ["measured", "42"]


def test_stubs_that_were_made_are_in_the_wheel(running: Kernel, folder: Path):
    result = running.run("%rust_stubs parcel", timeout=300)
    assert result.ok, result.text
    made(running, "parcel --dev --out typed")
    (wheel,) = (folder / "typed").iterdir()
    with zipfile.ZipFile(wheel) as archive:
        assert "parcel/py.typed" in archive.namelist()
        assert b"def size() -> int" in archive.read("parcel/__init__.pyi")


def test_the_kernels_own_builds_are_left_alone(running: Kernel):
    before = running.value("parcel.__file__")
    changed = running.run(CELL.format(options="").replace("42", "43"))
    assert changed.ok, changed.text
    assert running.value("parcel.size()") == "43"
    again = running.run(CELL.format(options=""))
    assert again.ok, again.text
    assert running.value("parcel.__file__") == before


def test_bad_lines(running: Kernel, folder: Path):
    (folder / "a file").touch()
    refused = running.run("%rust_wheel parcel --out 'a file'")
    assert refused.ename == "OptionsError"
    assert "no wheel can be written to a file: File exists" in refused.evalue
    assert "no module 'nowhere'" in running.run("%rust_wheel nowhere").evalue
    assert not (folder / "nowhere").exists()
    assert "unrecognized arguments: --size" in running.run("%rust_wheel parcel --size").evalue


def test_tab_offers_the_options(running: Kernel):
    code = "%rust_wheel parcel --o"
    sent = running.client.complete(code, len(code))
    while True:
        reply = running.client.get_shell_msg(timeout=60)
        if reply["parent_header"].get("msg_id") == sent:
            break
    assert reply["content"]["matches"] == ["--out"]
