"""Cell and options in, the files of a Cargo crate out. Nothing is written here but by `write`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from rustcell.crates import files
from rustcell.crates.files import MERGED, NATIVE, NO_FILES, FileSet
from rustcell.crates.manifest import DependencySet, Kind, manifest, target
from rustcell.crates.options import CellOptions

MAGICS: dict[Kind, str] = {
    "extension": "%%rust_module",
    "program": "%%rust_main",
    "test": "%%rust_test",
}

WRAPPER = """\
from .{name} import *

__doc__ = {name}.__doc__
if hasattr({name}, "__all__"):
    __all__ = {name}.__all__"""
"""The package that maturin 1.16 writes around a library without Python sources."""


def cell_file(kind: Kind) -> str:
    """Return the file that holds the cell's own text, in a crate of this kind."""
    return "src/main.rs" if kind == "program" else "src/lib.rs"


@dataclass(frozen=True)
class CrateSpec:
    """A crate as text, ready to be written and built.

    `files` maps relative POSIX paths to texts. `label` is what compiler messages and
    panics call the cell. In `cell_file`, `lines_above` lines stand before the cell's own text and
    `tail` behind it. `support` is the folder of the support crate; it names its content. `given`
    are the further files that cells wrote.
    """

    name: str
    profile: str
    edition: str
    dependencies: DependencySet
    files: tuple[tuple[str, str], ...]
    env: tuple[tuple[str, str], ...] = ()
    backtrace: bool = False
    tail: str = ""
    support: str = ""
    lines_above: int = 0
    given: FileSet = NO_FILES

    @property
    def kind(self) -> Kind:
        return self.dependencies.kind

    @property
    def cell_file(self) -> str:
        """The file that holds the cell's own text."""
        return cell_file(self.kind)

    @property
    def label(self) -> str:
        return f"{MAGICS[self.kind]} {self.name}"

    @property
    def distribution(self) -> str:
        """The name under which pip lists the installed module."""
        return f"rustcell-{self.name}"

    @property
    def rustc_arguments(self) -> list[str]:
        """Arguments for rustc alone: messages and panics name the cell, not a path."""
        rust = [file for file in self.given if file.path.endswith(".rs")]
        labels = [(self.cell_file, self.label), *((file.path, file.label) for file in rust)]
        return [
            word for path, label in labels for word in ("--remap-path-prefix", f"{path}={label}")
        ]

    def texts(self) -> dict[str, str]:
        """Return what the compiler reads of each cell, by what it calls the cell."""
        return {self.label: self.source(), **{file.label: file.text for file in self.given}}

    def source(self) -> str:
        return dict(self.files)[self.cell_file]

    def body(self) -> str:
        """Return the cell's own text."""
        lines = self.without_tail().source().split("\n")
        return "\n".join(lines[self.lines_above :])

    def without_tail(self) -> CrateSpec:
        """Return the crate with the cell's own text alone."""
        files = {**dict(self.files), self.cell_file: self.source().removesuffix(self.tail)}
        return replace(self, files=tuple(sorted(files.items())), tail="")


def assembled(
    options: CellOptions,
    dependencies: DependencySet,
    sources: Mapping[str, str],
    *,
    name: str,
    support: Path,
    lines_above: int,
    given: FileSet,
    tail: str = "",
) -> CrateSpec:
    """Return a crate with its generated manifest.

    Parameters
    ----------
    sources:
        The other generated files, texts by path; what the cells gave is laid over them.
    support:
        Folder of the support crate.
    lines_above, given, tail:
        As `CrateSpec` has them.
    """
    spec = CrateSpec(
        name=name,
        profile=options.profile,
        edition=options.edition,
        dependencies=dependencies,
        files=(),
        env=options.env,
        backtrace=options.backtrace,
        tail=tail,
        support=str(support),
        lines_above=lines_above,
        given=given,
    )
    generated = manifest(
        spec.distribution,
        target(spec.kind, name),
        spec.edition,
        dependencies,
        support,
        spec.backtrace,
    )
    return replace(spec, files=_with_given({"Cargo.toml": generated, **sources}, given))


def _with_given(generated: Mapping[str, str], given: FileSet) -> tuple[tuple[str, str], ...]:
    """Return a crate's files: the generated ones, those that cells gave, and what both make."""
    texts = {**generated, **given.texts()}
    for path in MERGED:
        file = given.get(path)
        if file is not None and path in generated:
            from rustcell.crates import (
                toml_merge,  # parsing TOML with its layout takes time to load
            )

            # A program has no library that [lib] could change.
            without = () if "src/lib.rs" in generated else ("lib",)
            texts[path] = toml_merge.merged(generated[path], file, without)
    if given.mixed and "pyproject.toml" in generated:
        texts.setdefault(f"python/{given.module}/__init__.py", WRAPPER.format(name=NATIVE))
    return tuple(sorted(texts.items()))


def write(spec: CrateSpec, folder: Path, lock: str) -> None:
    """Write the crate into `folder`: only what differs, and nothing else stays there."""
    files.write(dict(spec.files), folder)
    if not (folder / "Cargo.lock").exists():
        files.write_if_changed(folder / "Cargo.lock", lock)
