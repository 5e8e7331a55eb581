"""What Rust prints is in the cell's output: real modules in real kernels."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import rustcell
from kernels import CellResult, Kernel, kernel
from rustcell.notebook.output import last_words

pytestmark = [pytest.mark.rust, pytest.mark.alone]

PACKAGE = Path(rustcell.__path__[0])
SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")

MANIFEST = f"""
[package]
name = "chatty"
version = "0.1.0"
edition = "2024"

[lib]
crate-type = ["cdylib"]

[dependencies]
pyo3 = "=0.30.1"
rustcell_support = {{ path = "{(PACKAGE / "support").as_posix()}" }}

[profile.dev]
debug = "line-tables-only"

[workspace]
"""

SOURCE = r"""
#![forbid(unsafe_code)]
use pyo3::prelude::*;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

#[pyfunction]
fn line(text: &str) { println!("{text}"); }

#[pyfunction]
fn part(text: &str) { print!("{text}"); }

#[pyfunction]
fn error_line(text: &str) { eprintln!("{text}"); }

#[pyfunction]
fn lines(count: usize) { for number in 0..count { println!("{number}"); } }

#[pyfunction]
fn lines_detached(py: Python<'_>, count: usize) { py.detach(|| lines(count)); }

#[pyfunction]
fn megabytes(count: usize) {
    let line = "x".repeat(999);
    for _ in 0..count * 1000 { println!("{line}"); }
}

#[pyfunction]
fn raw(bytes: Vec<u8>) {
    let mut out = std::io::stdout();
    out.write_all(&bytes).unwrap();
    out.flush().unwrap();
}

#[pyfunction]
fn later(text: String, millis: u64) {
    thread::spawn(move || {
        thread::sleep(Duration::from_millis(millis));
        println!("{text}");
    });
}

#[pyfunction]
fn slowly(py: Python<'_>, count: usize, millis: u64) {
    py.detach(|| {
        for number in 0..count {
            println!("step {number}");
            thread::sleep(Duration::from_millis(millis));
        }
    });
}

#[pyfunction]
fn child() {
    std::process::Command::new("sh").args(["-c", "echo from a child"]).status().unwrap();
}

static LET_GO: AtomicBool = AtomicBool::new(false);

/// A thread that keeps stdout locked until `let_go`, as a logger thread does.
#[pyfunction]
fn keep_stdout() {
    LET_GO.store(false, Ordering::SeqCst);
    let (locked, has_locked) = std::sync::mpsc::channel();
    thread::spawn(move || {
        let mut out = std::io::stdout().lock();
        locked.send(()).unwrap();
        while !LET_GO.load(Ordering::SeqCst) { thread::sleep(Duration::from_millis(5)); }
        writeln!(out, "let go").unwrap();
    });
    has_locked.recv().unwrap();
}

#[pyfunction]
fn let_go() { LET_GO.store(true, Ordering::SeqCst); }

/// A thread that needs the interpreter while it holds stdout.
#[pyfunction]
fn print_from_thread(times: usize) {
    thread::spawn(move || {
        for _ in 0..times {
            let mut out = std::io::stdout().lock();
            Python::attach(|py| py.run(c"print('python')", None, None)).unwrap();
            writeln!(out, "rust").unwrap();
        }
    });
}

#[pyfunction]
fn boom(index: usize) -> u8 { inner(index) }

#[inline(never)]
fn inner(index: usize) -> u8 { [1, 2, 3][index] }

#[pyfunction]
fn panic_and_abort() {
    println!("before the end");
    let _ = std::panic::catch_unwind(|| panic!("the last word"));
    std::process::abort();
}

#[pymodule]
mod chatty {
    #[pymodule_export]
    use super::{
        boom, child, error_line, keep_stdout, later, let_go, line, lines, lines_detached,
        megabytes, panic_and_abort, part, print_from_thread, raw, slowly,
    };
}
extern crate rustcell_support as _;
"""


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The module `chatty`, built by cargo, where it can be imported."""
    crate = tmp_path_factory.mktemp("chatty")
    (crate / "src").mkdir()
    (crate / "Cargo.toml").write_text(MANIFEST)
    (crate / "src" / "lib.rs").write_text(SOURCE)
    variables = {"PYO3_BUILD_EXTENSION_MODULE": "1", "PYO3_PYTHON": sys.executable}
    subprocess.run(
        ["cargo", "build", "--offline", "--quiet", "--target-dir", str(crate / "target")],
        cwd=crate,
        env={**os.environ, **variables, "RUSTFLAGS": "-D warnings"},
        check=True,
    )
    built = next(
        path
        for name in ("libchatty.so", "libchatty.dylib", "chatty.dll")
        if (path := crate / "target" / "debug" / name).exists()
    )
    library = crate / f"chatty{SUFFIX}"
    library.write_bytes(built.read_bytes())
    return library


def setup_cell(library: Path, folder: Path) -> str:
    return f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(library.parent)!r})
