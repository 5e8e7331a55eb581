"""The crate of a `%%rust_main` or `%%rust_test` cell: a program, or a harness of tests."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from rustcell.crates.crate import CrateSpec, assembled, cell_file
from rustcell.crates.files import NO_FILES, FileSet, numbered
from rustcell.crates.manifest import DependencySet
from rustcell.crates.options import CellOptions
from rustcell.crates.source import parse

_BUILD_SCRIPT = """\
// Where the program finds libpython when it runs.
fn main() {
    pyo3_build_config::add_libpython_rpath_link_args();
    pyo3_build_config::add_python_framework_link_args();
}
"""


def executable_spec(
    kind: Literal["program", "test"],
    body: str,
    lines_above: int,
    options: CellOptions,
    support: Path,
    given: FileSet = NO_FILES,
) -> CrateSpec:
    """Return the crate of a program or of tests. PyO3 is in it only when its code names PyO3.

    Parameters
    ----------
    body:
        The cell's Rust text, without the magic line.
    lines_above:
        How many lines of the editor's cell stand above the body.
    given:
        The crate's further files.
    """
    assert options.name is not None
    texts = [body, *(file.body for file in given if file.path.endswith(".rs"))]
    uses_pyo3 = any("pyo3" in parse(text).identifiers for text in texts)
    wanted = given.get("Cargo.toml")
    dependencies = DependencySet.of(options, kind, wanted, uses_pyo3=uses_pyo3)
    sources = {cell_file(kind): f"{numbered(body, lines_above)}\n"}
    if dependencies.embeds:
        sources["build.rs"] = _BUILD_SCRIPT
    return assembled(
        options,
        dependencies,
        sources,
        name=options.name,
        support=support,
        lines_above=lines_above,
        given=given,
    )
