"""What is shown of a running program: all of it, as it comes, and the same in every run."""

from __future__ import annotations

import os
import sys
import time

import psutil
import pytest

from rustcell.programs.running import LIMIT, Shown, ending, follow, steady

PANIC = "thread 'main' (4711) panicked at %%rust_main x:3:5:\noh\n"


def shown(*pieces, flush=True):
    """Return the texts that were passed on, one for each call."""
    said = []
    show = Shown(lambda _stream, text: said.append(text))
    for piece in pieces:
        show("stderr", piece)
    if flush:
        show.flush()
    return said


def test_the_number_of_a_thread_is_left_out():
    assert steady(PANIC) == "thread 'main' panicked at %%rust_main x:3:5:\noh\n"
    overflow = "thread '<unnamed>' (12) has overflowed its stack"
    assert steady(overflow) == "thread '<unnamed>' has overflowed its stack"


def test_other_numbers_stay():
    text = "in thread 'main' (12) panicked at\nthread 'a' (12) sleeps\n"
    assert steady(text) == text


@pytest.mark.parametrize("cut", range(1, 30))
def test_a_panic_that_comes_in_two_pieces_is_the_same(cut):
    assert "".join(shown(PANIC[:cut], PANIC[cut:])) == steady(PANIC)


def test_half_a_line_is_passed_on_at_once():
    assert shown("Name: ", flush=False) == ["Name: "]


def test_half_a_line_that_may_name_a_thread_waits_for_silence():
    assert shown("thr", flush=False) == []
    assert shown("thr") == ["thr"]


def test_more_than_the_limit_is_cut_with_a_note():
    said = "".join(shown("x" * (LIMIT - 1), "yyy", "zzz"))
    note = "\n[rustcell: output beyond 10 MB of this run is not shown]\n"
    assert said == "x" * (LIMIT - 1) + "y" + note


def test_one_stream_cannot_silence_the_other():
    said = []
    show = Shown(lambda stream, text: said.append((stream, text)))
    show("stdout", "x" * (LIMIT + 1))
    show("stderr", "still heard\n")
    assert said[-1] == ("stderr", "still heard\n")


def run(code, timeout=30.0):
    said = {"stdout": "", "stderr": ""}

    def take(stream, text):
        said[stream] += text

    status = follow([sys.executable, "-c", code], env=os.environ, timeout=timeout, on_text=take)
    return status, said


def test_both_streams_and_the_status_come():
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    assert run(code) == (3, {"stdout": "out" + os.linesep, "stderr": "err" + os.linesep})


def test_letters_cut_by_a_pipe_stay_whole():
    code = "import os, time\nfor b in 'ü€'.encode(): os.write(1, bytes([b])); time.sleep(.05)"
    assert run(code)[1]["stdout"] == "ü€"


def test_a_program_that_closes_its_output_and_goes_on_is_stopped_in_time():
    began = time.monotonic()
    status, _ = run("import os, time; os.close(1); os.close(2); time.sleep(60)", timeout=0.5)
    assert status is None
    assert time.monotonic() - began < 30


def test_what_holds_the_pipes_after_the_end_is_not_waited_for():
    code = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid)"
    )
    began = time.monotonic()
    status, said = run(code)
    assert status == 0
    assert time.monotonic() - began < 30
    psutil.Process(int(said["stdout"])).kill()


def test_an_error_in_the_callback_ends_the_program():
    pids = []

    def stop(_stream, text):
        pids.append(int(text))
        raise RuntimeError

    code = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    with pytest.raises(RuntimeError):
        follow([sys.executable, "-c", code], env=os.environ, timeout=30, on_text=stop)
    assert not psutil.pid_exists(pids[0])


@pytest.mark.parametrize(
    ("status", "words"), [(0, "exit status 0"), (3, "exit status 3"), (-6, "SIGABRT")]
)
def test_how_a_program_ended_in_words(status, words):
    assert ending(status) == words


def test_a_signal_without_a_name_has_its_number():
    assert ending(-99) == "signal 99"
