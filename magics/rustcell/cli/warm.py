"""Builds dependencies ahead of time, so that a student's first cell is quick."""

from __future__ import annotations

import contextlib
import os
import shlex
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rustcell.building import bases, cache, dependencies
from rustcell.building.dependencies import OnProgress
from rustcell.building.key import base_words
from rustcell.crates.crate import CrateSpec
from rustcell.crates.executable import executable_spec
from rustcell.crates.extension import crate_spec
from rustcell.crates.files import CellFile, FileSet, checked_path
from rustcell.crates.options import CellOptions
from rustcell.crates.source import parse
from rustcell.errors import OptionsError
from rustcell.magics import line as lines
from rustcell.tools.toolchain import find_toolchain

RustCell = tuple[str, str, str]
"""The name of a cell's magic, the rest of that line, and the body."""

DEFAULT: tuple[RustCell, ...] = (("rust_module", "", ""),)
"""What is always wanted."""

_PARSERS: dict[str, tuple[Any, Callable[[Any, str], CellOptions]]] = {
    "rust_module": (lines.parser_of("rust_module", lines.MODULE), lines.parse_module),
    "rust_main": (lines.parser_of("rust_main", lines.PROGRAM), lines.parse_program),
    "rust_test": (lines.parser_of("rust_test", lines.TEST), lines.parse_test),
}


@dataclass(frozen=True)
class Warmed:
    """A base that is ready now. `built` is False if it was there before."""

    what: str
    built: bool
    seconds: float
    megabytes: float


def different(notebooks: Iterable[Iterable[RustCell]]) -> list[CrateSpec]:
    """Return a crate for each different set of dependencies that the notebooks' cells need."""
    support = dependencies.support_folder(cache.cache_root())
    found: dict[object, CrateSpec] = {}
    for cells in notebooks:
        for spec in _specs(cells, support):
            found.setdefault((spec.profile, spec.dependencies, spec.env), spec)
    return list(found.values())


def _specs(cells: Iterable[RustCell], support: Path) -> Iterator[CrateSpec]:
    """Give the crates of one notebook's cells; a line that is refused there needs none."""
    files: dict[str, FileSet] = {}
    for magic, line, body in cells:
        with contextlib.suppress(OptionsError):
            if magic == "rust_file":
                name, path, *_ = shlex.split(line)
                given = files.get(name, FileSet(name))
                files[name] = given.having(CellFile(name, checked_path(name, path), body))
            elif magic in _PARSERS:
                parser, parse_options = _PARSERS[magic]
                options = parse_options(parser, line)
                yield _spec(magic, body, options, support, files)


def _spec(
    magic: str, body: str, options: CellOptions, support: Path, files: Mapping[str, FileSet]
) -> CrateSpec:
    source = parse(body)
    declared = source.modules[0].name if source.modules else "module"
    name = options.name or declared
    given = files.get(name, FileSet(name))
    if magic == "rust_module":
        return crate_spec(body, 1, options, source, name, support, given)
    kind: Literal["program", "test"] = "program" if magic == "rust_main" else "test"
    return executable_spec(kind, body, 1, options, support, given)


def warm(wanted: Iterable[CrateSpec], on_progress: OnProgress) -> Iterator[Warmed]:
    """Build the base of each set that has none yet.

    Raises
    ------
    RustcellError
        When a tool is missing or a crate cannot be fetched or compiled.
    """
    root = cache.cache_root()
    toolchain = find_toolchain(root)
    support = dependencies.support_crate(root)
    for spec in wanted:
        lock = dependencies.resolved_lock(spec, toolchain, root, support, on_progress)
        words = base_words(spec, toolchain, lock, root, os.environ)
        before = {p.name for p in (root / "bases").glob("*")}
        start = time.monotonic()
        base: Path = bases.ensure_base(spec, toolchain, root, words, lock, support, on_progress)
        yield Warmed(
            _describe(spec),
            base.name not in before,
            time.monotonic() - start,
            cache.tree_size(base) / 1e6,
        )


def _describe(spec: CrateSpec) -> str:
    wanted = spec.dependencies
    parts = [f"PyO3 {wanted.pyo3}", *wanted.pyo3_features] if wanted.pyo3 else []
    parts += [name for name, _ in wanted.crates]
    kind = {"extension": "", "program": "for programs, ", "test": "for tests, "}[wanted.kind]
    return f"{', '.join(parts) or 'the standard library'} ({kind}{spec.profile})"
