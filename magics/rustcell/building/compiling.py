"""Lets cargo compile a crate, whatever its kind, and reads what cargo and rustc say of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rustcell.building import build_script
from rustcell.building.builds import Outside, file_hash
from rustcell.building.cache import Slot
from rustcell.building.dependencies import python_configuration
from rustcell.building.recipe import without_commands
from rustcell.building.tool_failures import failure_of_a_tool
from rustcell.crates.crate import CrateSpec
from rustcell.errors import BuildError, plain_text
from rustcell.messages.diagnostics import Diagnostic, from_message, renamed
from rustcell.tools import process
from rustcell.tools.toolchain import Toolchain, build_environment


@dataclass(frozen=True)
class Compiled:
    """What became of a crate: a library, or executables by the source file of each.

    Neither is there when the code does not compile.
    """

    library: Path | None
    diagnostics: tuple[Diagnostic, ...]
    log: str
    command: list[str]
    outside: Outside
    executables: Mapping[str, Path] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        return self.library is None and not self.executables


def crate_environment(
    spec: CrateSpec, slot: Slot, toolchain: Toolchain, root: Path
) -> dict[str, str]:
    """Return the environment that cargo and maturin share for this crate."""
    env = build_environment(toolchain, slot.target, spec.env, extension=spec.kind == "extension")
    env.update(python_configuration(spec.dependencies, root))
    return env


@dataclass(frozen=True)
class CargoRun:
    """What one run of cargo said: its own words, and what it said as data."""

    done: process.Finished
    messages: tuple[dict[str, Any], ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def failed(self) -> bool:
        return self.done.status != 0

    @property
    def log(self) -> str:
        return without_commands(self.done.stderr)


def run_cargo(
    command: Sequence[str],
    spec: CrateSpec,
    folder: Path,
    env: Mapping[str, str],
    idle: Callable[[], None],
) -> CargoRun:
    """Let cargo compile the crate in `folder`.

    Raises
    ------
    BuildError
        When cargo itself fails, without a message about the code.
    ToolchainError
        When there is no linker.
    """
    done = process.run(command, cwd=folder, env=env, idle=idle)
    messages = tuple(json.loads(line) for line in done.stdout if line.startswith("{"))
    said = (m["message"] for m in messages if m["reason"] == "compiler-message")
    # With files in tests/ a library is compiled twice, and says everything twice.
    found = tuple(dict.fromkeys(of_the_cell(read_messages(said), spec)))
    ran = CargoRun(done, messages, found + build_script.remarks(spec, done.stderr))
    if ran.failed:
        _refuse_if_tools_fail(ran)
    return ran


def _refuse_if_tools_fail(ran: CargoRun) -> None:
    """Raise when a build failed for anything but the code."""
    told = replace(ran.done, stderr=ran.log.split("\n"))
    failure = failure_of_a_tool(told, " ".join(d.message for d in ran.diagnostics))
    if failure is not None:
        raise failure
    if not any(d.level == "error" for d in ran.diagnostics):
        raise BuildError(
            "cargo failed before it came to the code",
            "Read cargo's text above. `%%rust_module … -v` shows the command.",
            details=plain_text(ran.log)[-4000:],
        )


def read_messages(messages: Iterable[dict[str, Any]]) -> tuple[Diagnostic, ...]:
    """Return what rustc said, out of its own JSON."""
    return tuple(d for d in map(from_message, messages) if d is not None)


def of_the_cell(found: tuple[Diagnostic, ...], spec: CrateSpec) -> tuple[Diagnostic, ...]:
    """Leave out what is said of our own lines behind the cell, unless it is all there is.

    When a macro fails, the generated module cannot find what it should have made; such
    echoes name lines that nobody sees.
    """
    for file in spec.given:
        found = tuple(renamed(diagnostic, file.path, file.label) for diagnostic in found)
    last = spec.source().removesuffix(spec.tail).count("\n")

    def ours(diagnostic: Diagnostic) -> bool:
        places = [span for span in diagnostic.spans if span.primary and span.is_of(spec.label)]
        return bool(places) and all(span.line_start > last for span in places)

    kept = tuple(d for d in found if not ours(d))
    only_ours = {d.level for d in found} - {d.level for d in kept}
    return found if "error" in only_ours else kept


def outside_of(
    spec: CrateSpec,
    slot: Slot,
    infos: Iterable[Path],
    messages: Sequence[Mapping[str, Any]] = (),
) -> Outside:
    """Return the files and variables that a build read and its key does not name.

    Parameters
    ----------
    infos:
        The dep-info files of rustc.
    messages:
        What cargo said as data: it leads to what a build script read.
    """
    crate = slot.crate(spec.name).resolve()
    script = build_script.inputs(spec, messages, crate)
    files, variables = dict(script.files), dict(script.variables)
    ours = {*dict(spec.env), *build_script.variables_set(spec, messages)}
    for info in infos:
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("# env-dep:"):
                name, equals, value = line.removeprefix("# env-dep:").partition("=")
                if not name.startswith("CARGO") and name not in ours:
                    variables[name] = value if equals else None
            elif line.endswith(":") and not line.startswith("#"):
                path = (crate / line[:-1].replace("\\ ", " ")).resolve()
                made = any(path.is_relative_to(folder) for folder in (crate, slot.target.resolve()))
                if not made and path.is_file():
                    files[str(path)] = file_hash(path)
    return Outside(files, variables)
