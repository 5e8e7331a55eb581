"""Times of calls side by side, and a refusal to take a debug build's time for Rust's."""

from __future__ import annotations

import statistics
import timeit
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from rustcell.errors import RustcellError
from rustcell.teaching.profiles import UNKNOWN, profiles_of

_RUN_S = 0.02
"""One run calls a function so often that it takes about this long: the clock's own cost and
steps no longer matter then."""

_DEBUG = ("dev", "test")
"""The cargo profiles that do not optimise."""


class DebugBuildError(RustcellError):
    """A debug build was to be compared with something else."""


@dataclass(frozen=True)
class Timing:
    """What one function took, in seconds per call.

    The minimum is the time of the code itself; the median tells what other work on the machine
    adds. `build` is "debug build", "unknown build" or empty.
    """

    name: str
    min: float
    median: float
    number: int
    build: str = ""


@dataclass(frozen=True, repr=False)
class Timings:
    """The times of several functions, in the order they were given; its repr is a table.

    `timings["rust"].min` is the shortest time of a call in seconds. `notes` says what must be
    known to compare them.
    """

    rows: tuple[Timing, ...]
    repeat: int
    notes: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Timing:
        return next(row for row in self.rows if row.name == name)

    def __iter__(self) -> Iterator[Timing]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        fastest = min(row.min for row in self.rows)
        table = [("per call", "min", "median", "× fastest", "")]
        table += [
            (row.name, _shown(row.min), _shown(row.median), _ratio(row.min, fastest), row.build)
            for row in self.rows
        ]
        first, *widths = (max(map(len, column)) for column in zip(*table, strict=True))
        lines = [
            "  ".join([cells[0].ljust(first), *map(str.rjust, cells[1:4], widths), cells[4]])
            for cells in table
        ]
        return "\n".join([*(line.rstrip() for line in lines), *self.notes])


def compare_times(
    functions: Mapping[str, Callable[[], object]],
    number: int | None = None,
    repeat: int = 5,
    *,
    allow_debug: bool = False,
) -> Timings:
    """Time functions that take no arguments; return the minimum and median time of a call.

    They take turns, run by run, so that other work on the machine slows all of them alike. The
    garbage collector is off meanwhile (see `timeit`).

    Parameters
    ----------
    functions:
        Names and functions. Those of Rust cells are recognised also within a lambda.
    number:
        Calls in each run; chosen for each function so that a run takes 20 ms when None.
    repeat:
        Runs of each function.
    allow_debug:
        Compare a debug build too, with a note.

    Raises
    ------
    DebugBuildError
        When some but not all of the functions use a debug build.
    ValueError
        When there is no function, or `number` or `repeat` is below 1.
    """
    if not functions:
        raise ValueError("there is no function to time")
    if repeat < 1 or (number is not None and number < 1):
        raise ValueError("number and repeat must be 1 or more")
    profiles = {name: profiles_of(function) for name, function in functions.items()}
    builds = {name: _build(found) for name, found in profiles.items()}
    debug = {name: profiles[name] for name, build in builds.items() if build == "debug build"}
    if not allow_debug and 0 < len(debug) < len(functions):
        raise _refusal(debug)
    timers = {name: timeit.Timer(function) for name, function in functions.items()}
    numbers = {name: number or _number(timer) for name, timer in timers.items()}
    runs: dict[str, list[float]] = {name: [] for name in timers}
    for _ in range(repeat):
        for name, timer in timers.items():
            runs[name].append(timer.timeit(numbers[name]) / numbers[name])
    rows = tuple(
        Timing(name, min(taken), statistics.median(taken), numbers[name], builds[name])
        for name, taken in runs.items()
    )
    return Timings(rows, repeat, tuple(_notes(profiles)))


def _number(timer: timeit.Timer) -> int:
    number = 1
    while (taken := timer.timeit(number)) < _RUN_S:
        number = max(2 * number, min(10 * number, int(number * 1.2 * _RUN_S / max(taken, 1e-9))))
    return number


def _build(profiles: Mapping[str, str]) -> str:
    if any(profile in _DEBUG for profile in profiles.values()):
        return "debug build"
    return "unknown build" if UNKNOWN in profiles.values() else ""


def _refusal(debug: Mapping[str, Mapping[str, str]]) -> DebugBuildError:
    modules = sorted({m for found in debug.values() for m, p in found.items() if p in _DEBUG})
    named = ", ".join(f"{name!r}" for name in debug)
    return DebugBuildError(
        f"{named} would be timed as a debug build, which is not Rust's speed",
        "Build it optimised, and compare again: "
        + ", ".join(f"%%rust_module {module} --release" for module in modules)
        + "\nTo show what a debug build costs: compare_times(…, allow_debug=True)",
    )


def _notes(profiles: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    for name, found in profiles.items():
        for module, profile in found.items():
            if profile in _DEBUG:
                yield (
                    f"{name}: {module} is a debug build (profile {profile}), not optimised. Its "
                    "time is not Rust's speed: build it with --release."
                )
            elif profile == UNKNOWN:
                yield (
                    f"{name}: how {module} was built is not known: it is of an earlier build, or "
                    "no cell of this kernel built it."
                )


def _shown(seconds: float) -> str:
    """Write a time with three digits."""
    unit, size = next(
        ((u, s) for u, s in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)) if seconds >= s), ("ns", 1e-9)
    )
    return f"{float(f'{seconds / size:.3g}'):g} {unit}"


def _ratio(seconds: float, fastest: float) -> str:
    return f"{seconds / fastest:.2f}" if fastest > 0 else ""
