"""Finished builds: folders that are imported as they are and never change again.

A folder `builds/<key>/` holds NAME/ as `maturin develop` installs it, and a manifest
that is written last, once the module was imported. A folder without manifest is none.
`<key>~…` are further builds of one key: forced ones, and those that depend on files
or variables that only the compiler could name (`include_str!`, `env!`).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from rustcell.building.key import Words
from rustcell.crates.files import CellFile
from rustcell.messages.diagnostics import Diagnostic

MANIFEST = "rustcell-build.json"


@dataclass(frozen=True)
class Outside:
    """What a build read that is not in the crate: file hashes and variables."""

    files: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str | None] = field(default_factory=dict)

    def still_true(self, environ: Mapping[str, str]) -> bool:
        return all(file_hash(Path(p)) == h for p, h in self.files.items()) and all(
            environ.get(name) == value for name, value in self.variables.items()
        )

    def __bool__(self) -> bool:
        return bool(self.files or self.variables)


@dataclass(frozen=True)
class Build:
    """A finished build (or, with `failed`, a failure that a lesson expects).

    `source` is the cell's Rust text, "" in the manifests of older versions; `lines_above` lines
    of the editor's cell stood above it. `stubs` are the paths of the type stubs made for it,
    `given` the crate's further files from cells.
    """

    folder: Path
    name: str
    key: str
    words: Words
    files: dict[str, str]
    diagnostics: tuple[Diagnostic, ...]
    outside: Outside
    failed: bool = False
    created: float = field(default_factory=time.time)
    source: str = ""
    lines_above: int = 1
    stubs: tuple[str, ...] = ()
    given: tuple[CellFile, ...] = ()

    @property
    def package(self) -> Path:
        return self.folder / self.name

    def native(self) -> Path:
        """Return the path of the compiled library."""
        for relative in self.files:
            if relative.endswith((".so", ".pyd")):
                return self.folder / relative
        raise FileNotFoundError(f"no library in {self.folder}")

    def python_labels(self) -> dict[Path, str]:
        """Return what tracebacks call the Python files that cells gave."""
        return {
            self.folder / file.path.removeprefix("python/"): file.label
            for file in self.given
            if file.path.startswith(f"python/{self.name}/") and file.path.endswith(".py")
        }

    def intact(self) -> bool:
        """Tell whether every file is there with the content it was built with."""
        return all(file_hash(self.folder / p) == digest for p, digest in self.files.items())

    def seal(self) -> Build:
        """Write the manifest: from now on others may use this build."""
        content = {**_fields(self), "diagnostics": [d.to_json() for d in self.diagnostics]}
        content["outside"] = asdict(self.outside)
        content["given"] = [asdict(file) for file in self.given]
        del content["folder"]
        scratch = self.folder / f"{MANIFEST}.{uuid.uuid4().hex[:8]}"
        scratch.write_text(json.dumps(content, indent=1), encoding="utf-8")
        scratch.replace(self.folder / MANIFEST)
        return self


def _fields(build: Build) -> dict[str, Any]:
    return {name: getattr(build, name) for name in build.__dataclass_fields__}


def file_hash(path: Path) -> str:
    """Return the file's sha256, "" when it cannot be read."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""


def _read(folder: Path) -> Build | None:
    """Return the build in `folder`, None if unfinished or its manifest is damaged."""
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        content["diagnostics"] = tuple(Diagnostic.from_json(d) for d in content["diagnostics"])
        content["outside"] = Outside(**content["outside"])
        content["given"] = tuple(CellFile(**file) for file in content.get("given", ()))
        content["stubs"] = tuple(content.get("stubs", ()))
        build = Build(folder=folder, **content)
        there = build.files and all((folder / path).is_file() for path in build.files)
        return build if build.failed or there else None
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def of_module(module: ModuleType) -> Build | None:
    """Return the build that a loaded module was imported from, None if it is from none."""
    place = getattr(module, "__file__", None)
    return _read(Path(place).parent.parent) if isinstance(place, str) and place else None


def _candidates(root: Path, key: str) -> Iterator[Path]:
    first = root / "builds" / key
    if first.exists():
        yield first
    yield from sorted(
        (root / "builds").glob(f"{key}~*"), key=lambda p: p.stat().st_mtime, reverse=True
    )


def find(root: Path, key: str, environ: Mapping[str, str]) -> Build | None:
    """Return the newest finished and intact build of `key`, None if there is none.

    A build whose files are not what its manifest says (a full disk, a curious hand) is
    passed over, so that the cell is built again.
    """
    for folder in _candidates(root, key):
        build = _read(folder)
        if build and build.outside.still_true(environ) and build.intact():
            with contextlib.suppress(OSError):
                os.utime(folder)
            return build
    return None


def with_stubs(root: Path, build: Build) -> Build | None:
    """Return a finished build of the same files with type stubs among them, None if none is."""
    for folder in _candidates(root, build.key):
        found = _read(folder)
        if found and found.stubs and build.files.items() <= found.files.items() and found.intact():
            return found
    return None


def latest_words(root: Path, name: str, kind: str) -> Words | None:
    """Return the words of the newest build of this name and kind of crate."""
    newest: Build | None = None
    for path in (root / "builds").glob(f"*/{name}"):
        build = _read(path.parent)
        if build is None or build.words.get("kind") != kind:
            continue
        if newest is None or build.created > newest.created:
            newest = build
    return newest.words if newest else None


def place(root: Path, key: str, fresh: Path, outside: Outside, *, forced: bool) -> Path:
    """Move the finished folder `fresh` to its place, one never loaded before; return it."""
    plain = root / "builds" / key
    if not (outside or forced):
        with contextlib.suppress(OSError):
            fresh.rename(plain)
            return plain
    unique = plain.with_name(f"{key}~{uuid.uuid4().hex[:8]}")
    fresh.rename(unique)
    return unique
