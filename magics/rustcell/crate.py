"""Cell and options in, the files of a Cargo crate out. Nothing is written here but by `write`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from rustcell.errors import OptionsError
from rustcell.options import CellOptions, check_name
from rustcell.source import Source, generated_module

PYO3 = "0.30.1"
"""The PyO3 that cells use unless they say --pyo3; the committed Cargo.lock holds it."""

SUPPORT = "rustcell_support"

_HEAD = "// Written by rustcell from a notebook cell: edit the cell, not this file."


@dataclass(frozen=True)
class DependencySet:
    """All that decides which crates are compiled before a cell's own code.

    `pyo3_features` and `crates` are in canonical order; a crate is (name, TOML value).
    """

    pyo3: str = PYO3
    pyo3_features: tuple[str, ...] = ()
    crates: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, options: CellOptions) -> DependencySet:
        return cls(options.pyo3 or PYO3, options.features, options.dependencies)

    def toml(self, support: Path) -> str:
        """Return the [dependencies] section; `support` is the support crate's folder."""
        features = f", features = {json.dumps(list(self.pyo3_features))}"
        version = self.pyo3 if self.pyo3.count(".") < 2 else f"={self.pyo3}"
        pyo3 = f'pyo3 = {{ version = "{version}"{features if self.pyo3_features else ""} }}'
        own = f"{SUPPORT} = {{ path = {json.dumps(str(support), ensure_ascii=False)} }}"
        rest = [f"{name} = {value}" for name, value in self.crates]
        return "\n".join(["[dependencies]", pyo3, own, *rest, ""])

    @property
    def abi3(self) -> str | None:
        """The minimum Python "3.N" of an abi3 feature, None for a version-specific build."""
        for feature in self.pyo3_features:
            if feature.startswith("abi3-py3"):
                return "3." + feature.removeprefix("abi3-py3")
        return None


@dataclass(frozen=True)
class CrateSpec:
    """A crate as text, ready to be written and built.

    `files` maps relative POSIX paths to texts. `label` is what compiler messages and
    panics call the cell. In src/lib.rs, `lines_above` lines stand before the cell's own text and
    `tail` behind it. `support` is the folder of the support crate; it names its content.
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

    @property
    def label(self) -> str:
        return f"%%rust_module {self.name}"

    @property
    def distribution(self) -> str:
        """The name under which pip lists the installed module."""
        return f"rustcell-{self.name}"

    @property
    def rustc_arguments(self) -> list[str]:
        """Arguments for rustc alone: messages and panics name the cell, not a path."""
        return ["--remap-path-prefix", f"src/lib.rs={self.label}"]

    def source(self) -> str:
        return dict(self.files)["src/lib.rs"]

    def body(self) -> str:
        """Return the cell's own text."""
        lines = self.without_tail().source().split("\n")
        return "\n".join(lines[self.lines_above :])

    def without_tail(self) -> CrateSpec:
        """Return the crate with the cell's own text alone."""
        files = {**dict(self.files), "src/lib.rs": self.source().removesuffix(self.tail)}
        return replace(self, files=tuple(sorted(files.items())), tail="")


def module_name(options: CellOptions, source: Source, lines_above: int) -> str:
    """Return the module's name, from the magic line or from the one #[pymodule].

    `lines_above` lines of the editor's cell stand above the body: errors name its lines.

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
    if declared is None and options.name is None:
        raise OptionsError(
            "the module has no name",
            "Write it after the magic: %%rust_module my_module (or add a #[pymodule]).",
        )
    if declared and options.name and declared != options.name:
        raise OptionsError(
            f"two names for one module: the magic line says {options.name!r}, "
            f"the #[pymodule] in line {source.modules[0].line + lines_above} says {declared!r}",
            f"Write %%rust_module {declared}, or rename the #[pymodule] to {options.name}.",
        )
    lesson = bool(options.expected_errors)
    if declared is None and not (source.exports or source.broken or lesson):
        raise OptionsError(
            "there is nothing to export: no #[pymodule], #[pyfunction], #[pyclass] or exception",
            "Put #[pyfunction] above a function that Python shall call "
            "(and `use pyo3::prelude::*;` at the top).",
        )
    return check_name(declared or options.name or "")


def crate_spec(
    body: str, lines_above: int, options: CellOptions, source: Source, name: str, support: Path
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
    """
    head = [_HEAD, *["//"] * (lines_above - 1)][:lines_above]
    tail = "" if source.modules else generated_module(name, source.exports, source.doc)
    tail += f"\n#[allow(unused_extern_crates)]\nextern crate {SUPPORT} as _;\n"
    text = "\n".join([*head, body.removeprefix("\ufeff")])
    dependencies = DependencySet.of(options)
    files = {
        "Cargo.toml": manifest(
            f"rustcell-{name}", name, options.edition, dependencies, support, options.backtrace
        ),
        "pyproject.toml": _pyproject(name),
        "src/lib.rs": f"{text}\n{tail}",
    }
    return CrateSpec(
        name=name,
        profile=options.profile,
        edition=options.edition,
        dependencies=dependencies,
        files=tuple(sorted(files.items())),
        env=options.env,
        backtrace=options.backtrace,
        tail=tail,
        support=str(support),
        lines_above=lines_above,
    )


def manifest(
    package: str,
    library: str,
    edition: str,
    dependencies: DependencySet,
    support: Path,
    backtrace: bool = False,
) -> str:
    """Return Cargo.toml.

    The dev profile has no debug information: that halves the time of a rebuild. With
    `backtrace` the cell's own code gets line tables; dependencies stay as they are, so
    that they need not be compiled again.
    """
    lines = "line-tables-only" if backtrace else "none"
    profiles = "".join(
        f'[profile.{p}]\ndebug = "{lines}"\n[profile.{p}.package."*"]\ndebug = "none"\n\n'
        for p in ("dev", "release")
    )
    return f"""\
[package]
name = "{package}"
version = "0.1.0"
edition = "{edition}"
publish = false

[lib]
name = "{library}"
crate-type = ["cdylib"]

{dependencies.toml(support)}
{profiles}[workspace]
"""


def _pyproject(name: str) -> str:
    return f"""\
[build-system]
requires = ["maturin>=1.16,<2"]
build-backend = "maturin"

[project]
name = "rustcell-{name}"
version = "0.1.0"
description = "Built by rustcell from a notebook cell"
requires-python = ">=3.11"

[tool.maturin]
module-name = "{name}"
"""


def write(spec: CrateSpec, folder: Path, lock: str) -> None:
    """Write the crate into `folder`: only what differs, and nothing else stays there.

    Cargo goes by modification times, so an equal file must not be touched.
    """
    wanted: Mapping[str, str] = dict(spec.files)
    for path in sorted(folder.glob("**/*"), reverse=True):
        relative = path.relative_to(folder).as_posix()
        if path.is_file() and relative not in wanted and relative != "Cargo.lock":
            path.unlink()
    for relative, text in wanted.items():
        _write_if_changed(folder / relative, text)
    if not (folder / "Cargo.lock").exists():
        _write_if_changed(folder / "Cargo.lock", lock)


def _write_if_changed(path: Path, text: str) -> None:
    data = text.encode("utf-8")
    if path.exists() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
