"""`rustcell run` on real kernels: each notebook gets its row, whatever becomes of it."""

from __future__ import annotations

import os
import subprocess
import sys
from xml.etree import ElementTree as ET

import nbformat
import psutil
import pytest

from command_line import rows, rustcell
from notebooks import DIES, FAKE, RUST, code, write_notebook

TRANSPORT = """\
from ipykernel.connect import get_connection_info
print(get_connection_info(unpack=True)["transport"])"""


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """One run over a course in which everything happens."""
    course = tmp_path_factory.mktemp("a course é")
    chapters = course / "notebooks"
    write_notebook(
        chapters / "00_fine.ipynb",
        code("import sys"),
        code("print(sys.executable)"),
        code(TRANSPORT),
    )
    write_notebook(
        chapters / "01_raises.ipynb",
        code("1 / 0", tags=("raises-exception",)),
        code("print('on')"),
    )
    write_notebook(chapters / "02_fails.ipynb", code("a = 1"), code("{}['key']"), code("never = 1"))
    write_notebook(chapters / "03_tame.ipynb", code("a = 1", tags=("raises-exception",)))
    write_notebook(chapters / "04_dies.ipynb", code("a = 1"), code(DIES), code("b = 1"))
    write_notebook(chapters / "05_hangs.ipynb", code("import time; time.sleep(60)"))
    (chapters / "06_broken.ipynb").write_text("{")
    write_notebook(
        chapters / "07_silenced.ipynb",
        code("get_ipython().showtraceback = lambda *a, **k: None"),
        code("1 / 0"),
    )
    write_notebook(chapters / "08_floods.ipynb", code("print('x' * 100_000_000)"))
    write_notebook(chapters / "09_faked.ipynb", code("a = 1"), code(FAKE), code(RUST))
    done = rustcell(
        *("run", "-j", "2", "--json", "--out", "executed", "--cell-timeout", "6"),
        *("--html", "r.html", "--junit", "r.xml"),
        cwd=course,
    )
    return course, done


def test_every_chapter_has_a_row_and_the_status_is_1(mixed):
    _, done = mixed
    verdicts = {name: row["verdict"] for name, row in rows(done).items()}
    assert verdicts == {
        "00_fine": "passed",
        "01_raises": "passed",
        "02_fails": "failed",
        "03_tame": "failed",
        "04_dies": "kernel died",
        "05_hangs": "timed out",
        "06_broken": "not run",
        "07_silenced": "failed",
        "08_floods": "failed",
        "09_faked": "failed",
    }
    assert done.returncode == 1


def test_a_failing_cell_is_named_with_its_exception_and_text(mixed):
    row = rows(mixed[1])["02_fails"]
    assert (row["failing_cell"], row["done"], row["cells"]) == (2, 1, 3)
    assert row["error"] == "KeyError: 'key'"
    assert "{}['key']" in row["text"]
    assert "\x1b" not in row["text"]


def test_a_tagged_cell_that_raises_nothing_fails(mixed):
    row = rows(mixed[1])["03_tame"]
    assert row["failing_cell"] == 1
    assert "raised nothing" in row["error"]


def test_a_dead_kernel_leaves_its_last_words(mixed):
    row = rows(mixed[1])["04_dies"]
    assert row["failing_cell"] == 2
    assert "the last words" in row["text"]
    assert "encrypt" not in row["text"]


def test_a_flood_is_cut_off(mixed):
    course, done = mixed
    assert "printed more than 12 MB" in rows(done)["08_floods"]["error"]
    assert (course / "executed" / "08_floods.ipynb").stat().st_size < 13_000_000


def test_a_magic_that_did_nothing_is_found_out(mixed):
    row = rows(mixed[1])["09_faked"]
    assert (row["failing_cell"], row["source"]) == (3, RUST)
    assert "no receipt" in row["error"]


def test_the_reports_have_a_case_for_each_chapter(mixed):
    course, done = mixed
    suite = ET.parse(course / "r.xml").getroot()
    assert {case.get("name") for case in suite} == set(rows(done))
    page = (course / "r.html").read_text(encoding="utf-8")
    assert "KeyError: &#39;key&#39;" in page


def test_the_kernel_is_this_interpreters(mixed):
    executed = nbformat.read(mixed[0] / "executed" / "00_fine.ipynb", as_version=4)
    assert executed.cells[2].outputs[0].text.strip() == sys.executable


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such sockets: TCP stays")
def test_kernels_that_start_at_once_cannot_take_each_others_ports(mixed):
    executed = nbformat.read(mixed[0] / "executed" / "00_fine.ipynb", as_version=4)
    assert executed.cells[3].outputs[0].text.strip() == "ipc"


def test_the_table_names_chapter_cells_seconds_and_result(tmp_path):
    chapter = write_notebook(tmp_path / "02_fails.ipynb", code("a = 1"), code("{}['key']"))
    done = rustcell("run", str(chapter), cwd=tmp_path)
    table = done.stdout
    assert done.returncode == 1
    assert all(word in table for word in ("chapter", "cells", "seconds", "result"))
    assert "02_fails" in table
    assert "1/2" in table
    assert "failed, cell 2" in table
    assert "KeyError: 'key'" in table
    assert "02_fails: running, 2 cells" in done.stderr
    assert "encrypt" not in done.stdout + done.stderr


