"""The crate of a `%%rust_module` cell: a library that Python imports."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from rustcell.crates.crate import CrateSpec, assembled
from rustcell.crates.files import NATIVE, NO_FILES, FileSet, numbered
from rustcell.crates.manifest import SUPPORT, DependencySet, pyproject
from rustcell.crates.options import CellOptions, check_name
from rustcell.crates.source import Source, generated_module
from rustcell.errors import OptionsError

SUPPORT_LINES = f"\n#[allow(unused_extern_crates)]\nextern crate {SUPPORT} as _;\n"
"""Stand at the end of src/lib.rs, so that the support crate is linked."""


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
    return assembled(
        options,
        DependencySet.of(options, given=given.get("Cargo.toml")),
        {
            "pyproject.toml": pyproject(name, mixed=given.mixed),
            "src/lib.rs": f"{numbered(body, lines_above)}\n{tail}",
        },
        name=name,
        support=support,
        lines_above=lines_above,
        given=given,
        tail=tail,
    )
