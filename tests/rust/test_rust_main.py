"""`%%rust_main` in a real kernel: build, run, what is shown, and how it ends."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator

import psutil
import pytest

from environments import MARK
from kernels import CellResult, Kernel, kernel

pytestmark = pytest.mark.rust


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel in a folder with one file; its processes carry a mark."""
    folder = tmp_path_factory.mktemp("notebook")
    (folder / "beside.txt").write_text("beside the notebook")
    with kernel(cwd=folder, env={MARK: "rust_main"}) as running:
        yield running


def went_well(running: Kernel, cell: str) -> CellResult:
    result = running.run(cell, timeout=300)
    assert result.ok, result.text
    return result


def refused(running: Kernel, cell: str, kind: str, message: str, mend: str) -> CellResult:
    result = running.run(cell, timeout=300)
    assert (result.ename, result.evalue) == (kind, message) if message else result.ename == kind, (
        result.text
    )
    assert "What to do:" in result.text
    assert mend in result.text.partition("What to do:")[2]
    return result


HELLO = """\
fn main() {
    println!("{:?}", std::env::args().collect::<Vec<_>>());
    eprintln!("to stderr");
    print!("no newline");
}
"""


def test_a_program_prints_to_each_stream_and_has_its_arguments(user):
    result = went_well(user, f"%%rust_main greet -- one 'two words'\n{HELLO}")
    assert result.stdout == '["greet", "one", "two words"]\nno newline'
    assert result.stderr == "to stderr\n"


def test_an_unchanged_program_is_not_built_but_runs(user):
    went_well(user, f"%%rust_main again\n{HELLO}")
    result = went_well(user, f"%%rust_main again -v -- other\n{HELLO}")
    assert "again: from memory or the cache (unchanged)" in result.stdout
    assert '["again", "other"]' in result.stdout
    assert "cargo" not in result.stdout


def test_a_changed_program_is_built_and_says_why(user):
    went_well(user, f"%%rust_main changes\n{HELLO}")
    new = uuid.uuid4().hex  # a text that the cache of earlier test runs does not hold
    result = went_well(user, "%%rust_main changes -v\n" + HELLO.replace("no newline", new))
    assert "changes: built (changed: code)" in result.stdout
    assert result.stdout.endswith(new)


def test_a_program_without_pyo3_has_none_in_its_crate(user):
    assert "pyo3" not in went_well(user, "%%rust_main lean --show\nfn main() {}").stdout


def test_a_panic_names_the_line_of_the_cell_and_no_thread_number(user):
    cell = '\n\n%%rust_main panics\n\nfn main() {\n    panic!("oh");\n}\n'
    result = refused(
        user,
        cell,
        "ProgramError",
        "panics ended with exit status 101",
        "--expect-exit 101",
    )
    assert result.stderr == (
        "\nthread 'main' panicked at %%rust_main panics:6:5:\noh\n"
        "note: run with `--backtrace` to display a backtrace\n"
    )
    again = user.run(cell)
    assert (again.stderr, again.evalue) == (result.stderr, result.evalue)


def test_backtrace_shows_the_line_of_the_cell(user):
    cell = '%%rust_main trace --backtrace --expect-exit 101\nfn main() { panic!("oh") }\n'
    assert "%%rust_main trace:2" in went_well(user, cell).stderr.partition("stack backtrace")[2]


@pytest.mark.parametrize(
    ("expected", "code", "shown"),
    [
        ("3", "std::process::exit(3)", "ends: exit status 3, as expected\n"),
        ("0", "", "ends: exit status 0, as expected\n"),
        ("SIGABRT", "std::process::abort()", "ends: SIGABRT, as expected\n"),
        ("3", 'print!("half"); std::process::exit(3)', "half\nends: exit status 3, as expected\n"),
    ],
)
def test_an_expected_end_is_shown(user, expected, code, shown):
    cell = f"%%rust_main ends --expect-exit {expected}\nfn main() {{ {code} }}"
    assert went_well(user, cell).stdout == shown


