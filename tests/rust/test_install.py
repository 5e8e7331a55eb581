"""The environment follows the cells in the background, and never half."""

from __future__ import annotations

import base64
import csv
import hashlib
import itertools
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from environments import (
    SLOW,
    Environment,
    cell,
    empty,
    environment,
    link_base,
    marked,
    until,
)
from kernels import Kernel, kernel
from rustcell.live.installed import remove_owned

pytestmark = [pytest.mark.rust, pytest.mark.alone]

SLACK_S = 10
"""Design: complete 2 s after the cell. A busy machine gets more before a test fails."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> tuple[Environment, Path]:
    """An environment and a warm cache for the tests of this file."""
    one = empty(environment("one"))
    return one, link_base(one, tmp_path_factory.mktemp("install") / "cache")


@pytest.fixture(scope="module")
def running(place: tuple[Environment, Path]) -> Iterator[Kernel]:
    one, root = place
    with kernel(python=one.python, env={"RUSTCELL_CACHE_DIR": str(root.parent)}) as started:
        yield started


@pytest.fixture
def here(place: tuple[Environment, Path]) -> Environment:
    return place[0]


@pytest.fixture
def root(place: tuple[Environment, Path]) -> Path:
    return place[1]


def installed_value(made: Environment, name: str) -> int:
    return int(made.run("-c", f"import {name}; print({name}.value())"))


def good(running: Kernel, code: str) -> str:
    result = running.run(code)
    assert result.ok, result.text
    return result.text


def test_pip_lists_a_changed_cell_within_seconds(
    running: Kernel, here: Environment, record_property
) -> None:
    good(running, cell("listed", 1))
    running.run("%rust_status")
    before = here.owner("listed")["key"]
    good(running, cell("listed", 2))
    begin = time.monotonic()
    until(lambda: here.traces("listed") and _key(here, "listed") not in ("", before), SLACK_S)
    took = time.monotonic() - begin
    record_property("seconds until installed", round(took, 2))
    print(f"installed {took:.2f} s after the cell")
    assert "rustcell-listed" in here.listed()
    assert installed_value(here, "listed") == 2


def _key(made: Environment, name: str) -> str:
    try:
        return made.owner(name)["key"]
    except (ValueError, OSError):
        return ""


def tree(folder: Path) -> dict[str, int]:
    return {str(p): p.stat().st_mtime_ns for p in folder.rglob("*") if p.is_file()}


def compiled_after(moment_ns: int, debug: Path) -> list[str]:
    return [
        str(path)
        for folder in ("deps", "build", "incremental")
        for path in (debug / folder).rglob("*")
        if path.is_file() and path.stat().st_mtime_ns > moment_ns
    ]


def test_the_install_compiles_no_dependency(running: Kernel, root: Path) -> None:
    name = "fresh_for_maturin"
    for value, compiled_by in ((1, "cargo"), (2, "rustc")):
        good(running, cell(name, value))
        good(running, "%rust_status")
        build = Path(eval(running.value(f"str({name}.__file__)"))).parents[1]
        (copied,) = build.glob(f"{name}/*.so")
        (slot,) = (root / "slots").glob(f"*/*/crates/{name}")
        debug = slot.parents[1] / "target" / "debug"
        later = compiled_after(copied.stat().st_mtime_ns, debug)
        # Cargo's own build serves maturin as it is; rustc's is made again by maturin.
        assert compiled_by == "rustc" or not later, later
        assert all(name in path for path in later), later
    # One fingerprint: maturin asks cargo for the very same unit.
    assert len(list((debug / ".fingerprint").glob(f"rustcell-{name}-*"))) == 1
    assert len(list((debug / ".fingerprint").glob("pyo3-ffi-*"))) == len(
        list(
            (next((root / "bases").glob("*/target")) / "debug" / ".fingerprint").glob("pyo3-ffi-*")
        )
    )


def test_record_lists_all_and_uninstalling_leaves_nothing(
    running: Kernel, here: Environment
) -> None:
    for value in (1, 2):
        good(running, cell("recorded", value))
        good(running, "%rust_status")
    (record,) = here.site.glob("rustcell_recorded-*.dist-info/RECORD")
    rows = list(csv.reader(record.read_text(encoding="utf-8").splitlines()))
    files = {row[0]: row for row in rows}
    owned = f"{record.parent.name}/rustcell.json"
    assert len(files) == len(rows)
    assert owned in files
    for path, digest, size in rows:
        data = (here.site / path).read_bytes()
        # maturin itself writes direct_url.json anew after the install.
        if digest and not path.endswith("/direct_url.json"):
            found = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            assert (digest, size) == (f"sha256={found}", str(len(data))), path
    on_disk = {
        p.relative_to(here.site).as_posix()
        for folder in here.traces("recorded")
        for p in (here.site / folder).rglob("*")
        if p.is_file() and p.suffix != ".pyc"
    }
    assert on_disk == set(files)
    here.run("-m", "pip", "uninstall", "-y", "rustcell-recorded")
    assert here.traces("recorded") == []


def test_clean_removes_what_this_kernel_installed(running: Kernel, here: Environment) -> None:
    for name in ("cleaned_one", "cleaned_two"):
        good(running, cell(name, 1))
    assert good(running, "%rust_clean cleaned_one").strip() == "removed cleaned_one"
    assert here.traces("cleaned_one") == []
    assert here.traces("cleaned_two") != []
    refused = running.run("import cleaned_one")
    assert refused.ename == "ModuleNotFoundError"
    running.run("%rust_clean")
    assert here.traces() == []
    assert here.listed() == []
    # A cleaned module comes back when its cell changes, in the kernel and in the environment.
    good(running, cell("cleaned_one", 2))
    assert running.value("cleaned_one.value()") == "2"
    assert "cleaned_one [debug] installed" in good(running, "%rust_status")
    assert here.traces("cleaned_one") != []


def test_quick_edits_end_with_the_last_one_installed(running: Kernel, here: Environment) -> None:
    for value in range(5):
        good(running, cell("hasty", value))
    assert "hasty [debug] installed" in good(running, "%rust_status")
    assert installed_value(here, "hasty") == 4


def test_installs_cut_short_by_other_cells_are_repeated(running: Kernel, here: Environment) -> None:
    wanted = ["cut_a", "cut_b", "cut_c"]
    for name in wanted:
        good(running, cell(name, 5))
    good(running, "%rust_status")
    assert [installed_value(here, name) for name in wanted] == [5, 5, 5]
    for name in wanted:
        good(running, cell(name, 6))
    status = good(running, "%rust_status")
    assert [f"{name} [debug] installed" in status for name in wanted] == [True] * 3
    assert [installed_value(here, name) for name in wanted] == [6, 6, 6]


def test_an_unchanged_cell_installs_nothing_and_the_status_says_so(
    running: Kernel, here: Environment, root: Path
) -> None:
    for value in (1, 2):
        good(running, cell("back", value))
        assert "back [debug] installed" in good(running, "%rust_status")
    before = here.owner("back")
    good(running, cell("back", 1))
    assert running.value("back.value()") == "1"
    assert "back [debug] in this kernel only" in good(running, "%rust_status")
    assert installed_value(here, "back") == 2
    with kernel(python=here.python, env={"RUSTCELL_CACHE_DIR": str(root.parent)}) as other:
        assert "from memory or the cache" in good(other, cell("back", 2, "-v"))
        assert "back [debug] installed" in good(other, "%rust_status")
    assert here.owner("back") == before


@pytest.mark.parametrize("failing", ["nonsense", "expected", "interrupted"])
def test_a_failing_cell_does_not_spoil_the_install_before_it(
    running: Kernel, here: Environment, failing: str
) -> None:
    good(running, cell("spoilt", 1))
    good(running, "%rust_status")
    value = time.time_ns()
    good(running, cell("spoilt", value))
    if failing == "nonsense":
        assert "does not compile" in running.run(cell("spoilt", "nonsense")).evalue
    elif failing == "expected":
        good(running, cell("spoilt", "nonsense", "--expect-error E0425"))
    else:
        waiting = running.send(cell("spoilt", value + 1, more=SLOW))
        time.sleep(0.5)
        running.manager.interrupt_kernel()
        assert running.collect(waiting).ename == "KeyboardInterrupt"
    status = good(running, "%rust_status")
    assert "spoilt [debug] installed" in status
    assert "failed" not in status
    assert installed_value(here, "spoilt") == value


@pytest.mark.parametrize("after_s", [0.0, 0.15, 0.35, 0.6])
@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_killing_the_kernel_during_an_install_leaves_no_process_and_no_half_module(
    here: Environment, root: Path, mark: str, after_s: float
) -> None:
    name, value = "killed", time.time_ns()
    variables = {"RUSTCELL_CACHE_DIR": str(root.parent)}
    with kernel(python=here.python, env=variables) as doomed:
        good(doomed, cell(name, value))
        time.sleep(after_s)
        doomed.manager.provisioner.process.kill()
        until(lambda: doomed.manager.provisioner.process.poll() is not None, 5)
        until(lambda: marked(mark) == [], 10)
    with kernel(python=here.python, env=variables) as following:
        good(following, cell(name, value + 1))
        assert f"{name} [debug] installed" in good(following, "%rust_status")
        assert installed_value(here, name) == value + 1


def test_a_failing_install_is_told_at_the_next_cell_and_repeated_later(
    running: Kernel, here: Environment, tmp_path: Path
) -> None:
    good(running, cell("unlucky", 1))
    good(running, "%rust_status")
    blocked = tmp_path / "a file"
    blocked.touch()
    good(running, f"import os; os.environ['UV_CACHE_DIR'] = {str(blocked / 'x')!r}")
    try:
        good(running, cell("unlucky", 2))
        assert running.value("unlucky.value()") == "2"
        told = good(running, "%rust_status")
        assert "unlucky works in this kernel, but installing it" in told
        assert "unlucky [debug] in this kernel only" in told
        # Again, without waiting for it by hand: the next Rust cell says it, once.
        good(running, cell("unlucky", 3))
        deadline = time.monotonic() + 20
        texts = []
        while time.monotonic() < deadline:
            texts.append(good(running, cell("unlucky", 3)))
            if "installing it" in texts[-1]:
                break
            time.sleep(0.3)
        assert "unlucky works in this kernel, but installing it" in texts[-1]
    finally:
        good(running, "del os.environ['UV_CACHE_DIR']")
    good(running, cell("unlucky", 4))
    assert "unlucky [debug] installed" in good(running, "%rust_status")
    assert installed_value(here, "unlucky") == 4


ELSEWHERE = ("VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONHOME", "PYTHONPATH")


def test_variables_that_point_elsewhere_do_not_matter(
    running: Kernel, here: Environment, tmp_path: Path
) -> None:
    other = empty(environment("two"))
    wrong = {
        "VIRTUAL_ENV": str(other.folder),
        "CONDA_PREFIX": str(other.folder),
        "PYTHONHOME": str(tmp_path),
        "PYTHONPATH": str(other.site),
    }
    good(running, f"import os; kept = {{n: os.environ.get(n) for n in {ELSEWHERE!r}}}")
    combinations = [
        chosen
        for size in range(1, len(ELSEWHERE) + 1)
        for chosen in itertools.combinations(ELSEWHERE, size)
    ]
    restore = (
        "for n, v in kept.items():\n"
        "    os.environ.pop(n, None) if v is None else os.environ.__setitem__(n, v)"
    )
    for number, chosen in enumerate(combinations):
        chosen_values = {name: wrong[name] for name in chosen}
        good(running, f"os.environ.update({chosen_values!r})")
        try:
            good(running, cell("anywhere", number))
            status = good(running, "%rust_status")
        finally:
            good(running, restore)
        assert "anywhere [debug] installed" in status, (chosen, status)
        assert running.value("anywhere.value()") == str(number)
    assert installed_value(here, "anywhere") == len(combinations) - 1
    assert other.traces() == []


@pytest.mark.parametrize("both", [True, False])
def test_a_kernel_started_from_another_environment_installs_into_its_own(
    here: Environment, root: Path, both: bool
) -> None:
    other = empty(environment("two"))
    variables = {"RUSTCELL_CACHE_DIR": str(root.parent), "CONDA_PREFIX": str(other.folder)}
    if both:
        variables["VIRTUAL_ENV"] = str(other.folder)
    with kernel(python=here.python, env=variables) as started:
        good(started, cell("guest", int(both)))
        assert "guest [debug] installed" in good(started, "%rust_status")
    assert installed_value(here, "guest") == int(both)
    assert other.traces() == []


def test_only_what_an_owner_installed_last_is_removed(here: Environment, root: Path) -> None:
    for owner, name in (("the-first-run", "of_first"), ("the-second-run", "of_second")):
        variables = {"RUSTCELL_CACHE_DIR": str(root.parent), "RUSTCELL_OWNER": owner}
        with kernel(python=here.python, env=variables) as started:
            good(started, cell(name, 1))
            good(started, "%rust_status")
            refused = started.run("%rust_clean of_first") if name == "of_second" else None
            assert refused is None or "not installed by this kernel" in refused.evalue
        assert here.owner(name)["owner"] == owner
    assert {"rustcell-of-first", "rustcell-of-second"} <= {
        name.replace("_", "-") for name in here.listed()
    }
    code = (
        "from pathlib import Path; from rustcell.live.installed import remove_owned;"
        f"print(remove_owned('the-first-run', Path({str(root)!r})))"
    )
    sources = str(Path(remove_owned.__code__.co_filename).parents[1])
    assert here.run("-c", code, PYTHONPATH=sources).strip() == "['of_first']"
    assert here.traces("of_first") == []
    assert here.traces("of_second") != []


def test_an_import_beside_an_install_finds_a_whole_module(
    running: Kernel, here: Environment
) -> None:
    good(running, cell("whole", 0))
    children = """
import subprocess, sys
def ask():
    code = "import whole; print(whole.value())"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
"""
    good(running, children)
    for value in range(1, 4):
        good(running, cell("whole", value))
        answers = running.value("[ask().stdout.strip() for _ in range(12)]")
        assert eval(answers) == [str(value)] * 12


def test_the_helper_ends_by_itself(running: Kernel) -> None:
    good(running, cell("helped", 1))
    good(running, "%rust_status")
    code = "import psutil; [c.name() for c in psutil.Process().children(recursive=True)]"
    assert running.value(code) == "[]"
