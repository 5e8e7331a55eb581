"""Compiles a crate in a kernel's slot, and lays the result out as an importable folder.

Cargo is called as `maturin develop` calls it, so that both share the finished dependencies. This
way the module is live after cargo's time alone, and the compiler's messages come as data. After
an edit even cargo is left out: its rustc command is run again (`recipe.py`).
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rustcell.building import build_script
from rustcell.building.builds import Outside, file_hash
from rustcell.building.cache import Slot
from rustcell.building.dependencies import cargo_rustc, python_configuration
from rustcell.building.recipe import Recipe, recipe_of, without_commands
from rustcell.building.tool_failures import failure_of_a_tool
from rustcell.crates.crate import WRAPPER, CrateSpec, write
from rustcell.crates.files import NATIVE
from rustcell.errors import BuildError, plain_text
from rustcell.messages.diagnostics import Diagnostic, from_message, renamed
from rustcell.tools import process
from rustcell.tools.toolchain import Interpreter, Toolchain, build_environment


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


def compile_crate(
    spec: CrateSpec,
    slot: Slot,
    toolchain: Toolchain,
    root: Path,
    lock: str,
    idle: Callable[[], None],
    recipes: MutableMapping[Path, Recipe],
) -> Compiled:
    """Write the crate into the slot and compile it.

    Parameters
    ----------
    recipes:
        This kernel's rustc commands by the crates' folders; used, and kept up to date.

    Raises
    ------
    BuildError
        When cargo itself fails, without a message about the code.
    ToolchainError
        When there is no linker.
    """
    folder = slot.crate(spec.name)
    write(spec, folder, lock)
    env = crate_environment(spec, slot, toolchain, root)
    recipe = recipes.pop(folder, None)
    if recipe is not None and recipe.fits(spec, env):
        compiled = _by_rustc(spec, slot, recipe, idle)
        if compiled is not None:
            recipes[folder] = recipe
            return compiled
    compiled, recipe = _by_cargo(spec, slot, toolchain, env, idle)
    if recipe is not None:
        recipes[folder] = recipe
    return compiled


def _by_cargo(
    spec: CrateSpec,
    slot: Slot,
    toolchain: Toolchain,
    env: dict[str, str],
    idle: Callable[[], None],
) -> tuple[Compiled, Recipe | None]:
    folder = slot.crate(spec.name)
    command = [*cargo_rustc(toolchain, folder, spec.profile), "-vv", "--", *spec.rustc_arguments]
    done = process.run(command, cwd=folder, env=env, idle=idle)
    messages = [json.loads(line) for line in done.stdout if line.startswith("{")]
    said = (m["message"] for m in messages if m["reason"] == "compiler-message")
    log = without_commands(done.stderr)
    diagnostics = of_the_cell(read_messages(said), spec) + build_script.remarks(spec, done.stderr)
    if done.status != 0:
        refuse_if_tools_fail(diagnostics, replace(done, stderr=log.split("\n")))
        return Compiled(None, diagnostics, log, command, Outside()), None
    library = _library(spec, messages)
    if library is None:
        diagnostics += (_nothing_to_import(spec),)
        return Compiled(None, diagnostics, log, command, Outside()), None
    compiled = Compiled(library, diagnostics, log, command, _outside(spec, slot, messages))
    return compiled, recipe_of(spec, env, done.stderr, library)


def _library(spec: CrateSpec, messages: Iterable[Mapping[str, Any]]) -> Path | None:
    """Return the library for Python, None where the crate makes only one for Rust."""
    return next(
        (
            Path(name)
            for m in messages
            if m["reason"] == "compiler-artifact" and m["target"]["name"] == spec.name
            for name in m["filenames"]
            if "cdylib" in m["target"]["crate_types"] and name.endswith((".so", ".dylib", ".dll"))
        ),
        None,
    )


def _nothing_to_import(spec: CrateSpec) -> Diagnostic:
    given = spec.given.get("Cargo.toml")
    message = 'nothing to import: Python needs crate-type = ["cdylib"], which [lib] does not have'
    place = f"\n --> {given.label}" if given else ""
    return Diagnostic("error", None, message, (), (), f"error: {message}{place}\n")


def _by_rustc(
    spec: CrateSpec, slot: Slot, recipe: Recipe, idle: Callable[[], None]
) -> Compiled | None:
    """Compile by a known command; None when it fails for anything but the cell's code."""
    done = process.run(recipe.command, cwd=slot.crate(spec.name), env=recipe.env, idle=idle)
    messages = [json.loads(line) for line in done.stderr if line.startswith("{")]
    said = (m for m in messages if m.get("$message_type") == "diagnostic")
    diagnostics = of_the_cell(read_messages(said), spec)
    command = list(recipe.command)
    if done.status == 0:
        return Compiled(recipe.library, diagnostics, "", command, _outside(spec, slot))
    errors = [d for d in diagnostics if d.level == "error"]
    if errors and all(any(span.in_cell for span in error.spans) for error in errors):
        return Compiled(None, diagnostics, "", command, Outside())
    return None


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


def refuse_if_tools_fail(diagnostics: tuple[Diagnostic, ...], done: process.Finished) -> None:
    """Raise when a build failed for anything but the code."""
    failure = failure_of_a_tool(done, " ".join(d.message for d in diagnostics))
    if failure is not None:
        raise failure
    if not any(d.level == "error" for d in diagnostics):
        raise BuildError(
            "cargo failed before it came to the code",
            "Read cargo's text above. `%%rust_module … -v` shows the command.",
            details=plain_text(done.log)[-4000:],
        )


def _outside(spec: CrateSpec, slot: Slot, messages: Sequence[Mapping[str, Any]] = ()) -> Outside:
    profile = slot.target / ("debug" if spec.profile in ("dev", "test") else "release")
    return outside(spec, slot, (profile / "deps").glob(f"{spec.name}.d"), messages)


def outside(
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


def lay_out(
    spec: CrateSpec, library: Path, interpreter: Interpreter, folder: Path
) -> dict[str, str]:
    """Make `folder` what `maturin develop` would install; return file hashes by path.

    The library is copied, never linked: cargo writes its artefact anew at every build.
    """
    package = folder / spec.name
    suffix = interpreter.extension_suffix
    if spec.dependencies.abi3:
        suffix = ".pyd" if os.name == "nt" else ".abi3.so"
    for relative, text in _packaged(spec).items():
        (package / relative).parent.mkdir(parents=True, exist_ok=True)
        (package / relative).write_bytes(text.encode("utf-8"))
    shutil.copyfile(library, package / f"{NATIVE if spec.given.mixed else spec.name}{suffix}")
    return {
        path.relative_to(folder).as_posix(): file_hash(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _packaged(spec: CrateSpec) -> dict[str, str]:
    """Return what stands beside the library, by path in the package, as maturin 1.16 has it."""
    texts = dict(spec.files)
    if spec.given.mixed:
        inside = f"python/{spec.name}/"
        return {p.removeprefix(inside): text for p, text in texts.items() if p.startswith(inside)}
    found = {"__init__.py": WRAPPER.format(name=spec.name)}
    if f"{spec.name}.pyi" in texts:
        found |= {"__init__.pyi": texts[f"{spec.name}.pyi"], "py.typed": ""}
    return found
