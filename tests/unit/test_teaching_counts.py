"""The ticker, the reference counts and the drop counter, on plain Python objects."""

from __future__ import annotations

import ctypes
import gc
import subprocess
import sys
import threading
import time

import pytest

from rustcell.teaching import DropCounter, Ticker, is_immortal, refcount

posix = pytest.mark.skipif(sys.platform == "win32", reason="uses the C library's usleep")


@pytest.fixture
def busy():
    """More work than this machine has cores, while the test runs."""
    hogs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(4)]
    yield
    for hog in hogs:
        hog.kill()
        hog.wait()


def held(milliseconds):
    # PyDLL keeps the interpreter during the call, CDLL releases it.
    ctypes.PyDLL(None).usleep(milliseconds * 1000)


def released(milliseconds):
    ctypes.CDLL(None).usleep(milliseconds * 1000)


@posix
def test_a_held_call_shows_hardly_a_tick_and_a_released_one_many():
    with Ticker() as ticker:
        held(200)
    assert ticker.ticks <= 3
    assert not ticker.others_ran
    assert ticker.longest_silence > 0.19
    with Ticker() as ticker:
        released(200)
    assert ticker.ticks >= 30
    assert ticker.others_ran


@posix
@pytest.mark.parametrize("milliseconds", [20, 200])
def test_the_answer_is_right_on_a_busy_machine(busy, milliseconds):
    for _ in range(5):
        with Ticker() as ticker:
            held(milliseconds)
        assert ticker.ticks <= 3, ticker
        if milliseconds >= 100:
            assert not ticker.others_ran, ticker
            with Ticker() as ticker:
                released(milliseconds)
            assert ticker.ticks > 3, ticker
            assert ticker.others_ran, (ticker, ticker.longest_silence)


def test_python_code_gives_way_now_and_then():
    with Ticker() as ticker:
        end = time.perf_counter() + 0.3
        while time.perf_counter() < end:
            pass
    assert ticker.ticks > 3


def test_the_count_stays_after_the_block_and_starts_anew_with_the_next():
    with Ticker() as ticker:
        time.sleep(0.1)
        assert ticker.ticks > 0
    counted, took = ticker.ticks, ticker.seconds
    time.sleep(0.05)
    assert (ticker.ticks, ticker.seconds) == (counted, took)
    assert repr(ticker) == f"{counted} ticks in {took * 1e3:.1f} ms"
    with ticker:
        pass
    assert ticker.ticks < counted


def test_the_thread_ends_with_the_block_also_after_an_error():
    before = threading.active_count()
    with pytest.raises(KeyError), Ticker():
        raise KeyError
    assert threading.active_count() == before


class Thing:
    pass


def test_owners_are_counted_and_the_question_is_not():
    # Not within the assert: pytest keeps what it evaluates there.
    nobodys = refcount(Thing())
    assert nobodys == 0
    thing = Thing()
    assert refcount(thing) == 1
    other = thing
    assert refcount(thing) == 2
    box = [thing, {"a": thing}]
    of_an_item = refcount(box[0])
    assert of_an_item == 4
    del other
    box.clear()
    assert refcount(thing) == 1


def test_counting_changes_nothing_and_holds_in_calls():
    thing = Thing()
    assert [refcount(thing) for _ in range(50)] == [1] * 50

    def inner(argument):
        return refcount(argument)

    # The callee's name is an owner too, beside the caller's.
    assert inner(thing) == refcount(thing) + 1


def test_immortal_objects():
    assert is_immortal(None) == (sys.version_info >= (3, 12))
    assert not is_immortal(Thing())
    assert not is_immortal(object())


def test_ends_are_counted_in_their_order():
    counter = DropCounter()
    first, second = counter.new(), counter.new("second")
    assert (counter.made, counter.alive, counter.dropped) == (2, 2, 0)
    del second
    assert (counter.alive, counter.dropped, counter.order) == (1, 1, ["second"])
    assert repr(first) == "<token 1>"
    del first
    assert (counter.made, counter.alive, counter.order) == (2, 0, ["second", "1"])
    assert repr(counter) == "2 of 2 dropped"


def test_a_token_in_a_cycle_ends_when_the_cycle_is_found():
    counter = DropCounter()
    gc.disable()
    try:
        token = counter.new()
        token.itself = token
        del token
        assert counter.dropped == 0
        gc.collect()
        assert counter.dropped == 1
    finally:
        gc.enable()


def test_watched_objects_count_without_being_kept():
    counter = DropCounter()
    thing = Thing()
    counter.watch(thing, "thing")
    assert refcount(thing) == 1
    del thing
    assert counter.order == ["thing"]


def test_what_cannot_be_watched_is_told_with_the_mend():
    counter = DropCounter()
    with pytest.raises(TypeError, match=r"int objects cannot be watched.*#\[pyclass\(weakref\)\]"):
        counter.watch(3)
    assert (counter.made, counter.alive) == (0, 0)


def test_ends_in_many_threads_at_once():
    counter = DropCounter()

    def work():
        for _ in range(2000):
            counter.new()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (counter.made, counter.dropped, counter.alive) == (16000, 16000, 0)
    assert not counter._watched
