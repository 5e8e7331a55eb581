"""Cell and options in, the files of a Cargo crate out. Nothing is written here but by `write`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from rustcell.crates import files
from rustcell.crates.files import MERGED, NATIVE, NO_FILES, FileSet, numbered
from rustcell.crates.manifest import SUPPORT, DependencySet, Kind, manifest, pyproject, target
from rustcell.crates.options import CellOptions, check_name
from rustcell.crates.source import Source, generated_module
from rustcell.errors import OptionsError

SUPPORT_LINES = f"\n#[allow(unused_extern_crates)]\nextern crate {SUPPORT} as _;\n"
"""Stand at the end of src/lib.rs, so that the support crate is linked."""

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
        return "src/main.rs" if self.kind == "program" else "src/lib.rs"

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


def module_name(
    options: CellOptions, source: Source, lines_above: int, packages: Collection[str] = ()
) -> str:
    """Return the module's name, from the magic line or from the one #[pymodule].

    Parameters
    ----------
    lines_above:
        So many lines of the editor's cell stand above the body: errors name its lines.
    packages:
        The modules of mixed layout: their `#[pymodule]` has the name `_native`.

    Raises
    ------
    OptionsError
        When there is no name, two modules, two different names or nothing to export.
    """
    if len(source.modules) > 1:
        places = ", ".join(f"{m.name} (line {m.line + lines_above})" for m in source.modules)
        raise OptionsError(
            f"the cell has {len(source.modules)} modules: {places}",
            "A cell builds one module. Put the second into a cell of its own, "
            "or nest it in the first as a submodule.",
        )
    declared = source.modules[0].name if source.modules else None
    if options.name is None and declared in (None, NATIVE):
        raise OptionsError(
            "the module has no name",
            "Write it after the magic: %%rust_module my_module (or add a #[pymodule]).",
        )
    name = options.name or declared
    wanted = NATIVE if name in packages else name
    if declared not in (None, wanted):
        line = source.modules[0].line + lines_above
        raise _two_names(str(name), str(declared), line, mixed=wanted != name)
    lesson = bool(options.expected_errors)
    if declared is None and not (source.exports or source.broken or lesson):
        raise OptionsError(
            "there is nothing to export: no #[pymodule], #[pyfunction], #[pyclass] or exception",
            "Put #[pyfunction] above a function that Python shall call "
            "(and `use pyo3::prelude::*;` at the top).",
        )
    return check_name(str(name))


def _two_names(name: str, declared: str, line: int, *, mixed: bool) -> OptionsError:
    if mixed:
        return OptionsError(
            f"{name} has Python files, so its Rust part is {name}.{NATIVE}, "
            f"but the #[pymodule] in line {line} says {declared!r}",
            f"Rename the #[pymodule] to {NATIVE}, or leave it out: then it is generated.",
        )
    mend = f"Write %%rust_module {declared}, or rename the #[pymodule] to {name}."
    if declared == NATIVE:
        mend = (
            f"Rename the #[pymodule] to {name}. ({NATIVE} is the Rust part of a Python package, "
            f"which begins with a cell %%rust_file {name} python/{name}/__init__.py.)"
        )
    return OptionsError(
        f"two names for one module: the magic line says {name!r}, "
        f"the #[pymodule] in line {line} says {declared!r}",
        mend,
    )


def _minor(version: str) -> tuple[int, int]:
    major, minor, *_ = [*version.split("."), "0"]
    return int(major), int(minor)


def crate_spec(
    body: str,
    lines_above: int,
    options: CellOptions,
    source: Source,
    name: str,
    support: Path,
    given: FileSet = NO_FILES,
) -> CrateSpec:
    """Return the crate of one cell.

    Parameters
    ----------
    body:
        The cell's Rust text, without the magic line.
    lines_above:
        How many lines of the editor's cell stand above the body: as many comment lines
        stand first, so that line N of the cell is line N of the source.
    source:
        What `source.parse` found in the body.
    support:
        Folder of the support crate.
    given:
        The module's further files.
    """
    library = given.library or name
    older = options.pyo3 is not None and _minor(options.pyo3) < (0, 30)
    tail = (
        ""
        if source.modules
        else generated_module(library, source.exports, source.doc, init_takes_module=older)
    )
    tail += SUPPORT_LINES
    dependencies = DependencySet.of(options, given=given.get("Cargo.toml"))
    generated = {
        "Cargo.toml": manifest(
            f"rustcell-{name}",
            target("extension", name),
            options.edition,
            dependencies,
            support,
            options.backtrace,
        ),
        "pyproject.toml": pyproject(name, mixed=given.mixed),
        "src/lib.rs": f"{numbered(body, lines_above)}\n{tail}",
    }
    return CrateSpec(
        name=name,
        profile=options.profile,
        edition=options.edition,
        dependencies=dependencies,
        files=with_given(generated, given),
        env=options.env,
        backtrace=options.backtrace,
        tail=tail,
        support=str(support),
        lines_above=lines_above,
        given=given,
    )


def with_given(generated: Mapping[str, str], given: FileSet) -> tuple[tuple[str, str], ...]:
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
