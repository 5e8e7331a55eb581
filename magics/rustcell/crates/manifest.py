"""What a crate depends on, and its generated Cargo.toml and pyproject.toml."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rustcell.crates.files import NATIVE, CellFile
from rustcell.crates.options import CellOptions

PYO3 = "0.30.1"
"""The PyO3 that cells use unless they say --pyo3; the committed Cargo.lock holds it."""

SUPPORT = "rustcell_support"

Kind = Literal["extension", "program", "test"]
"""What a crate is built as: a module for Python, a program, or a harness of tests."""


@dataclass(frozen=True)
class DependencySet:
    """All that decides which crates are compiled before a cell's own code.

    `pyo3_features` and `crates` are in canonical order; a crate is (name, TOML value). `pyo3`
    is None for a program that does not use it. `tables` is what a cell's Cargo.toml says beside
    them, as text. Programs and tests start an interpreter of
    their own, so they link against libpython.
    """

    pyo3: str | None = PYO3
    pyo3_features: tuple[str, ...] = ()
    crates: tuple[tuple[str, str], ...] = ()
    kind: Kind = "extension"
    tables: str = ""

    @classmethod
    def of(
        cls,
        options: CellOptions,
        kind: Kind = "extension",
        given: CellFile | None = None,
        *,
        uses_pyo3: bool = True,
    ) -> DependencySet:
        """Return what a cell needs; options that choose something of PyO3 need it too.

        Of a crate that both a --dep and `given`, a cell's Cargo.toml, name, the latter counts.
        """
        pyo3 = options.pyo3 or (PYO3 if uses_pyo3 or options.features else None)
        if given is None:
            return cls(pyo3, options.features, options.dependencies, kind)
        from rustcell.crates import toml_merge  # parsing TOML with its layout takes time to load

        crates = {**dict(options.dependencies), **toml_merge.dependencies(given)}
        tables = toml_merge.crate_tables(given)
        return cls(pyo3, options.features, tuple(sorted(crates.items())), kind, tables)

    @property
    def embeds(self) -> bool:
        """Whether what is built starts a Python of its own."""
        return self.kind != "extension" and self.pyo3 is not None

    def toml(self, support: Path) -> str:
        """Return the sections of dependencies; `support` is the support crate's folder."""
        lines = ["[dependencies]"]
        if self.pyo3 is not None:
            wanted = {*self.pyo3_features, *(["auto-initialize"] if self.embeds else [])}
            features = f", features = {json.dumps(sorted(wanted))}" if wanted else ""
            lines.append(f'pyo3 = {{ version = "{_requirement(self.pyo3)}"{features} }}')
        if self.kind == "extension":
            folder = json.dumps(str(support), ensure_ascii=False)
            lines.append(f"{SUPPORT} = {{ path = {folder} }}")
        lines += [f"{name} = {value}" for name, value in self.crates]
        if self.embeds and self.pyo3 is not None:
            build_config = f'pyo3-build-config = "{_requirement(self.pyo3)}"'
            lines += ["", "[build-dependencies]", build_config]
        return "\n".join([*lines, ""])

    @property
    def abi3(self) -> str | None:
        """The minimum Python "3.N" of an abi3 feature, None for a version-specific build."""
        for feature in self.pyo3_features:
            if feature.startswith("abi3-py3"):
                return "3." + feature.removeprefix("abi3-py3")
        return None


def _requirement(version: str) -> str:
    return version if version.count(".") < 2 else f"={version}"


def target(kind: Kind, name: str) -> str:
    """Return the section of Cargo.toml that says what is built."""
    return {
        "extension": f'[lib]\nname = "{name}"\ncrate-type = ["cdylib"]',
        "program": f'[[bin]]\nname = "{name}"\npath = "src/main.rs"',
        "test": f'[lib]\nname = "{name}"',
    }[kind]


def manifest(
    package: str,
    built: str,
    edition: str,
    dependencies: DependencySet,
    support: Path,
    backtrace: bool = False,
) -> str:
    """Return Cargo.toml; `built` is the section of its target.

    The dev profile has no debug information: that halves the time of a rebuild. With
    `backtrace` the cell's own code gets line tables; dependencies stay as they are, so
    that they need not be compiled again.
    """
    lines = "line-tables-only" if backtrace else "none"
    profiles = "".join(
        f'[profile.{p}]\ndebug = "{lines}"\n[profile.{p}.package."*"]\ndebug = "none"\n\n'
        for p in ("dev", "release")
    )
    text = f"""\
[package]
name = "{package}"
version = "0.1.0"
edition = "{edition}"
publish = false

{built}

{dependencies.toml(support)}
{profiles}[workspace]
"""
    if not dependencies.tables:
        return text
    from rustcell.crates import toml_merge  # as above

    return toml_merge.with_tables(text, dependencies.tables)


def pyproject(name: str, *, mixed: bool = False) -> str:
    """Return pyproject.toml; `mixed` for a Python package around the Rust part."""
    layout = f'"{name}.{NATIVE}"\npython-source = "python"' if mixed else f'"{name}"'
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
module-name = {layout}
"""
