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
from pathlib import Path
from typing import Any

from rustcell.building.builds import Outside, file_hash
from rustcell.building.cache import Slot
from rustcell.building.compiling import (
    Compiled,
    crate_environment,
    of_the_cell,
    outside_of,
    read_messages,
    run_cargo,
)
from rustcell.building.dependencies import cargo_rustc
from rustcell.building.recipe import Recipe, recipe_of
from rustcell.crates.crate import WRAPPER, CrateSpec, write
from rustcell.crates.files import NATIVE
from rustcell.messages.diagnostics import Diagnostic
from rustcell.tools import process
from rustcell.tools.toolchain import Interpreter, Toolchain


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
    ran = run_cargo(command, spec, folder, env, idle)
    if ran.failed:
        return Compiled(None, ran.diagnostics, ran.log, command, Outside()), None
    library = _library(spec, ran.messages)
    if library is None:
        told = (*ran.diagnostics, _nothing_to_import(spec))
        return Compiled(None, told, ran.log, command, Outside()), None
    outside = _outside(spec, slot, ran.messages)
    compiled = Compiled(library, ran.diagnostics, ran.log, command, outside)
    return compiled, recipe_of(spec, env, ran.done.stderr, library)


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


def _outside(spec: CrateSpec, slot: Slot, messages: Sequence[Mapping[str, Any]] = ()) -> Outside:
    profile = slot.target / ("debug" if spec.profile in ("dev", "test") else "release")
    return outside_of(spec, slot, (profile / "deps").glob(f"{spec.name}.d"), messages)


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
