"""Several kernels, and environments, beside each other: each has its own code, none waits twice."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import rustcell
from environments import (
    KEPT,
    Environment,
    cell,
    compiled,
    empty,
    environment,
    link_base,
    terminal_variables,
)
from kernels import CellResult, Kernel, kernel

pytestmark = [pytest.mark.rust, pytest.mark.alone]

CHILDREN = """
import multiprocessing, subprocess, sys

def _ask(method):
    # eval is a function that every child has: nothing of the kernel's __main__ is needed.
    with multiprocessing.get_context(method).Pool(1) as pool:
        return pool.apply(eval, ("__import__('same').value()",))

def everywhere():
    code = "import same; print(same.value())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    import same
    answers = {"kernel": same.value(), "subprocess": int(done.stdout or -1)}
    for method in ("fork", "spawn", "forkserver"):
        answers[method] = _ask(method)
    return sorted(set(answers.items()))

def quickly():
    code = "import same; print(same.value())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    return [("kernel", same.value()), ("subprocess", int(done.stdout))]
"""


def together(kernels: list[Kernel], cells: list[str], timeout: float = 200) -> list[CellResult]:
    """Run one cell in each kernel at the same moment."""
    waiting = [k.send(c) for k, c in zip(kernels, cells, strict=True)]
    found = [k.collect(w, timeout) for k, w in zip(kernels, waiting, strict=True)]
    for result in found:
        assert result.ok, result.text
    return found


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Kernel]]:
    """Three kernels of one environment with one warm cache."""
    one = empty(environment("one"))
    cache = tmp_path_factory.mktemp("three") / "cache"
    link_base(one, cache)
    with ExitStack() as stack:
        variables = {"RUSTCELL_CACHE_DIR": str(cache)}
        kernels = [stack.enter_context(kernel(python=one.python, env=variables)) for _ in range(3)]
        together(kernels, [CHILDREN] * 3)
        yield kernels


def test_three_kernels_with_one_name_get_each_their_own_code(three: list[Kernel]) -> None:
    for turn in range(6):
        values = [100 * turn + n for n in range(3)]
        together(three, [cell("same", value) for value in values])
        ask = "everywhere()" if turn in (0, 5) else "quickly()"
        answers = together(three, [ask] * 3)
        for value, answer in zip(values, answers, strict=True):
            found = dict(eval(answer.shown[-1]["text/plain"]))
            assert set(found.values()) == {value}, (turn, found)


def test_one_text_in_three_kernels_at_once_is_right_in_each(three: list[Kernel]) -> None:
    for turn in range(3):
        together(three, [cell("same", 7000 + turn)] * 3)
        assert [k.value("same.value()") for k in three] == [str(7000 + turn)] * 3


def test_each_kernel_builds_in_its_own_slot(three: list[Kernel]) -> None:
    results = together(three, [cell("slots", n, "-v") for n in range(3)])
    slots = {re.search(r"slots/\w+/(\d+)/crates", result.text)[1] for result in results}
    assert len(slots) == 3
    # Nothing but the cell is compiled, so nobody waits for another's build.
    again = together(three, [cell("slots", 10 + n, "-v") for n in range(3)])
    for result in again:
        assert compiled(result.text) == ["rustcell-slots"]
        # (Cargo's lock on its downloads is everybody's, and held for a moment.)
        assert not re.search(r"waiting for file lock on (?!package cache)", result.text)


def test_four_kernels_on_a_cold_machine_build_the_base_once(
    one: Environment, tmp_path: Path
) -> None:
    bases = tmp_path / "cache" / "v1" / "bases"
    seen: set[str] = set()
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            seen.update(p.name for p in bases.glob(".new-*"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    variables = {"RUSTCELL_CACHE_DIR": str(tmp_path / "cache")}
    try:
        with ExitStack() as stack:
            kernels = [
                stack.enter_context(kernel(python=one.python, env=variables)) for _ in range(4)
            ]
            together(kernels, [cell("cold", n) for n in range(4)])
            assert [k.value("cold.value()") for k in kernels] == ["0", "1", "2", "3"]
    finally:
        done.set()
        watcher.join()
    assert len(seen) == 1
    assert sorted(p.is_dir() for p in bases.iterdir()) == [False, True]


SHAPES = """%%rust_module shapes
use pyo3::prelude::*;

/// Plane figures.
#[pymodule]
mod shapes {
    use pyo3::prelude::*;

    #[pyfunction]
    fn area(width: f64, height: f64) -> f64 { width * height }

    #[pyclass]
    struct Square;

    #[pymodule]
    mod solid {
        use pyo3::prelude::*;

        #[pyfunction]
        fn volume(edge: f64) -> f64 { edge * edge * edge }
    }

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("_hidden", 1)
    }
}
"""

DESCRIBE = r"""
import importlib, json, os, sys

