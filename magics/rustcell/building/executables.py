"""Programs and harnesses of tests: what cargo makes of their crates."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from rustcell.building.builds import Build, Outside, file_hash
from rustcell.building.cache import Slot
from rustcell.building.compiling import Compiled, crate_environment, outside_of, run_cargo
from rustcell.crates.crate import CrateSpec, write
from rustcell.tools.toolchain import Toolchain

_EXE = ".exe" if os.name == "nt" else ""


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
    ran = run_cargo(command, spec, folder, env, idle)
    if ran.failed:
        return Compiled(None, ran.diagnostics, ran.log, command, Outside())
    executables = dict(_executables(ran.messages, spec, folder))
    infos = [info for path in executables.values() if (info := _dep_info(path))]
    outside = outside_of(spec, slot, infos, ran.messages)
    return Compiled(None, ran.diagnostics, ran.log, command, outside, executables)


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
    messages: Iterable[Mapping[str, Any]], spec: CrateSpec, folder: Path
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