@pytest.mark.parametrize(
    ("options", "code", "message", "mend"),
    [
        ("", "std::process::exit(7)", "ends ended with exit status 7", "--expect-exit 7"),
        (
            "--expect-exit 2",
            "",
            "ends ended with exit status 0; expected exit status 2",
            "--expect-exit 0",
        ),
        ("", "std::process::abort()", "ends was ended by SIGABRT", "--expect-exit SIGABRT"),
        (
            "--expect-exit SIGSEGV",
            "std::process::abort()",
            "ends was ended by SIGABRT; expected SIGSEGV",
            "--expect-exit SIGABRT",
        ),
    ],
)
def test_another_end_raises(user, options, code, message, mend):
    cell = f"%%rust_main ends {options}\nfn main() {{ {code} }}"
    refused(user, cell, "ProgramError", message, mend)


def test_a_stack_overflow_is_the_same_in_every_run(user):
    cell = (
        "%%rust_main deep --expect-exit SIGABRT\n"
        "fn down(n: u64) -> u64 { 1 + down(std::hint::black_box(n + 1)) }\n"
        '#[allow(unconditional_recursion)]\nfn main() { println!("{}", down(0)) }\n'
    )
    first, second = went_well(user, cell), went_well(user, cell)
    assert "thread 'main' has overflowed its stack" in first.stderr
    assert (first.stdout, first.stderr) == (second.stdout, second.stderr)


READS = """\
fn main() {
    let mut line = String::new();
    let read = std::io::stdin().read_line(&mut line).unwrap();
    println!("{read} {line:?}");
}
"""


def test_a_program_that_reads_finds_its_input_empty(user):
    assert went_well(user, f"%%rust_main reads\n{READS}").stdout == '0 ""\n'


def test_it_runs_in_the_notebooks_folder(user):
    code = 'fn main() { print!("{}", std::fs::read_to_string("beside.txt").unwrap()) }'
    assert went_well(user, f"%%rust_main beside\n{code}").stdout == "beside the notebook"


def test_env_reaches_the_build_and_the_run(user):
    code = 'fn main() { println!("{:?} {:?}", option_env!("WHO"), std::env::var("WHO")) }'
    for who in ("you", "me"):
        result = went_well(user, f"%%rust_main env --env WHO={who}\n{code}")
        assert result.stdout == f'Some("{who}") Ok("{who}")\n'


CHILD = """\
use std::io::Write;
fn main() {
    let _child = std::process::Command::new("sleep").arg("600").spawn().unwrap();
    print!("started");
    std::io::stdout().flush().unwrap();
    loop { std::thread::sleep(std::time::Duration::from_secs(1)) }
}
"""


def sleepers() -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["name", "environ"]):
        environment = process.info["environ"] or {}
        if process.info["name"] == "sleep" and environment.get(MARK) == "rust_main":
            found.append(process)
    return found


def test_a_program_without_end_is_stopped_with_all_it_started(user):
    result = refused(
        user,
        f"%%rust_main endless --timeout 1\n{CHILD}",
        "ProgramError",
        "endless did not end within 1 s and was stopped",
        "--timeout",
    )
    assert result.stdout == "started", "text without newline is shown as it comes"
    assert not sleepers()


def test_interrupt_stops_it_with_all_it_started_and_the_next_run_works(user):
    running = user.send(f"%%rust_main endless --timeout 100\n{CHILD}")
    deadline = time.monotonic() + 60
    while not sleepers() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert sleepers()
    user.manager.interrupt_kernel()
    assert user.collect(running, timeout=20).ename == "KeyboardInterrupt"
    assert not sleepers()
    went_well(user, f"%%rust_main again\n{HELLO}")