def attempt(code):
    try:
        exec(code, {})
        return "fine"
    except BaseException as error:
        text = str(error).replace(os.path.dirname(os.path.dirname(shapes.__file__)), "SITE")
        return f"{type(error).__name__}: {text}"

def described():
    global shapes
    import shapes
    return json.dumps({
        "dir": dir(shapes),
        "all": shapes.__all__,
        "doc": shapes.__doc__,
        "name": [shapes.__name__, shapes.__package__, shapes.__spec__.name],
        "path": [os.path.basename(p) for p in shapes.__path__],
        "path is": type(shapes.__path__).__name__,
        "file": os.path.basename(shapes.__file__),
        "loader": type(shapes.__loader__).__name__,
        "native": os.path.basename(shapes.shapes.__file__),
        "native is": [shapes.shapes.__name__, shapes.shapes.__doc__],
        "modules": sorted(m for m in sys.modules if m.split(".")[0] == "shapes"),
        "submodule": [shapes.solid.__name__, shapes.solid.volume(2.0)],
        "class": [shapes.Square.__module__, shapes.Square.__qualname__],
        "function": str(shapes.area.__module__),
        "version": shapes.__version__,
        "errors": [
            attempt("import shapes.solid"),
            attempt("import shapes.nothing"),
            attempt("from shapes import nothing"),
            attempt("from shapes.solid import volume"),
            attempt("import shapes; shapes.nothing"),
            attempt("from shapes import *; area, Square, solid"),
            attempt("from shapes import _hidden"),
        ],
    })
"""


def install_by_hand(listing: str, crate: Path, made: Environment) -> None:
    """Write the crate that --show lists, and install it as a person in a terminal would."""
    for path, text in re.findall(r"===== (\S+) =====\n(.*?)(?=\n=====|\Z)", listing, re.DOTALL):
        (crate / path).parent.mkdir(parents=True, exist_ok=True)
        (crate / path).write_text(text.replace('path = "rustcell_support"', 'path = "../support"'))
    package = Path(rustcell.__path__[0])
    built = shutil.ignore_patterns("target")
    shutil.copytree(package / "support", crate.parent / "support", ignore=built)
    shutil.copyfile(package / "lock" / "Cargo.lock", crate / "Cargo.lock")
    maturin = Path(made.python).parent / ("maturin.exe" if os.name == "nt" else "maturin")
    done = subprocess.run(
        [maturin, "develop", "--uv", "--offline"],
        cwd=crate,
        env={
            **terminal_variables(),
            "VIRTUAL_ENV": str(made.folder),
            "CARGO_TARGET_DIR": str(KEPT / "by_hand"),
        },
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_kernel_child_terminal_and_hand_made_module_are_alike(
    one: Environment, tmp_path: Path
) -> None:
    by_hand = empty(environment("two"))
    with kernel(python=one.python) as running:
        listing = running.run(SHAPES.replace("shapes\n", "shapes --show\n", 1))
        assert running.run(SHAPES.replace("shapes\n", "shapes --force\n", 1)).ok
        assert running.run(DESCRIBE).ok
        in_kernel = json.loads(eval(running.value("described()")))
        child = running.run(
            "import subprocess\n"
            f"code = {DESCRIBE + 'print(described())'!r}\n"
            "print(subprocess.check_output([sys.executable, '-c', code], text=True))"
        )
        in_child = json.loads(child.stdout)
        assert "shapes [debug] installed" in running.run("%rust_status").text
        in_terminal = json.loads(one.run("-c", DESCRIBE + "print(described())"))
        install_by_hand(listing.stdout, tmp_path / "crate", by_hand)
        hand_made = json.loads(by_hand.run("-c", DESCRIBE + "print(described())"))
        running.run("%rust_clean")
    assert in_kernel == in_child
    assert in_kernel == in_terminal
    assert in_kernel == hand_made
    assert in_kernel["errors"][1].startswith("ModuleNotFoundError")
    assert in_kernel["doc"] == "Plane figures."
    assert in_kernel["version"] == "0.1.0"


def test_two_environments_in_turns_compile_nothing_of_the_other_again(one: Environment) -> None:
    two = empty(environment("two"))
    stamp = time.time_ns()
    with ExitStack() as stack:
        kernels = [stack.enter_context(kernel(python=e.python)) for e in (one, two)]
        for running in kernels:
            first = running.run(cell("turns", stamp, "-v"))
            assert first.ok, first.text
        for turn in range(1, 4):
            for running in kernels:
                result = running.run(cell("turns", stamp + turn, "-v"))
                assert compiled(result.text) == ["rustcell-turns"], result.text
                assert "turns [debug] installed" in running.run("%rust_status").text
                assert running.value("turns.value()") == str(stamp + turn)
    # The last text again, in new kernels: it needs no tool at all.
    for made in (one, two):
        with kernel(python=made.python) as running:
            result = running.run(cell("turns", stamp + 3, "-v"))
            assert "from memory or the cache" in result.text
            assert "cargo" not in result.text
            assert running.value("turns.value()") == str(stamp + 3)