from rustcell.notebook.output import CellOutput, native_hooks
Path({str(folder)!r}).mkdir(exist_ok=True)
output = CellOutput(Path({str(folder)!r}))
output.install(get_ipython())
hooks = native_hooks(Path({str(library)!r}))
hooks.panic_hook(backtrace=False)
output.add_flush("chatty", hooks)
import chatty
"""


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    return {**kept, "PYTHONPATH": str(PACKAGE.parent), "RUST_BACKTRACE": "1", **more}


@contextmanager
def chatty_kernel(library: Path, folder: Path, **more: str) -> Iterator[Kernel]:
    before = os.environ.pop("PYTEST_CURRENT_TEST", None)
    try:
        with kernel(env=environment(**more), load=False) as running:
            assert running.run(setup_cell(library, folder)).text == ""
            yield running
    finally:
        if before is not None:
            os.environ["PYTEST_CURRENT_TEST"] = before


Start = Callable[..., AbstractContextManager[Kernel]]


@pytest.fixture
def start(library: Path, tmp_path: Path) -> Start:
    return lambda folder="one", **more: chatty_kernel(library, tmp_path / folder, **more)


@pytest.fixture(scope="module")
def chatty(library: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with chatty_kernel(library, tmp_path_factory.mktemp("kernel") / "one") as running:
        yield running


def good(result: CellResult) -> CellResult:
    assert result.ok, result.text
    return result


@pytest.mark.parametrize("code", ["chatty.line('rust')", "chatty.part('rust\\n')"])
def test_order_with_python(chatty: Kernel, code: str) -> None:
    for _ in range(10):
        assert good(chatty.run(f"print('a'); {code}; print('b')")).stdout == "a\nrust\nb\n"


def test_a_line_without_its_end(chatty: Kernel) -> None:
    assert chatty.run("chatty.part('half'); print(' and half')").stdout == "half and half\n"
    assert chatty.run("chatty.part('alone')").stdout == "alone"


def test_stderr(chatty: Kernel) -> None:
    result = chatty.run("import sys; chatty.error_line('rust'); print('python', file=sys.stderr)")
    assert (result.stdout, result.stderr) == ("", "rust\npython\n")


def test_order_with_results_displays_and_errors(chatty: Kernel) -> None:
    code = "chatty.line('1'); display(2); chatty.line('3'); _ = 1/0"
    message_id = chatty.send(code)
    kinds = []
    while True:
        message = chatty.client.get_iopub_msg(timeout=30)
        if message["parent_header"].get("msg_id") != message_id:
            continue
        if message["content"].get("execution_state") == "idle":
            break
        kinds.append(message["msg_type"])
    assert kinds[-4:] == ["stream", "display_data", "stream", "error"]


def test_many_lines(chatty: Kernel) -> None:
    expected = "".join(f"{number}\n" for number in range(20_000))
    assert good(chatty.run("chatty.lines(20_000)", timeout=20)).stdout == expected
    detached = chatty.run("chatty.lines_detached(20_000)", timeout=20)
    assert good(detached).stdout == expected


def test_a_detached_printer_beside_python_loses_nothing(chatty: Kernel) -> None:
    code = """
import sys, threading
worker = threading.Thread(target=chatty.lines_detached, args=(200_000,))
worker.start()
while worker.is_alive(): sys.stdout.write("python\\n")
worker.join()
"""
    text = good(chatty.run(code, timeout=60)).stdout
    assert "python\n" in text
    # Python's line may fall into one of ours: a write that crosses a page becomes visible in two.
    assert text.replace("python\n", "") == "".join(f"{number}\n" for number in range(200_000))


def test_twelve_megabytes(chatty: Kernel) -> None:
    result = good(chatty.run("chatty.megabytes(12); print('after')", timeout=60))
    shown, note, rest = result.stdout.partition(
        "[rustcell: output beyond 10 MB of this cell is not shown]\n"
    )
    assert len(shown) == 10_000_000
    assert note
    assert rest == "after\n"
    assert chatty.run("chatty.line('next cell')").stdout == "next cell\n"


def test_just_ten_megabytes_have_no_note(chatty: Kernel) -> None:
    assert len(good(chatty.run("chatty.megabytes(10)", timeout=60)).stdout) == 10_000_000


def test_a_character_in_two_pieces(chatty: Kernel) -> None:
    code = "chatty.raw([0xc3]); sys.stdout.flush(); chatty.raw([0xa9, 10])"
    assert good(chatty.run("import sys; " + code)).stdout == "é\n"


def test_children(chatty: Kernel) -> None:
    code = """
