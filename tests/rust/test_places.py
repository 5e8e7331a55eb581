"""Unusual places and builds: spaces, accents, other disks; abi3, profiles, features, offline."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from environments import (
    SHARED_CACHE,
    Environment,
    cell,
    compiled,
    empty,
    environment,
    link_base,
)
from kernels import Kernel, kernel

pytestmark = [pytest.mark.rust, pytest.mark.alone]

MEMORY = Path("/dev/shm")


def good(running: Kernel, code: str) -> str:
    result = running.run(code, timeout=200)
    assert result.ok, result.text
    return result.text


@pytest.fixture
def other_disk(tmp_path: Path) -> Iterator[Path]:
    if not os.access(MEMORY, os.W_OK) or MEMORY.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second file system here")
    folder = MEMORY / f"rustcell-{os.getpid()}"
    folder.mkdir(mode=0o700)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.skipif(os.name == "nt", reason="HOME is another variable there")
def test_spaces_and_accents_in_the_paths_of_environment_home_cache_and_notebook(
    tmp_path: Path,
) -> None:
    course = empty(environment("mein Kürs 课/.venv"))
    home = tmp_path / "Zoë Müller's home"
    notebooks = home / "mes notebooks été"
    notebooks.mkdir(parents=True)
    # Rust itself stays where it is installed.
    cargo = os.environ.get("CARGO_HOME", str(Path.home() / ".cargo"))
    root = link_base(course, home / ".cache" / "rustcell", CARGO_HOME=cargo)
    bases = sorted((root / "bases").iterdir())
    variables = {
        "HOME": str(home),
        "CARGO_HOME": cargo,
        "RUSTUP_HOME": os.environ.get("RUSTUP_HOME", str(Path.home() / ".rustup")),
        "RUSTCELL_CACHE_DIR": "",
        "XDG_CACHE_HOME": "",
        "TMPDIR": str(notebooks),
    }
    with kernel(python=course.python, env=variables, cwd=notebooks) as running:
        text = good(running, cell("placed", 1, "-v"))
        assert str(home) in text
        assert "pyo3" not in compiled(text)
        assert sorted(p for p in (root / "bases").iterdir() if p.is_dir()) == bases
        good(running, cell("placed", 2))
        assert running.value("placed.value()") == "2"
        child = "import subprocess\nsubprocess.check_output([sys.executable, '-c', "
        child += "'import placed; print(placed.value())'], text=True)"
        assert running.value("import sys\n" + child) == r"'2\n'"
        assert "placed [debug] installed" in good(running, "%rust_status")
        # What a compiler says names the cell and nothing of these paths.
        wrong = running.run(cell("placed", "missing"))
        assert "%%rust_module placed:6:5" in wrong.text
        assert home.name not in wrong.text
        # A program's own files are found: `include_str!` is relative to the crate, so by path.
        (notebooks / "wörter.txt").write_text("grün", encoding="utf-8")
        path = notebooks / "wörter.txt"
        good(running, cell("words", f'include_str!("{path}").chars().count() as i64'))
        assert running.value("words.value()") == "4"
        path.write_text("grünlich", encoding="utf-8")
        good(running, cell("words", f'include_str!("{path}").chars().count() as i64'))
        assert running.value("words.value()") == "8"
    assert course.run("-c", "import placed; print(placed.value())", cwd=notebooks) == "2\n"
    assert course.listed() == ["rustcell-placed", "rustcell-words"]
    course.run("-m", "pip", "uninstall", "-y", "-q", *course.listed())
    assert course.traces() == []


def test_temporary_files_on_another_disk(
    one: Environment, warm_cache: Path, other_disk: Path
) -> None:
    with kernel(python=one.python, env={"TMPDIR": str(other_disk)}) as running:
        for value in (1, 2):
            good(running, cell("temporary", value))
            assert running.value("temporary.value()") == str(value)
            assert "temporary [debug] installed" in good(running, "%rust_status")
    assert list(other_disk.iterdir()) == []


def test_a_cache_on_another_disk_than_the_environment(one: Environment, other_disk: Path) -> None:
    """Uv and maturin have to copy there where they would link."""
    root = link_base(one, other_disk / "cache", copy=shutil.copy2)
    with kernel(python=one.python, env={"RUSTCELL_CACHE_DIR": str(root.parent)}) as running:
        for value in (1, 2):
            text = good(running, cell("far", value, "-v"))
            assert "pyo3" not in compiled(text)
            assert running.value("far.value()") == str(value)
            assert "far [debug] installed" in good(running, "%rust_status")
    assert one.run("-c", "import far; print(far.value())") == "2\n"


@pytest.mark.skipif(os.name == "nt", reason="a link to a folder needs rights there")
def test_slots_on_another_disk_than_the_bases_get_copies(
    one: Environment, warm_cache: Path, other_disk: Path
) -> None:
    (other_disk / "slots").mkdir()
    (warm_cache / "slots").symlink_to(other_disk / "slots")
    with kernel(python=one.python) as running:
        for value in (1, 2):
            text = good(running, cell("copied", value, "-v"))
            assert "pyo3" not in compiled(text)
            assert running.value("copied.value()") == str(value)
        assert "copied [debug] installed" in good(running, "%rust_status")
    rlibs = list((other_disk / "slots").glob("*/*/target/debug/deps/libpyo3-*.rlib"))
    assert rlibs
    assert [p.stat().st_nlink for p in rlibs] == [1] * len(rlibs)


ALWAYS = "--force -v"

BIG = "#[pyfunction]\nfn big(x: num_bigint::BigInt) -> num_bigint::BigInt { x * 2 }"
BIG_OPTIONS = "--features num-bigint --dep num-bigint"


@pytest.fixture(scope="module")
def running() -> Iterator[Kernel]:
    """A kernel without network, on the shared cache: the bases of these options are kept there.

    What the committed lock names is downloaded before, once a machine.
    """
    made = empty(environment("one"))
    with kernel(python=made.python) as online:
        for options in (BIG_OPTIONS, "--dep rayon"):
            result = online.run(cell("fetched", 0, options), timeout=200)
            if "network cannot be reached" in result.evalue:
                pytest.skip("crates are to be downloaded, and there is no network")
            assert result.ok, result.text
        online.run("%rust_clean")
    with kernel(python=made.python, env={"CARGO_NET_OFFLINE": "true"}) as offline:
        yield offline


@pytest.mark.parametrize(
    ("name", "options", "more", "call", "badge"),
    [
        ("stable", "--features abi3-py311", "", "stable.value() == {}", "debug"),
        ("quick", "--release", "", "quick.value() == {}", "release"),
        ("profiled", "--profile release", "", "profiled.value() == {}", "release"),
        (
            "bigger",
            BIG_OPTIONS,
            BIG,
            "bigger.big(2**100) == 2**101 and bigger.value() == {}",
            "debug",
        ),
    ],
)
def test_options_build_offline_and_compile_the_cell_alone(
    running: Kernel, name: str, options: str, more: str, call: str, badge: str
) -> None:
    made = environment("one")
    good(running, cell(name, 0, f"{options} {ALWAYS}", more))
    good(running, "%rust_status")
    for value in (1, 2):
        text = good(running, cell(name, value, f"{options} {ALWAYS}", more))
        assert compiled(text) == [f"rustcell-{name}"], text
        assert running.value(call.format(value)) == "True"
        assert f"{name} [{badge}] installed" in good(running, "%rust_status")
    assert made.run("-c", f"import {name}; print({call.format(2)})") == "True\n"
    # maturin asked cargo for the same: one fingerprint of the cell, none after the copy.
    slot = Path(re.search(r"[= '](/[^= ']*/slots/\w+/\d+)/", text)[1])
    assert slot.is_relative_to(SHARED_CACHE)
    finished = slot / "target" / ("release" if badge == "release" else "debug")
    assert len(list((finished / ".fingerprint").glob(f"rustcell-{name}-*"))) == 1
    for crate in ("pyo3", "pyo3-ffi"):
        assert len(list((finished / ".fingerprint").glob(f"{crate}-[0-9a-f]*"))) == len(
            list(
                (SHARED_CACHE / "bases" / slot.parent.name / "target" / finished.name).glob(
                    f".fingerprint/{crate}-[0-9a-f]*"
                )
            )
        )


def test_the_stable_abi_s_file_says_so(running: Kernel) -> None:
    made = environment("one")
    good(running, cell("stable", 5, f"--features abi3-py311 {ALWAYS}"))
    good(running, "%rust_status")
    suffix = ".pyd" if os.name == "nt" else ".abi3.so"
    assert running.value("stable.stable.__file__").endswith(f"stable{suffix}'")
    assert (made.site / "stable" / f"stable{suffix}").exists()


def test_a_crate_of_the_committed_lock_needs_no_network(running: Kernel) -> None:
    more = (
        "#[pyfunction]\nfn total(numbers: Vec<i64>) -> i64 {\n"
        "    use rayon::prelude::*;\n    numbers.par_iter().sum()\n}"
    )
    text = good(running, cell("parallel", 1, f"--dep rayon {ALWAYS}", more))
    assert "Downloading" not in text
    assert running.value("parallel.total(list(range(1000)))") == "499500"
    assert "parallel [debug] installed" in good(running, "%rust_status")
