"""Compiles a crate in a kernel's slot, and lays the result out as an importable folder.

Cargo is called as `maturin develop` calls it, so that the install that follows in the
background compiles nothing. This way the module is live after cargo's time alone, and
the compiler's messages come as data.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rustcell import process
from rustcell.builds import Outside, file_hash
from rustcell.cache import Slot
from rustcell.crate import CrateSpec, write
from rustcell.dependencies import cargo_rustc, python_configuration
from rustcell.diagnostics import Diagnostic, from_message
from rustcell.errors import BuildError, plain_text
from rustcell.tool_failures import failure_of_a_tool
from rustcell.toolchain import Interpreter, Toolchain, build_environment

_INIT = """\
from .{name} import *

__doc__ = {name}.__doc__
if hasattr({name}, "__all__"):
    __all__ = {name}.__all__"""
"""The wrapper that maturin 1.16 writes around a library without Python sources."""


@dataclass(frozen=True)
class Compiled:
    """What cargo made of a crate. `library` is None when the code does not compile."""

    library: Path | None
    diagnostics: tuple[Diagnostic, ...]
    log: str
    command: list[str]
    outside: Outside


def crate_environment(
    spec: CrateSpec, slot: Slot, toolchain: Toolchain, root: Path
) -> dict[str, str]:
    """Return the environment that cargo and maturin share for this crate."""
    env = build_environment(toolchain, slot.target, spec.env)
    env.update(python_configuration(spec.dependencies, root))
    return env


def compile_crate(
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
    command = [*cargo_rustc(toolchain, folder, spec.profile), "--", *spec.rustc_arguments]
    done = process.run(
        command, cwd=folder, env=crate_environment(spec, slot, toolchain, root), idle=idle
    )
    messages = [json.loads(line) for line in done.stdout if line.startswith("{")]
    found = [from_message(m["message"]) for m in messages if m["reason"] == "compiler-message"]
    diagnostics = _of_the_cell(tuple(d for d in found if d is not None), spec)
    if done.status != 0:
        _refuse_if_tools_fail(diagnostics, done)
        return Compiled(None, diagnostics, done.log, command, Outside())
    library = next(
        Path(name)
        for m in messages
        if m["reason"] == "compiler-artifact" and m["target"]["name"] == spec.name
        for name in m["filenames"]
        if name.endswith((".so", ".dylib", ".dll"))
    )
    return Compiled(library, diagnostics, done.log, command, _outside(spec, slot))


def _of_the_cell(found: tuple[Diagnostic, ...], spec: CrateSpec) -> tuple[Diagnostic, ...]:
    """Leave out what is said of our own lines behind the cell, unless it is all there is.

    When a macro fails, the generated module cannot find what it should have made; such
    echoes name lines that nobody sees.
    """
    last = spec.source().removesuffix(spec.tail).count("\n")

    def ours(diagnostic: Diagnostic) -> bool:
        places = [span for span in diagnostic.spans if span.primary and span.in_cell]
        return bool(places) and all(span.line_start > last for span in places)

    kept = tuple(d for d in found if not ours(d))
    only_ours = {d.level for d in found} - {d.level for d in kept}
    return found if "error" in only_ours else kept


def _refuse_if_tools_fail(diagnostics: tuple[Diagnostic, ...], done: process.Finished) -> None:
    failure = failure_of_a_tool(done, " ".join(d.message for d in diagnostics))
    if failure is not None:
        raise failure
    if not any(d.level == "error" for d in diagnostics):
        raise BuildError(
            "cargo failed before it came to the code",
            "Read cargo's text above. `%%rust_module … -v` shows the command.",
            details=plain_text(done.log)[-4000:],
        )


def _outside(spec: CrateSpec, slot: Slot) -> Outside:
    """Return the files and variables that rustc's dep-info names and the crate has not."""
    crate = slot.crate(spec.name)
    files: dict[str, str] = {}
    variables: dict[str, str | None] = {}
    profile = slot.target / ("debug" if spec.profile in ("dev", "test") else "release")
    for info in (profile / "deps").glob(f"{spec.name}.d"):
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("# env-dep:"):
                name, equals, value = line.removeprefix("# env-dep:").partition("=")
                if not name.startswith("CARGO"):
                    variables[name] = value if equals else None
            elif line.endswith(":") and not line.startswith("#"):
                path = crate / line[:-1].replace("\\ ", " ")
                if not path.resolve().is_relative_to(crate.resolve()) and path.is_file():
                    files[str(path)] = file_hash(path)
    return Outside(files, variables)


def lay_out(
    spec: CrateSpec, library: Path, interpreter: Interpreter, folder: Path
) -> dict[str, str]:
    """Make `folder` what `maturin develop` would install; return file hashes by path.

    The library is copied, never linked: cargo writes its artefact anew at every build.
    """
    package = folder / spec.name
    package.mkdir()
    suffix = interpreter.extension_suffix
    if spec.dependencies.abi3:
        suffix = ".pyd" if os.name == "nt" else ".abi3.so"
    (package / "__init__.py").write_text(_INIT.format(name=spec.name), encoding="utf-8")
    shutil.copyfile(library, package / f"{spec.name}{suffix}")
    return {
        path.relative_to(folder).as_posix(): file_hash(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