import os, subprocess
print('a')
chatty.child()
print('b')
subprocess.run([sys.executable, '-c', 'print("from Python")'])
print('c')
"""
    assert good(chatty.run(code)).stdout == "a\nfrom a child\nb\nfrom Python\nc\n"


def test_a_forked_pool(chatty: Kernel) -> None:
    code = """
import multiprocessing
chatty.part('once ')
with multiprocessing.get_context('fork').Pool(2) as pool:
    pool.map(chatty.line, ['child'] * 4)
print('parent')
"""
    assert good(chatty.run(code)).stdout == "once " + "child\n" * 4 + "parent\n"


def test_c_code(chatty: Kernel) -> None:
    code = "import ctypes; n = ctypes.CDLL(None).printf(b'from C\\n'); print('after')"
    assert good(chatty.run(code)).stdout == "from C\nafter\n"


def test_a_thread_that_prints_while_the_cell_sleeps(chatty: Kernel) -> None:
    code = "import time; chatty.later('thread', 200); time.sleep(0.6); print('main')"
    assert good(chatty.run(code)).stdout == "thread\nmain\n"


def test_a_long_call_shows_its_lines_while_it_runs(chatty: Kernel) -> None:
    start = time.monotonic()
    message_id = chatty.send("chatty.slowly(10, 200)")
    while True:
        message = chatty.client.get_iopub_msg(timeout=30)
        if message["parent_header"].get("msg_id") == message_id and message["msg_type"] == "stream":
            break
    first = time.monotonic() - start
    rest = chatty.collect(message_id)
    assert "step 0" in message["content"]["text"]
    assert first < 1
    assert rest.stdout.endswith("step 9\n")


def test_a_thread_that_keeps_stdout_hangs_nothing(chatty: Kernel) -> None:
    start = time.monotonic()
    code = "chatty.keep_stdout()\nfor n in range(100): print(n)"
    assert good(chatty.run(code, timeout=20)).stdout.endswith("99\n")
    assert good(chatty.run("print('next')", timeout=20)).stdout == "next\n"
    assert time.monotonic() - start < 5
    done = good(chatty.run("chatty.let_go(); import time; time.sleep(0.5)", timeout=20))
    assert done.stdout == "let go\n"
    assert chatty.run("chatty.part('flushed again')").stdout == "flushed again"


def test_a_thread_that_prints_in_python_while_it_holds_stdout(chatty: Kernel) -> None:
    code = """
