"""The steps of showing native output that need neither Rust nor a kernel."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import rustcell
from rustcell.live import capture
from rustcell.live.capture import CapturedDescriptor
from rustcell.notebook.native import may_keep_text, native_hooks
from rustcell.notebook.output import last_words

EVERYTHING = 1 << 40


@pytest.fixture
def descriptor() -> Iterator[int]:
    number = os.dup(1)
    yield number
    os.close(number)


@pytest.fixture
def captured(descriptor: int, tmp_path: Path) -> Iterator[CapturedDescriptor]:
    captured = CapturedDescriptor(descriptor, tmp_path / "stdout")
    yield captured
    captured.close()


def test_what_is_written_is_read_once(captured: CapturedDescriptor, descriptor: int) -> None:
    assert not captured.has_new()
    os.write(descriptor, b"one\ntwo")
    assert captured.has_new()
    assert captured.read(EVERYTHING) == ("one\ntwo", 7)
    assert not captured.has_new()
    assert captured.read(EVERYTHING) == ("", 0)


def test_a_character_split_over_two_reads(captured: CapturedDescriptor, descriptor: int) -> None:
    first, second = "é".encode()
    os.write(descriptor, bytes([first]))
    assert captured.read(EVERYTHING) == ("", 1)
    os.write(descriptor, bytes([second]))
    assert captured.read(EVERYTHING) == ("é", 1)


def test_bytes_that_are_no_text_are_replaced(captured: CapturedDescriptor, descriptor: int) -> None:
    os.write(descriptor, b"a\xffb")
    assert captured.read(EVERYTHING)[0] == "a\ufffdb"


def test_the_limit_drops_the_rest(captured: CapturedDescriptor, descriptor: int) -> None:
    os.write(descriptor, b"0123456789")
    assert captured.read(4) == ("0123", 10)
    os.write(descriptor, b"next")
    assert captured.read(EVERYTHING) == ("next", 4)


def test_nothing_is_stored_of_what_was_read(
    captured: CapturedDescriptor, descriptor: int, tmp_path: Path
) -> None:
    for _ in range(20):
        os.write(descriptor, b"x" * 1_000_000)
        captured.read(EVERYTHING)
    status = (tmp_path / "stdout").stat()
    assert min(status.st_blocks * 512, status.st_size) < 100_000


@pytest.mark.parametrize("holes", [True, False])
def test_last_words_are_what_was_not_read(
    captured: CapturedDescriptor,
    descriptor: int,
    tmp_path: Path,
    holes: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not holes:
        monkeypatch.setattr(capture, "_punch_hole", lambda *_: False)
    os.write(descriptor, b"shown\n")
    captured.read(EVERYTHING)
    assert last_words(tmp_path) == ""
    os.write(descriptor, b"not shown\n")
    (tmp_path / "stderr").write_text("panicked\n")
    assert last_words(tmp_path) == "not shown\npanicked"
    assert last_words(tmp_path, 4) == "cked"


def test_no_last_words_without_files(tmp_path: Path) -> None:
    assert last_words(tmp_path / "missing") == ""


@pytest.mark.skipif(sys.platform != "linux", reason="needs holes in files")
def test_a_thread_that_writes_on_loses_nothing(
    captured: CapturedDescriptor, descriptor: int
) -> None:
    lines = [f"{number}\n" for number in range(100_000)]

    def write() -> None:
        for line in lines:
            os.write(descriptor, line.encode())

    writer = threading.Thread(target=write)
    writer.start()
    text = ""
    while writer.is_alive():
        text += captured.read(EVERYTHING)[0]
    text += captured.read(EVERYTHING)[0]
    assert text == "".join(lines)


def test_the_file_is_private_and_goes(descriptor: int, tmp_path: Path) -> None:
    before = os.fstat(descriptor)
    captured = CapturedDescriptor(descriptor, tmp_path / "stdout")
    if sys.platform != "win32":
        assert stat.S_IMODE((tmp_path / "stdout").stat().st_mode) == 0o600
    captured.close()
    assert list(tmp_path.iterdir()) == []
    assert os.path.samestat(os.fstat(descriptor), before)


def test_a_library_without_the_support_crate_has_no_hooks(tmp_path: Path) -> None:
    import _ctypes

    assert native_hooks(Path(_ctypes.__file__)) is None
    assert native_hooks(tmp_path / "missing.so") is None


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('println!("a"); eprint!("b");', False),
        ('print!("a");', True),
        ('std::print! { "a" }', True),
        ("use std::io::stdout;", True),
        ("fn to(out: Stdout) {}", True),
    ],
)
def test_which_source_can_leave_text_in_the_buffer(source: str, expected: bool) -> None:
    assert may_keep_text(source) is expected


SHELL = """
import io, os, sys
from pathlib import Path
from IPython.core.interactiveshell import InteractiveShell
from rustcell.notebook.output import CellOutput

