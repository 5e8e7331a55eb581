"""Code that crashes, hangs, forks and floods, in real processes."""

from __future__ import annotations

import os
import signal
import sys
import time

import psutil
import pytest

from rustcell.teaching import Isolated, fresh_import, run_isolated
from rustcell.teaching.exit_status import signal_of

posix = pytest.mark.skipif(os.name == "nt", reason="signals, fork and shells are POSIX's")


def alive(pid):
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_output_and_status():
    done = run_isolated("""
        import sys
        print("said")
        print("warned", file=sys.stderr)
        sys.exit(3)
    """)
    assert (done.status, done.signal, done.timed_out) == (3, None, False)
    assert (done.stdout, done.stderr) == ("said\n", "warned\n")
    assert repr(done) == "exit status 3"


def test_text_is_utf_8_whatever_the_locale(monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", "latin-1")
    assert run_isolated("print('Zoë → 🦀')").stdout == "Zoë → 🦀\n"
    assert run_isolated(r"import os; os.write(1, b'\xff!')").stdout == "\ufffd!"


def test_a_traceback_is_the_same_in_every_run(monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    first, second = (run_isolated("x = 1\nraise ValueError('no')") for _ in range(2))
    assert first == second
    assert first.status == 1
    assert 'File "isolated_code.py", line 2, in <module>' in first.stderr
    assert first.stderr.endswith("ValueError: no\n")
    assert "\x1b" not in first.stderr


def test_a_syntax_error_is_the_codes_not_ours():
    done = run_isolated("def")
    assert repr(done) == "exit status 1"
    assert "SyntaxError" in done.stderr


@posix
@pytest.mark.parametrize("name", ["SIGABRT", "SIGSEGV", "SIGKILL", "SIGTERM"])
def test_a_signal_has_its_name_and_what_was_printed_before_is_kept(name):
    done = run_isolated(f"""
        import os, signal
        print("last words", end="")
        os.kill(os.getpid(), signal.{name})
    """)
    assert (done.status, done.signal) == (None, name)
    assert done.stdout == "last words"
    assert repr(done) == f"killed by {name}"


@posix
def test_a_crash_leaves_no_core_file(tmp_path, monkeypatch):
    import resource

    monkeypatch.chdir(tmp_path)
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    done = run_isolated("import resource; print(resource.getrlimit(resource.RLIMIT_CORE))")
    if sys.platform == "linux":
        assert done.stdout == f"(0, {hard})\n"
    assert run_isolated("import os; os.abort()").signal == "SIGABRT"
    assert list(tmp_path.iterdir()) == [], hard


def test_codes_of_windows_and_signals_without_name():
    assert signal_of(0xC0000005) == (None, "STATUS_ACCESS_VIOLATION")
    assert signal_of(0xC0000409) == (None, "STATUS_STACK_BUFFER_OVERRUN")
    assert signal_of(101) == (101, None)
    assert signal_of(-int(signal.SIGTERM)) == (None, "SIGTERM")
    assert signal_of(-4000) == (None, "signal 4000")


def test_a_hang_is_told_and_ended():
    begun = time.monotonic()
    done = run_isolated("print('on my way')\nwhile True: pass", timeout=2)
    assert time.monotonic() - begun < 6
    assert (done.status, done.signal, done.timed_out) == (None, None, True)
    assert done.stdout == "on my way\n"
    assert repr(done) == "still running after 2 s, killed"
    assert repr(Isolated(None, None, "", "", True, 0.5)) == "still running after 0.5 s, killed"


@posix
def test_a_child_that_ignores_all_signals_and_its_children_are_ended():
    done = run_isolated(
        """
        import os, signal, time
        for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(name, signal.SIG_IGN)
        os.fork(); os.fork()
        os.write(1, b"%d\\n" % os.getpid())
        time.sleep(60)
        """,
        timeout=2,
    )
    pids = [int(line) for line in done.stdout.split()]
    assert len(pids) == 4
    assert done.timed_out
    assert not any(map(alive, pids))


@posix
def test_a_stopped_child_is_ended():
    done = run_isolated("import os, signal; os.kill(os.getpid(), signal.SIGSTOP)", timeout=1)
    assert done.timed_out


@posix
@pytest.mark.parametrize("how", ["", "os.setsid()", "os.setsid(); os.close(1); os.close(2)"])
def test_a_grandchild_that_nobody_owns_is_ended_too(how, tmp_path):
    begun = time.monotonic()
    done = run_isolated(f"""
        import os, time
        if os.fork() == 0:
            {how or "pass"}
            if os.fork() == 0:
                open({str(tmp_path / "pid")!r}, "w").write(str(os.getpid()))
                time.sleep(60)
            os._exit(0)
        os.wait()
        while not os.path.exists({str(tmp_path / "pid")!r}): time.sleep(0.01)
        time.sleep(0.1)
        print("done")
    """)
    assert time.monotonic() - begun < 8
    assert (done.stdout, repr(done)) == ("done\n", "exit status 0")
    assert not alive(int((tmp_path / "pid").read_text()))


def test_what_a_child_of_the_code_still_writes_is_kept():
    done = run_isolated("""
        import subprocess, sys
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(0.1); print('late')"])
    """)
    assert done.stdout in ("late\n", "late\r\n")


def test_endless_output_is_bounded():
    done = run_isolated(
        """
        import sys
        while True:
            sys.stdout.write("é" * 100_001)
            sys.stderr.write("e" * 100_000)
        """,
        timeout=2,
    )
    assert done.timed_out
    for text, letter in ((done.stdout, "é"), (done.stderr, "e")):
        kept, note = text.rstrip("\n").rsplit("\n", 1)
        assert note == "[rustcell: output beyond 1 MB is not kept]"
        assert set(kept) == {letter}
        assert 999_999 <= len(kept.encode()) <= 1_000_000


def test_output_of_exactly_the_limit_needs_no_note():
    assert len(run_isolated("print('x' * 1_000_000, end='')").stdout) == 1_000_000


def test_input_is_empty():
    done = run_isolated("import sys; print(repr(sys.stdin.read())); input()")
    assert done.stdout == "''\n"
    assert done.stderr.endswith("EOFError: EOF when reading a line\n")


def test_modules_of_the_kernel_and_of_the_folder(tmp_path, monkeypatch):
    (tmp_path / "shown").mkdir()
    (tmp_path / "shown" / "built.py").write_text("WHERE = 'overlay'")
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "built.py").write_text("WHERE = 'folder'")
    (tmp_path / "here" / "written.py").write_text("WHERE = 'folder'")
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "shown"))
    done = run_isolated("import built, written; print(built.WHERE, written.WHERE)")
    assert done.stdout == "overlay folder\n"