import time
chatty.print_from_thread(20)
for _ in range(200): print('main'); time.sleep(0.002)
"""
    result = good(chatty.run(code, timeout=30))
    assert result.stdout.count("rust\n") == result.stdout.count("python") == 20
    assert result.stdout.count("main") == 200


def test_prints_in_a_loop_stay_fast(chatty: Kernel) -> None:
    code = "import time; s = time.perf_counter()\nfor n in range(1000): print(n)\n"
    result = good(chatty.run(code + "taken = time.perf_counter() - s"))
    assert result.stdout.count("\n") == 1000
    # 0.03 s on a quiet machine; a wait in each print would take 100 s.
    assert float(chatty.value("taken")) < 3


def test_a_panic_reads_the_same_every_time(chatty: Kernel) -> None:
    result = chatty.run("chatty.boom(7)")
    place = SOURCE.index("[1, 2, 3][index]")
    number = SOURCE.count("\n", 0, place) + 1
    column = place - SOURCE.rindex("\n", 0, place)
    assert result.stderr == (
        f"thread '<unnamed>' panicked at src/lib.rs:{number}:{column}:\n"
        "index out of bounds: the len is 3 but the index is 7\n"
    )
    assert result.ename == "PanicException"


def test_a_panic_with_the_rust_stack(chatty: Kernel) -> None:
    chatty.run("hooks.panic_hook(backtrace=True)")
    text = chatty.run("chatty.boom(7)").stderr
    assert chatty.run("hooks.panic_hook(backtrace=False)").ok
    _, stack = text.split("stack backtrace:\n")
    frames = [line for line in stack.splitlines() if not line.startswith("      ")]
    assert [frame.split(": ")[1] for frame in frames] == ["chatty::inner", "chatty::boom"]
    assert "lib.rs:" in stack


def test_a_cell_with_await(chatty: Kernel) -> None:
    code = "import asyncio; print('a'); await asyncio.sleep(0.01); chatty.line('r'); print('b')"
    assert good(chatty.run(code)).stdout == "a\nr\nb\n"


def test_twenty_cells_open_nothing(start: Start) -> None:
    with start() as running:
        count = "import os; len(os.listdir('/proc/self/fd'))"
        if not Path("/proc/self/fd").exists():
            pytest.skip("needs /proc")
        running.run("chatty.line('warm')")
        before = int(running.value(count))
        for _ in range(20):
            assert running.run("chatty.line('x'); chatty.error_line('y')").stdout == "x\n"
        # The kernel itself opens one now and then; a leak would show twenty.
        assert int(running.value(count)) <= before + 3


def test_under_pytest(start: Start) -> None:
    with start(PYTEST_CURRENT_TEST="some test") as running:
        result = running.run("print('a'); chatty.line('rust'); print('b')")
        assert good(result).stdout == "a\nrust\nb\n"


def test_two_kernels(start: Start) -> None:
    with start("one") as one, start("two") as two:
        first, second = one.send("chatty.lines(3000)"), two.send("chatty.line('two')")
        assert two.collect(second).stdout == "two\n"
        assert one.collect(first).stdout.endswith("2999\n")


def test_shutdown_is_quick_and_leaves_nothing(start: Start, tmp_path: Path) -> None:
    with start() as running:
        assert good(running.run("chatty.part('x')")).stdout == "x"
        begun = time.monotonic()
    assert time.monotonic() - begun < 4
    assert list((tmp_path / "one").iterdir()) == []


def test_uninstall_in_a_kernel(start: Start) -> None:
    with start() as running:
        stat = "import os; (os.fstat(1).st_ino == os.stat(output._folder / 'stdout').st_ino)"
        assert running.value(stat) == "True"
        assert good(running.run("output.uninstall(); print('still here')")).stdout == "still here\n"
        assert running.run("print('and here')").stdout == "and here\n"
        methods = "(sys.stdout.write, sys.stdout.flush, sys.stderr.write, sys.stderr.flush)"
        assert (
            running.value(f"any(m.__module__ == 'rustcell.notebook.output' for m in {methods})")
            == "False"
        )


def test_the_last_words_of_a_kernel(start: Start, tmp_path: Path) -> None:
    with start() as running:
        running.run("chatty.line('shown before')")
        process = int(running.value("import os; os.getpid()"))
        running.send("chatty.panic_and_abort()")
        deadline = time.monotonic() + 20
        while running.manager.is_alive() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not running.manager.is_alive(), process
        words = last_words(tmp_path / "one")
    assert words.startswith("before the end\nthread '<unnamed>' panicked at src/lib.rs:")
    assert words.endswith("the last word")


def test_interrupt_while_python_prints(start: Start) -> None:
    with start() as running:
        message_id = running.send("while True: chatty.line('x'); print('y')")
        time.sleep(1)
        os.kill(int(running.manager.provisioner.pid), signal.SIGINT)
        assert running.collect(message_id, timeout=20).ename == "KeyboardInterrupt"
        assert good(running.run("chatty.line('fine')")).stdout == "fine\n"


@pytest.fixture
def notebook(library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A notebook with its outputs stored, whose cells print from both sides."""
    monkeypatch.setenv("PYTHONPATH", str(PACKAGE.parent))
    cells = [
        setup_cell(library, tmp_path / "kernel"),
        "print('a'); chatty.line('rust'); print('b')",
        "chatty.part('half')",
        "chatty.error_line('error')",
        "chatty.lines(3000)",
    ]
    book = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    monkeypatch.delenv("PYTEST_CURRENT_TEST", raising=False)
    NotebookClient(book, timeout=60).execute()
    assert stored_text(book)[:3] == ["a\nrust\nb\n", "half", "error\n"]
    path = tmp_path / "book.ipynb"
    nbformat.write(book, path)
    return path


def stored_text(book: nbformat.NotebookNode) -> list[str]:
    return ["".join(output.text for output in cell.outputs) for cell in book.cells[1:]]


def test_strict_nbval(notebook: Path) -> None:
    command = [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, str(notebook)],
        cwd=notebook.parent,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 passed" in done.stdout


def test_papermill(notebook: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.ipynb"
    command = [sys.executable, "-m", "papermill", str(notebook), str(out), "--no-progress-bar"]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    again = stored_text(nbformat.read(out, as_version=4))
    assert again == stored_text(nbformat.read(notebook, as_version=4))
