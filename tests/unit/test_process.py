"""Real small processes: their lines, their ends, and their children's."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import psutil
import pytest

from rustcell.tools.process import end_tree, run

STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
depth, folder = int(sys.argv[1]), sys.argv[2]
open(os.path.join(folder, str(os.getpid())), "w").close()
if depth:
    subprocess.Popen([sys.executable, __file__, str(depth - 1), folder])
print("ready", depth, flush=True)
time.sleep(60)
"""


def python(code, **options):
    command = [sys.executable, "-c", textwrap.dedent(code)]
    return run(command, cwd=Path.cwd(), env=os.environ, **options)


def wait_for(what, seconds=10):
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@pytest.fixture
def family(tmp_path):
    """Start a process, its child and its grandchild, none of which minds a signal."""
    script = tmp_path / "stubborn.py"
    script.write_text(STUBBORN)
    pids = tmp_path / "pids"
    pids.mkdir()
    command = [sys.executable, str(script), "2", str(pids)]

    def members():
        return [int(path.name) for path in pids.iterdir()]

    yield command, members
    for pid in members():
        if psutil.pid_exists(pid):
            psutil.Process(pid).kill()


def gone(pids):
    return not any(
        psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
        for pid in pids
    )


def test_lines_and_status():
    done = python("""
        import sys
        print("one"); print("two")
        print("warned", file=sys.stderr)
        sys.exit(3)
    """)
    assert done.status == 3
    assert done.stdout == ["one", "two"]
    assert done.log == "warned"


def test_lines_come_as_they_are_written():
    came = []
    python(
        """
        import time
        print("first", flush=True); time.sleep(0.5); print("second")
        """,
        on_line=lambda stream, line: came.append((time.monotonic(), stream, line)),
    )
    assert [(stream, line) for _, stream, line in came] == [
        ("stdout", "first"),
        ("stdout", "second"),
    ]
    assert came[1][0] - came[0][0] > 0.3


def test_idle_is_called_while_nothing_comes():
    calls = []
    python("import time; time.sleep(0.7)", idle=lambda: calls.append(1))
    assert 3 <= len(calls) <= 12


def test_much_output_on_both_pipes_does_not_block():
    done = python("""
        import sys
        for number in range(20000):
            print("o" * 50); print("e" * 50, file=sys.stderr)
    """)
    assert (len(done.stdout), len(done.stderr)) == (20000, 20000)


def test_bytes_that_are_no_text():
    done = python(r"import sys; sys.stdout.buffer.write(b'\xff\xfe x\r\nend')")
    assert done.stdout == ["\ufffd\ufffd x", "end"]


def test_a_tool_cannot_wait_for_input():
    assert python("import sys; print(repr(sys.stdin.read()))").stdout == ["''"]


def test_the_environment_is_the_given_one():
    done = run(
        [sys.executable, "-c", "import os; print(os.environ.get('A'), os.environ.get('HOME'))"],
        cwd=Path.cwd(),
        env={"A": "b", "PATH": os.environ["PATH"]},
    )
    assert done.stdout == ["b None"]


def test_a_missing_tool_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        run([str(tmp_path / "none")], cwd=tmp_path, env={})


@pytest.mark.skipif(os.name == "nt", reason="exit statuses of signals are POSIX's")
def test_a_killed_tool_tells_the_signal():
    done = python("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert done.status == -9


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_what_ends_the_wait_ends_the_whole_family(family, tmp_path, error):
    command, members = family

    def stop(stream, line):
        if len(members()) == 3:
            raise error

    begun = time.monotonic()
    with pytest.raises(error):
        run(command, cwd=tmp_path, env=os.environ, on_line=stop, idle=lambda: stop("", ""))
    assert time.monotonic() - begun < 5
    wait_for(lambda: gone(members()), seconds=1)


def test_end_tree_of_a_family_that_ignores_signals(family):
    command, members = family
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    wait_for(lambda: len(members()) == 3)
    begun = time.monotonic()
    end_tree(child.pid)
    child.wait(timeout=5)
    assert time.monotonic() - begun < 2
    wait_for(lambda: gone(members()), seconds=1)


def test_end_tree_of_nobody():
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    end_tree(child.pid)


@pytest.mark.skipif(os.name == "nt", reason="uses a POSIX shell")
def test_an_orphan_that_holds_the_pipes_does_not_hold_us(tmp_path):
    begun = time.monotonic()
    done = run(["sh", "-c", "sleep 30 & echo $!"], cwd=tmp_path, env=os.environ)
    assert time.monotonic() - begun < 5
    psutil.Process(int(done.stdout[0])).kill()
    assert done.status == 0


@pytest.mark.skipif(os.name == "nt", reason="uses a POSIX shell")
def test_an_interrupt_is_not_held_up_by_an_orphan(tmp_path):
    orphan = []

    def stop(stream, line):
        orphan.append(int(line))
        time.sleep(0.3)  # the shell in the middle ends, and its child is nobody's
        raise KeyboardInterrupt

    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run(
            ["sh", "-c", "sh -c 'sleep 30 & echo $!'; sleep 30"],
            cwd=tmp_path,
            env=os.environ,
            on_line=stop,
        )
    assert time.monotonic() - begun < 5
    psutil.Process(orphan[0]).kill()


def test_nothing_is_left_open():
    def descriptors():
        return psutil.Process().num_fds() if os.name == "posix" else 0

    python("print(1)")
    wait_for(lambda: threading.active_count() < 10)
    before = descriptors()
    for _ in range(10):
        python("print(1)")
    wait_for(lambda: descriptors() <= before, seconds=3)