def test_spawned_processes_find_the_codes_functions():
    done = run_isolated(
        """
        import multiprocessing as mp

        def double(x):
            return 2 * x

        if __name__ == "__main__":
            with mp.get_context("spawn").Pool(1) as pool:
                print(pool.map(double, [1, 2]))
    """,
        timeout=60,
    )
    assert done.stdout == "[2, 4]\n", done.stderr


def test_backtraces_are_off_unless_the_code_wants_them(monkeypatch):
    monkeypatch.setenv("RUST_BACKTRACE", "full")
    assert run_isolated("import os; print(os.environ['RUST_BACKTRACE'])").stdout == "0\n"


def test_a_panics_thread_number_is_left_out():
    done = run_isolated("""
        import sys
        print("thread 'main' (4711) panicked at src/lib.rs:1:2:\\nno", file=sys.stderr)
        print("thread '<unnamed>' (4712) has overflowed its stack", file=sys.stderr)
        print("thread 'main' (4711) is fine", file=sys.stderr)
    """)
    assert done.stderr == (
        "thread 'main' panicked at src/lib.rs:1:2:\nno\n"
        "thread '<unnamed>' has overflowed its stack\n"
        "thread 'main' (4711) is fine\n"
    )


@posix
def test_an_interrupt_ends_the_child(tmp_path):
    import threading

    pid = tmp_path / "pid"

    def interrupt():
        while not (pid.exists() and pid.read_text()):
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    code = f"""
        import os, time
        open({str(pid)!r}, "w").write(str(os.getpid()))
        time.sleep(60)
    """
    with pytest.raises(KeyboardInterrupt):
        run_isolated(code, timeout=60)
    assert not alive(int(pid.read_text()))


@pytest.mark.parametrize("timeout", [0, -1, float("nan")])
def test_a_timeout_must_leave_time(timeout):
    with pytest.raises(ValueError, match="timeout"):
        run_isolated("", timeout)


@posix
def test_nothing_is_left_open():
    run_isolated("")
    before = psutil.Process().num_fds()
    for _ in range(5):
        run_isolated("")
    assert psutil.Process().num_fds() <= before


def test_a_fresh_import_gives_a_repr():
    assert fresh_import("json") == "None"
    assert fresh_import("os.path", "os.path.basename('a/b')") == "'b'"
    assert fresh_import("json", "print('noise') or '→'") == "'→'"


def test_a_fresh_import_that_fails_says_so():
    assert fresh_import("nowhere") == "ModuleNotFoundError: No module named 'nowhere'"
    assert fresh_import("json", "json.loads").startswith("<function loads")
    assert fresh_import("json", "1 / 0") == "ZeroDivisionError: division by zero"
    assert fresh_import("sys", "sys.exit()") == "SystemExit"


def test_a_fresh_import_that_ends_or_hangs_says_so():
    assert fresh_import("os", "os._exit(7)") == "exit status 7"
    assert fresh_import("time", "time.sleep(60)", 1) == "still running after 1 s, killed"


def test_a_fresh_import_knows_nothing_of_this_process(monkeypatch):
    import json

    monkeypatch.setattr(json, "mark", 1, raising=False)
    assert fresh_import("json", "hasattr(json, 'mark')") == "False"
