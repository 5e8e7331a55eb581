"""Programs and harnesses of tests: their crates, and what cargo makes of them."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from rustcell.building.build import (
    Compiled,
    crate_environment,
    of_the_cell,
    outside,
    read_messages,
    refuse_if_tools_fail,
)
from rustcell.building.builds import Build, Outside, file_hash
from rustcell.building.cache import Slot
from rustcell.crates.crate import CrateSpec, with_given, write
from rustcell.crates.files import NO_FILES, FileSet, numbered
from rustcell.crates.manifest import DependencySet, manifest, target
from rustcell.crates.options import CellOptions
from rustcell.crates.source import parse
from rustcell.tools import process
from rustcell.tools.toolchain import Toolchain

_BUILD_SCRIPT = """\
// Where the program finds libpython when it runs.
fn main() {
    pyo3_build_config::add_libpython_rpath_link_args();
    pyo3_build_config::add_python_framework_link_args();
}
"""

_EXE = ".exe" if os.name == "nt" else ""


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
    spec = CrateSpec(
        name=options.name,
        profile=options.profile,
        edition=options.edition,
        dependencies=DependencySet.of(options, kind, wanted, uses_pyo3=uses_pyo3),
        files=(),
        env=options.env,
        backtrace=options.backtrace,
        support=str(support),
        lines_above=lines_above,
        given=given,
    )
    generated = {
        "Cargo.toml": manifest(
            spec.distribution,
            target(kind, spec.name),
            spec.edition,
            spec.dependencies,
            support,
            spec.backtrace,
        ),
        spec.cell_file: f"{numbered(body, lines_above)}\n",
    }
    if spec.dependencies.embeds:
        generated["build.rs"] = _BUILD_SCRIPT
    return replace(spec, files=with_given(generated, given))


def compile_executables(
    spec: CrateSpec,
    slot: Slot,
    toolchain: Toolchain,
    root: Path,
    lock: str,
    idle: Callable[[], None],
) -> Compiled:
    """Write the crate into the slot and let cargo compile it.

    Raises
    ------
    BuildError
        When cargo itself fails, without a message about the code.
    ToolchainError
        When there is no linker.
    """
    folder = slot.crate(spec.name)
    write(spec, folder, lock)
    command = cargo_command(spec, toolchain, folder)
    env = crate_environment(spec, slot, toolchain, root)
    done = process.run(command, cwd=folder, env=env, idle=idle)
    messages = [json.loads(line) for line in done.stdout if line.startswith("{")]
    said = (m["message"] for m in messages if m["reason"] == "compiler-message")
    # With files in tests/ the library is compiled twice, and says everything twice.
    diagnostics = tuple(dict.fromkeys(of_the_cell(read_messages(said), spec)))
    if done.status != 0:
        refuse_if_tools_fail(diagnostics, done)
        return Compiled(None, diagnostics, done.log, command, Outside())
    executables = dict(_executables(messages, spec, folder))
    infos = [info for path in executables.values() if (info := _dep_info(path))]
    return Compiled(
        None, diagnostics, done.log, command, outside(spec, slot, infos, messages), executables
    )


def cargo_command(spec: CrateSpec, toolchain: Toolchain, folder: Path) -> list[str]:
    """Return the command that compiles the crate in `folder`."""
    common = ["--message-format", "json-diagnostic-rendered-ansi", "--offline"]
    common += ["--manifest-path", str(folder / "Cargo.toml")]
    if spec.profile != "dev":
        common += ["--profile", spec.profile]
    if spec.kind == "program":
        return [toolchain.cargo, "rustc", *common, "--bin", spec.name, "--", *spec.rustc_arguments]
    # `cargo test` takes no arguments for rustc: what the harness prints names src/lib.rs.
    return [toolchain.cargo, "test", "--no-run", *common, "--lib", "--tests"]


def _executables(
    messages: list[dict[str, Any]], spec: CrateSpec, folder: Path
) -> Iterator[tuple[str, Path]]:
    """Yield each executable with its source file's path inside the crate."""
    for message in messages:
        if message["reason"] == "compiler-artifact" and message["executable"]:
            source = Path(message["target"]["src_path"])
            if message["profile"]["test"] == (spec.kind == "test"):
                yield source.relative_to(folder).as_posix(), Path(message["executable"])


def _dep_info(executable: Path) -> Path | None:
    """Return the file that names what rustc read for it."""
    if executable.parent.name == "deps":
        return executable.with_suffix(".d")
    found = (executable.parent / "deps").glob(f"{executable.stem}-*.d")
    return max(found, key=lambda path: path.stat().st_mtime, default=None)


def lay_out_executables(
    spec: CrateSpec, executables: Mapping[str, Path], folder: Path
) -> dict[str, str]:
    """Put the crate's files and the executables into `folder`; return file hashes by path.

    An executable stands beside its source. Tests run in the crate's folder, as cargo has it,
    and may read its files.
    """
    package = folder / spec.name
    for relative, text in spec.files:
        (package / relative).parent.mkdir(parents=True, exist_ok=True)
        (package / relative).write_bytes(text.encode("utf-8"))
    for source, path in executables.items():
        shutil.copy2(path, executable_of(package, source))
    return {
        path.relative_to(folder).as_posix(): file_hash(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def executable_of(package: Path, source: str) -> Path:
    """Return the path of the executable that was compiled from a source file."""
    return (package / source).with_suffix(_EXE)


def sources_of(build: Build) -> list[str]:
    """Return the source files of a build's executables, the cell's own first."""
    found = [
        path.removeprefix(f"{build.name}/")
        for path in build.files
        if path.endswith(".rs") and str(Path(path).with_suffix(_EXE).as_posix()) in build.files
    ]
    return sorted(found, key=lambda path: (not path.startswith("src/"), path))