def test_printing_without_end_is_cut_at_10_mb_and_stopped(user):
    code = 'fn main() { loop { println!("{}", "x".repeat(1000)) } }'
    result = refused(
        user,
        f"%%rust_main flood --timeout 3\n{code}",
        "ProgramError",
        "flood did not end within 3 s and was stopped",
        "--timeout",
    )
    assert 10_000_000 <= len(result.stdout) < 10_001_000
    assert result.stdout.endswith("[rustcell: output beyond 10 MB of this run is not shown]\n")


def test_much_output_never_blocks_the_program(user):
    code = 'fn main() { for _ in 0..30_000 { println!("{}", "x".repeat(999)) } eprintln!("end") }'
    assert went_well(user, f"%%rust_main much\n{code}").stderr == "end\n"


def test_a_compile_error_is_one_of_the_cell(user):
    cell = '%%rust_main wrong\nfn main() {\n    let x: i32 = "a";\n}\n'
    result = user.run(cell)
    assert result.evalue == "wrong does not compile: 1 error: E0308"
    assert "%%rust_main wrong:3:18" in result.text


def test_an_expected_error_is_a_lesson_and_kept(user):
    cell = '%%rust_main lesson -v --expect-error E0308\nfn main() { let x: i32 = "a"; }\n'
    first, second = went_well(user, cell), went_well(user, cell)
    assert "As expected, this does not compile. Expected: E0308. Came: E0308." in first.stdout
    assert "lesson: from memory or the cache" in second.stdout
    assert first.stdout.partition("error[")[2] == second.stdout.partition("error[")[2]


def test_an_expected_warning(user):
    cell = "%%rust_main warns --expect-warning unused_variables\nfn main() { let x = 1; }\n"
    assert "unused variable: `x`" in went_well(user, cell).text


@pytest.mark.parametrize(
    ("cell", "message", "mend"),
    [
        ("%%rust_main\nfn main() {}", "the program has no name", "%%rust_main hello"),
        ("%%rust_main a-b\nfn main() {}", "", "%%rust_main"),
        ("%%rust_main empty", "the cell is empty", "below the %%rust_main line"),
        ("%%rust_main x --fast\nfn main() {}", "", "`%%rust_main?`"),
        (
            "%%rust_main x --timeout never\nfn main() {}",
            "--timeout 'never' is no number of seconds",
            "--timeout 10",
        ),
        (
            "%%rust_main x --expect-exit SIGNOT\nfn main() {}",
            "--expect-exit 'SIGNOT' is neither an exit status nor a signal",
            "SIGABRT",
        ),
    ],
)
def test_a_line_that_cannot_be_meant(user, cell, message, mend):
    refused(user, cell, "OptionsError", message, mend)


def test_no_main_is_told_by_the_compiler(user):
    result = user.run("%%rust_main nomain\nfn f() {}\n")
    assert "E0601" in result.evalue


EMBEDS = """\
use pyo3::prelude::*;

fn main() -> PyResult<()> {
    Python::attach(|py| {
        py.run(c"import sys; print(sys.prefix); print('no newline', end='')", None, None)?;
        py.run(c"import numpy, embedded; print(numpy.int64(1), embedded.answer())", None, None)
    })
}
"""
MODULE = """\
%%rust_module embedded
use pyo3::prelude::*;

#[pyfunction]
fn answer() -> u64 { 42 }
"""


def test_an_embedded_python_is_the_kernels_with_all_it_can_import(user):
    went_well(user, MODULE)
    result = went_well(user, f"%%rust_main embeds\n{EMBEDS}")
    prefix = user.value("__import__('sys').prefix").strip("'")
    assert result.stdout == f"{prefix}\nno newline1 42\n"


def test_a_python_exception_ends_the_program(user):
    code = EMBEDS.replace("import sys;", "1/0;")
    result = refused(
        user,
        f"%%rust_main embeds\n{code}",
        "ProgramError",
        "embeds ended with exit status 1",
        "--expect-exit 1",
    )
    assert "ZeroDivisionError" in result.stderr
