"""Times, the builds they belong to, and the machine. The modules here only look like Rust's."""

from __future__ import annotations

import functools
import importlib
import json
import os
import sys
import time

import pytest

from rustcell.building.builds import MANIFEST
from rustcell.teaching import DebugBuildError, compare_times, machine
from rustcell.teaching.profiles import profiles_of
from rustcell.teaching.timing import Timing, Timings

SOURCE = """
from time import perf_counter as clock

def area(width=2, height=3):
    return width * height

class Square:
    def area(self):
        return 4
"""


def build(folder, name, profile):
    """A build's folder as rustcell leaves it, with Python in place of the library."""
    package = folder / f"{name}-{profile}" / name
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(SOURCE)
    manifest = {"name": name, "words": {"profile": profile}}
    (package.parent / MANIFEST).write_text(json.dumps(manifest))
    return package.parent


@pytest.fixture
def modules(tmp_path, monkeypatch):
    names = {"slow_rust": "dev", "quick_rust": "release"}
    for name, profile in names.items():
        monkeypatch.syspath_prepend(str(build(tmp_path, name, profile)))
    yield [importlib.import_module(name) for name in names]
    for name in names:
        sys.modules.pop(name, None)


def plain():
    return 6


def test_the_minimum_and_the_median_of_a_call():
    times = compare_times({"sleep": lambda: time.sleep(0.01), "none": plain}, repeat=3)
    assert [row.name for row in times] == ["sleep", "none"]
    assert len(times) == 2
    assert 0.01 <= times["sleep"].min <= times["sleep"].median < 0.2
    assert times["none"].min < 1e-4
    assert times["sleep"].number < times["none"].number
    assert times.notes == ()


def test_the_number_of_calls_is_the_one_asked_for():
    calls = []
    times = compare_times({"count": lambda: calls.append(1)}, number=7, repeat=3)
    assert len(calls) == 21
    assert times["count"].number == 7


def test_functions_take_turns():
    order = []
    compare_times(
        {"a": lambda: order.append("a"), "b": lambda: order.append("b")}, number=1, repeat=2
    )
    assert order == ["a", "b", "a", "b"]


def test_the_table():
    rows = (
        Timing("python", 29.1e-9, 30e-9, 1000),
        Timing("rust", 0.9996e-6, 1.5e-3, 1000, "debug build"),
        Timing("nap", 2.0, 2.5, 1),
    )
    assert repr(Timings(rows, 5, ("rust: a note.",))) == (
        "per call      min  median    × fastest\n"
        "python    29.1 ns   30 ns         1.00\n"
        "rust      1000 ns  1.5 ms        34.35  debug build\n"
        "nap           2 s   2.5 s  68728522.34\n"
        "rust: a note."
    )


@pytest.mark.parametrize(
    "arguments", [{"functions": {}}, {"number": 0}, {"repeat": 0}], ids=["none", "number", "repeat"]
)
def test_what_cannot_be_timed(arguments):
    with pytest.raises(ValueError, match=r"no function|1 or more"):
        compare_times(**{"functions": {"plain": plain}, **arguments})


def test_an_error_of_a_function_comes_through():
    with pytest.raises(ZeroDivisionError):
        compare_times({"bad": lambda: 1 / 0})


def test_a_debug_build_is_not_compared_with_python(modules):
    slow, _quick = modules
    with pytest.raises(DebugBuildError, match="'rust' would be timed as a debug build") as refused:
        compare_times({"python": plain, "rust": lambda: slow.area(2, 3)})
    assert "%%rust_module slow_rust --release" in refused.value.mend
    assert "allow_debug=True" in refused.value.mend


def test_a_debug_build_is_not_compared_with_a_release_build(modules):
    slow, quick = modules
    with pytest.raises(DebugBuildError, match="'debug' would"):
        compare_times({"debug": slow.area, "release": quick.area})


def test_a_debug_build_is_compared_when_asked_and_said_so(modules):
    slow, quick = modules
    times = compare_times({"debug": slow.area, "release": quick.area}, 10, allow_debug=True)
    assert [row.build for row in times] == ["debug build", ""]
    assert "debug build\n" in repr(times)
    [note] = times.notes
    assert note == (
        "debug: slow_rust is a debug build (profile dev), not optimised. Its time is not Rust's "
        "speed: build it with --release."
    )
    assert repr(times).endswith(note)


def test_debug_builds_alone_and_release_builds_are_compared(modules):
    slow, quick = modules
    both = compare_times({"one": slow.area, "two": slow.Square().area}, 10)
    assert len(both.notes) == 2
    assert compare_times({"python": plain, "release": quick.area}, 10).notes == ()


def test_the_build_is_found_however_the_function_is_wrapped(modules):
    slow, quick = modules
    area, square = slow.area, slow.Square()

    def inside():
        import slow_rust

        return slow_rust.area()

    def default(call=slow.area):
        return call()

    class Small(slow.Square):
        pass

    @functools.wraps(plain)
    def wrapped():
        return [slow for _ in range(3)]

    for function in (
        area,
        square.area,
        slow.Square,
        slow.Square.area,
        Small().area,
        lambda: area(2, 3),
        lambda: square.area() + 1,
        lambda: [slow.area() for _ in range(2)],
        functools.partial(area, 2),
        functools.partial(plain, square),
        lambda: inside() + 1,
        inside,
        default,
        wrapped,
    ):
        assert profiles_of(function) == {"slow_rust": "dev"}, function
    assert profiles_of(lambda: (area(), quick.area())) == {
        "slow_rust": "dev",
        "quick_rust": "release",
    }


def test_functions_that_are_not_rusts_have_no_build():
    for function in (
        plain,
        len,
        "text".upper,
        json.loads,
        time.sleep,
        int,
        lambda: os.getpid() + 1,
    ):
        assert profiles_of(function) == {}


def test_functions_that_call_each_other():
    def even(n):
        return n == 0 or odd(n - 1)

    def odd(n):
        return n != 0 and even(n - 1)

    assert profiles_of(even) == {}


def test_a_class_of_an_earlier_build_is_not_taken_for_the_new_one(modules, tmp_path, monkeypatch):
    old = modules[0].Square()
    monkeypatch.syspath_prepend(str(build(tmp_path, "slow_rust", "release")))
    del sys.modules["slow_rust"]
    new = importlib.import_module("slow_rust")
    assert profiles_of(lambda: new.area(2)) == {"slow_rust": "release"}
    assert profiles_of(modules[0].area) == {"slow_rust": "dev"}
    assert profiles_of(lambda: old) == {"slow_rust": "unknown"}
    times = compare_times({"old": lambda: old}, 1)
    assert times["old"].build == "unknown build"
    assert "earlier build" in times.notes[0]


def test_the_machine_in_one_line():
    said = machine()
    assert "\n" not in said
    assert f"{sys.version_info.major}.{sys.version_info.minor}." in said
    assert " core" in said
    assert said.endswith(("GIL", "free-threaded", "GIL on"))


def test_a_machine_without_rust(monkeypatch):
    machine.cache_clear()
    with monkeypatch.context() as without:
        without.setenv("PATH", "")
        assert "rustc" not in machine()
    machine.cache_clear()