def test_write_stores_a_canonical_notebook_and_a_second_write_changes_nothing(tmp_path):
    chapter = write_notebook(
        tmp_path / "notebooks" / "00_a.ipynb",
        code("import sys; print('out'); print('err', file=sys.stderr); print('more')"),
        code("2 + 2", tags=("check",)),
        code("import time; time.time_ns()", tags=("nbval-ignore-output",)),
    )
    first = rustcell("run", "--write", cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    stored = chapter.read_bytes()
    assert stored.endswith(b"}\n")
    assert not stored.endswith(b"\n\n")
    assert b"papermill" not in stored
    notebook = nbformat.reads(stored.decode(), as_version=4)
    nbformat.validate(notebook)
    assert [cell.id for cell in notebook.cells] == ["title", "cell-1", "cell-2", "cell-3"]
    assert [cell.execution_count for cell in notebook.cells[1:]] == [1, 2, 3]
    assert [output.text for output in notebook.cells[1].outputs] == ["out\nmore\n", "err\n"]
    assert notebook.cells[2].metadata == {"tags": ["check"]}
    assert notebook.cells[2].outputs[0].execution_count == 2
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert notebook.metadata.kernelspec.name == "python3"

    second = rustcell("run", "--write", cwd=tmp_path)
    assert "nothing changed" in second.stdout
    assert chapter.read_bytes() == stored

    notebook.cells[3].outputs = []
    chapter.write_bytes((nbformat.writes(notebook) + "\n").encode())
    assert "nothing changed" not in rustcell("run", "--write", cwd=tmp_path).stdout
    assert nbformat.read(chapter, as_version=4).cells[3].outputs


def test_write_leaves_a_failing_chapter_alone(tmp_path):
    chapter = write_notebook(tmp_path / "00_a.ipynb", code("1 / 0"))
    before = chapter.read_bytes()
    assert rustcell("run", "--write", str(chapter), cwd=tmp_path).returncode == 1
    assert chapter.read_bytes() == before


def test_a_parameter_reaches_the_chapters_that_declare_it(tmp_path):
    notebooks = tmp_path / "notebooks"
    write_notebook(
        notebooks / "00_with.ipynb", code("n = 1", tags=("parameters",)), code("assert n == 5, n")
    )
    write_notebook(notebooks / "01_without.ipynb", code("assert 'n' not in globals()"))
    (notebooks / "02_broken.ipynb").write_text("{")
    write_notebook(
        notebooks / "03_fails.ipynb", code("n = 1", tags=("parameters",)), code("assert n == 1, n")
    )
    found = rows(rustcell("run", "-p", "n", "5", "--json", cwd=tmp_path))
    verdicts = {name: row["verdict"] for name, row in found.items()}
    assert verdicts == {
        "00_with": "passed",
        "01_without": "passed",
        "02_broken": "not run",
        "03_fails": "failed",
    }
    # Counted as in the stored notebook, without the cell that papermill puts in.
    assert (found["03_fails"]["failing_cell"], found["03_fails"]["cells"]) == (2, 2)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "77"), "There is no chapter '77'"),
        (("run", "0"), "names several chapters"),
        (("run", "-p", "speed", "3"), "No chosen chapter has a parameter 'speed'"),
        (("run", "-p", "n", "3", "--write"), "leave out -p"),
        (("run", "--out", "notebooks"), "--out notebooks is where"),
        (("run", "--resume"), "name it by --out"),
        (("run", "--resume", "--since-change", "--out", "o"), "name one"),
        (("run", "--html", "notebooks"), "is a directory"),
        (("run", "-j", "0"), "-j"),
        (("check", "missing.ipynb"), "There is no chapter"),
    ],
)
def test_wrong_use_is_status_2_and_one_clear_line(tmp_path, arguments, said):
    for name in ("00_a.ipynb", "01_b.ipynb"):
        write_notebook(tmp_path / "notebooks" / name, code("a = 1"))
    done = rustcell(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_without_chapters_it_says_where_it_looked(tmp_path):
    done = rustcell("run", cwd=tmp_path)
    assert done.returncode == 2
    assert "no folder notebooks/" in done.stderr


def test_a_killed_worker_costs_its_chapter_only(tmp_path):
    notebooks = tmp_path / "notebooks"
    kill_worker = "import os, signal; os.kill(os.getppid(), signal.SIGKILL)"
    write_notebook(notebooks / "00_kills.ipynb", code(kill_worker), code("1"))
    write_notebook(notebooks / "01_next.ipynb", code("1"))
    done = rustcell("run", "-j", "1", "--json", cwd=tmp_path)
    found = rows(done)
    assert found["00_kills"]["verdict"] == "not run"
    assert "worker process died" in found["00_kills"]["error"]
    assert found["01_next"]["verdict"] == "passed"


@pytest.mark.skipif(os.name == "nt", reason="SIGTERM ends a Windows process at once")
def test_a_terminated_run_leaves_no_process(tmp_path):
    marker = tmp_path / "kernel.pid"
    sleeps = f"import os, time; open({str(marker)!r}, 'w').write(str(os.getpid())); time.sleep(99)"
    chapter = write_notebook(tmp_path / "00_sleeps.ipynb", code(sleeps))
    with subprocess.Popen(
        [sys.executable, "-m", "rustcell", "run", str(chapter)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        for _ in range(900):
            if marker.exists() and marker.read_text():
                break
            psutil.wait_procs([psutil.Process(process.pid)], timeout=0.1)
        kernel = psutil.Process(int(marker.read_text()))
        process.terminate()
        assert process.wait(30) != 0
    assert psutil.wait_procs([kernel], timeout=5)[1] == []