folder = Path(sys.argv[1])
shell = InteractiveShell.instance()
report = os.fdopen(os.dup(2), "w")
sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
before = [sys.stdout.write, sys.stdout.flush, sys.stderr.write, sys.stderr.flush]
output = CellOutput(folder)
output.install(shell)
output.install(shell)
"""


def in_shell(folder: Path, code: str) -> str:
    """Run code in a process of its own after SHELL; returns what it writes to `report`."""
    environment = {**os.environ, "PYTHONPATH": str(Path(rustcell.__path__[0]).parent)}
    done = subprocess.run(
        [sys.executable, "-c", SHELL + code, str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_order_in_a_cell(tmp_path: Path) -> None:
    code = """
shell.run_cell('print("a"); n = os.write(1, b"b\\\\n"); print("c"); n = os.write(1, b"d")')
shell.run_cell('')
shell.run_cell('n = os.write(2, b"e")')
report.write(sys.stdout.getvalue() + "|" + sys.stderr.getvalue())
"""
    assert in_shell(tmp_path, "shell.user_ns['os'] = os\n" + code) == "a\nb\nc\nd|e"


def test_cells_within_cells(tmp_path: Path) -> None:
    code = r"""
shell.user_ns.update(os=os, shell=shell)
shell.run_cell('''
n = os.write(1, b"1\\n")
shell.run_cell("")
shell.run_cell("n = os.write(1, b'2\\\\n'); print('3')")
n = os.write(1, b"4\\n")
print("5")
''')
shell.run_cell("%%capture kept\nn = os.write(1, b'kept')")
shell.run_cell("print(repr(str(kept)))")
report.write(sys.stdout.getvalue())
"""
    assert in_shell(tmp_path, code) == "1\n2\n3\n4\n5\n'kept'\n"


def test_uninstall_puts_everything_back(tmp_path: Path) -> None:
    code = """
shell.run_cell('print("in a cell")')
output.uninstall()
output.uninstall()
now = [sys.stdout.write, sys.stdout.flush, sys.stderr.write, sys.stderr.flush]
assert now == before
assert not list(folder.iterdir())
assert not [f for f in shell.events.callbacks["pre_run_cell"] if "rustcell" in f.__module__]
os.write(2, b"outside")
"""
    assert in_shell(tmp_path, code) == "outside"


def test_a_clean_end_leaves_nothing(tmp_path: Path) -> None:
    in_shell(tmp_path, "shell.run_cell('print(1)')")
    assert list(tmp_path.iterdir()) == []


def test_a_forked_child_leaves_the_reading_to_its_parent(tmp_path: Path) -> None:
    code = """
shell.user_ns["os"] = os
shell.run_cell('''
child = os.fork()
if child == 0:
    n = os.write(1, b"from the child\\\\n")
    print("to the child's own stream")
    os._exit(0)
status = os.waitpid(child, 0)
print("from the parent")
''')
child = os.fork()
if child == 0:
    sys.exit(0)  # a clean exit of a child: its atexit functions must leave the files alone
os.waitpid(child, 0)
assert (folder / "stdout").exists()
report.write(sys.stdout.getvalue())
"""
    assert in_shell(tmp_path, code) == "from the child\nfrom the parent\n"
