"""Helpers for lessons: each makes one thing visible that a plain cell cannot show.

    from rustcell.teaching import run_isolated, Ticker, refcount, DropCounter

Crashes and hangs (`run_isolated`), what a fresh process imports (`fresh_import`), whether other
Python threads ran (`Ticker`), reference counts (`refcount`, `is_immortal`), the end of objects
(`DropCounter`), honest times (`compare_times`) with the machine they hold for (`machine`), and a
place for what a lesson builds by hand (`kept_folder`).

None of them needs the cells of this package: they work in scripts and tests as well.
"""

from __future__ import annotations

from rustcell.teaching.drop_counter import DropCounter
from rustcell.teaching.fresh import fresh_import
from rustcell.teaching.isolation import Isolated, run_isolated
from rustcell.teaching.kept import kept_folder
from rustcell.teaching.machine_facts import machine
from rustcell.teaching.reference_counts import is_immortal, refcount
from rustcell.teaching.ticker import Ticker
from rustcell.teaching.timing import DebugBuildError, Timing, Timings, compare_times

__all__ = [
    "DebugBuildError",
    "DropCounter",
    "Isolated",
    "Ticker",
    "Timing",
    "Timings",
    "compare_times",
    "fresh_import",
    "is_immortal",
    "kept_folder",
    "machine",
    "refcount",
    "run_isolated",
]
