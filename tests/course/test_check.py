"""`rustcell check` on real kernels: strict, and quick when a kernel is gone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from notebooks import DIES, FAKE, RUST, code, write_notebook

ROOT = Path(__file__).parents[2]


def check(
    *arguments: str, cwd: Path, plain: bool = False
) -> tuple[subprocess.CompletedProcess[str], float]:
    """Run `rustcell check`, or plain `pytest --nbval`; return it with the seconds it took."""
    tool = ["pytest", "--nbval", "-p", "no:cacheprovider"] if plain else ["rustcell", "check"]
    begin = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", *tool, *arguments],
        cwd=cwd,
        env={k: v for k, v in os.environ.items() if not k.startswith("PYTEST")},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )
    return done, time.monotonic() - begin


def error_output(ename: str, evalue: str) -> dict[str, object]:
    return {"output_type": "error", "ename": ename, "evalue": evalue, "traceback": []}


def raising(source: str, ename: str, evalue: str):
    cell = code(source, tags=("raises-exception",))
    cell.outputs = [nbformat.from_dict(error_output(ename, evalue))]
    return cell


# Sockets that no other kernel can take; Windows has none.
TRANSPORT = "tcp\n" if os.name == "nt" else "ipc\n"


def test_chapters_as_stored_pass(tmp_path):
    write_notebook(
        tmp_path / "notebooks" / "00_a.ipynb",
        code("import os, sys; print(sys.executable)", printed=f"{sys.executable}\n"),
        code("print(os.environ['RUSTCELL_PROGRESS'])", printed="off\n"),
        code("print('PYTEST_CURRENT_TEST' in os.environ)", printed="False\n"),
        code("from ipykernel.connect import get_connection_info as info"),
        code('print(info(unpack=True)["transport"])', printed=TRANSPORT),
    )
    write_notebook(
        tmp_path / "notebooks" / "01_b.ipynb",
        raising("1 / 0", "ZeroDivisionError", "division by zero"),
    )
    done, _ = check("-j", "2", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 passed" in done.stdout


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (lambda: code("print('new')", printed="old\n"), "Cell outputs differ"),
        (lambda: code("print('new')"), "Cell outputs differ"),
        (lambda: code("1 / 0"), "ZeroDivisionError"),
        (lambda: raising("a = 1", "ZeroDivisionError", "division by zero"), "outputs differ"),
        (lambda: raising("1 / 0", "KeyError", "'a'"), "outputs differ"),
    ],
    ids=["other text", "unexpected text", "raises", "raises no more", "raises another"],
)
def test_what_differs_from_the_stored_output_fails(tmp_path, cell, said):
    chapter = write_notebook(tmp_path / "00_a.ipynb", cell())
    done, _ = check(str(chapter), cwd=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert said in done.stdout


@pytest.mark.parametrize("plain", [False, True], ids=["rustcell check", "pytest --nbval"])
def test_a_dead_kernel_fails_at_once_with_its_last_words(tmp_path, plain):
    shutil.copy(ROOT / "conftest.py", tmp_path)
    chapter = write_notebook(tmp_path / "00_a.ipynb", code(DIES), code("a = 1"), code("b = 1"))
    done, seconds = check(str(chapter), cwd=tmp_path, plain=plain)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "3 failed" in done.stdout
    assert "the last words" in done.stdout, done.stdout
    assert seconds < 40  # the cell timeout is 300 s, nbval's own 2000 s


@pytest.mark.parametrize("plain", [False, True], ids=["rustcell check", "pytest --nbval"])
def test_a_rust_cell_without_a_receipt_fails_and_is_named(tmp_path, plain):
    shutil.copy(ROOT / "conftest.py", tmp_path)
    chapter = write_notebook(tmp_path / "00_a.ipynb", code(FAKE), code(RUST), code("a = 1"))
    done, _ = check(str(chapter), cwd=tmp_path, plain=plain)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed, 2 passed" in done.stdout
    assert "Cell 1: the cell left no receipt" in done.stdout


def test_what_cannot_be_compared_fails(tmp_path):
    flood = code("print('x' * 100_000_000)")
    chapter = write_notebook(tmp_path / "00_a.ipynb", flood, code("a = 1"), code("b = 1"))
    notebook = nbformat.read(chapter, as_version=4)
    notebook.cells[3].execution_count = None
    nbformat.write(notebook, chapter)
    done, _ = check(str(chapter), cwd=tmp_path)
    assert done.returncode == 1
    assert "2 failed, 1 passed" in done.stdout
    assert "printed more than 12 MB" in done.stdout
    assert "Cell 2: the cell was never run" in done.stdout


def test_addresses_may_differ_and_nothing_else(tmp_path):
    shown = "<object object at 0x7f8e2c0b4a10>\n"
    chapter = write_notebook(
        tmp_path / "00_a.ipynb",
        code("print(object())", printed=shown),
        code("print('0x7f8e2c0b4a11')", printed="0x7f8e2c0b4a10\n"),
    )
    done, _ = check(str(chapter), cwd=tmp_path)
    assert "1 failed, 1 passed" in done.stdout, done.stdout
    assert "00_a.ipynb::Cell 1 -" in done.stdout


def test_a_notebook_that_cannot_be_read_is_named_before_any_runs(tmp_path):
    write_notebook(tmp_path / "notebooks" / "00_a.ipynb", code("1"))
    (tmp_path / "notebooks" / "01_b.ipynb").write_text('{"nbformat": 3}')
    done, _ = check(cwd=tmp_path)
    assert done.returncode == 2
    assert "01_b.ipynb has nbformat 3" in done.stderr


def test_cells_after_a_timeout_are_failures_not_expected_ones(tmp_path):
    chapter = write_notebook(
        tmp_path / "00_a.ipynb", code("import time; time.sleep(60)"), code("assert False")
    )
    done, _ = check(str(chapter), "--cell-timeout", "2", cwd=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "2 failed" in done.stdout
    assert "xfailed" not in done.stdout


def test_settings_around_the_notebook_change_nothing(tmp_path):
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --nbval-lax --collect-only\n")
    (tmp_path / "conftest.py").write_text("raise RuntimeError('loaded')\n")
    chapter = write_notebook(tmp_path / "00_a.ipynb", code("print('new')", printed="old\n"))
    done, _ = check(str(chapter), cwd=tmp_path)
    assert done.returncode == 1
    assert "Cell outputs differ" in done.stdout
