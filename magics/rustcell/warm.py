"""Builds dependencies ahead of time, so that a student's first cell is quick."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rustcell import bases, cache, dependencies
from rustcell.crate import DependencySet, crate_spec
from rustcell.dependencies import OnProgress
from rustcell.key import base_words
from rustcell.options import CellOptions, line_parser, parse_line
from rustcell.source import parse
from rustcell.toolchain import find_toolchain


@dataclass(frozen=True)
class Warmed:
    """A base that is ready now. `built` is False if it was there before."""

    what: str
    built: bool
    seconds: float
    megabytes: float


def cell_options(lines: Iterable[str]) -> list[CellOptions]:
    """Return the different dependency sets that these `%%rust_module` lines need."""
    found: dict[tuple[str, DependencySet, tuple[tuple[str, str], ...]], CellOptions] = {}
    parser = line_parser()
    for line in lines:
        options = parse_line(parser, line)
        found.setdefault((options.profile, DependencySet.of(options), options.env), options)
    return list(found.values())


def warm(wanted: Iterable[CellOptions], on_progress: OnProgress) -> Iterator[Warmed]:
    """Build the base of each set that has none yet.

    Raises
    ------
    RustcellError
        When a tool is missing or a crate cannot be fetched or compiled.
    """
    root = cache.cache_root()
    toolchain = find_toolchain(root)
    support = dependencies.support_crate(root)
    for options in wanted:
        spec = crate_spec("", 1, options, parse(""), "warm", support)
        lock = dependencies.resolved_lock(spec, toolchain, root, support, on_progress)
        words = base_words(spec, toolchain, lock, root, os.environ)
        before = {p.name for p in (root / "bases").glob("*")}
        start = time.monotonic()
        base: Path = bases.ensure_base(spec, toolchain, root, words, lock, support, on_progress)
        yield Warmed(
            _describe(options),
            base.name not in before,
            time.monotonic() - start,
            cache.tree_size(base) / 1e6,
        )


def _describe(options: CellOptions) -> str:
    dependency_set = DependencySet.of(options)
    parts = [f"PyO3 {dependency_set.pyo3}", *dependency_set.pyo3_features]
    parts += [name for name, _ in dependency_set.crates]
    return f"{', '.join(parts)} ({options.profile})"
