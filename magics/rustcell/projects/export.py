"""Writes a module's project into a folder of the user's, and never over what is not its own."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from rustcell.building import builds, cache
from rustcell.building.dependencies import OnProgress
from rustcell.building.tool_failures import failure_of_a_tool
from rustcell.errors import BuildError, OptionsError, RustcellError, plain_text
from rustcell.live.session import Session
from rustcell.live.workshop import Workshop, workshop
from rustcell.projects.notebook_tests import TestFile, import_test, tests_of
from rustcell.projects.project import project_files
from rustcell.projects.stubs import shipped, stub_files, with_introspection

RECORD = ".rustcell-export.json"
"""Lists what an export wrote, so that --force can tell it from what has been changed since."""

_CI = ".github/workflows/CI.yml"


@dataclass(frozen=True)
class Exported:
    """What was written where. `no_stubs` is the reason when there are none."""

    folder: Path
    files: tuple[str, ...]
    tests: TestFile
    no_stubs: str = ""
    outside: tuple[str, ...] = ()


def export(
    name: str,
    folder: Path,
    session: Session,
    on_progress: OnProgress,
    *,
    members: list[str],
    notebook: Path | None = None,
    force: bool = False,
) -> Exported:
    """Write the project of the module that this kernel shows as `name` into `folder`.

    Parameters
    ----------
    members:
        The module's public names.
    notebook:
        A saved notebook whose check cells become tests.
    force:
        Take the place of an earlier export.

    Raises
    ------
    OptionsError
        When this kernel has built no such module, or `folder` holds what no export wrote.
    BuildError
        When a tool fails.
    """
    build, spec = session.shown(name)
    _refuse_foreign(folder, {}, force=force)
    stubs, no_stubs = _stubs(name, session, on_progress)
    tests = import_test(name, members)
    if notebook is not None:
        tests = tests_of(notebook, name, build.source, members)
    files = {f"tests/test_{name}.py": tests.text, **project_files(spec, stubs)}
    project = replace(spec, files=tuple(sorted(files.items())))
    with workshop(project, session, "export", on_progress) as shop:
        files = {"Cargo.lock": _lock(shop), _CI: _ci(shop), **files}
    _refuse_foreign(folder, files, force=force)
    _write(folder, files)
    return Exported(folder, tuple(sorted(files)), tests, no_stubs, tuple(build.outside.files))


def _stubs(name: str, session: Session, on_progress: OnProgress) -> tuple[dict[str, str], str]:
    """Return the stubs of a module, or none and the reason."""
    build, spec = session.shown(name)
    known = build if build.stubs else builds.with_stubs(session.root, build)
    if known is not None:
        return shipped(known), ""
    try:
        with workshop(with_introspection(spec), session, "", on_progress) as shop:
            return stub_files(shop), ""
    except RustcellError as error:
        return {}, error.message


def _lock(shop: Workshop) -> str:
    """Return the lock file for the project: the same versions, under the project's own name."""
    _done(shop, [shop.toolchain.cargo, "update", "--workspace", "--offline"])
    return (shop.crate / "Cargo.lock").read_text(encoding="utf-8")


def _ci(shop: Workshop) -> str:
    """Return the workflow for GitHub's CI as maturin writes it."""
    path = shop.place.folder / "CI.yml"
    command = [shop.toolchain.maturin, "generate-ci", "github", "--output", str(path)]
    _done(shop, command, CARGO_NET_OFFLINE="true")
    return path.read_text(encoding="utf-8")


def _done(shop: Workshop, command: list[str], **more: str) -> None:
    done = shop.run(command, **more)
    if done.status != 0:
        raise failure_of_a_tool(done, "") or BuildError(
            f"{Path(command[0]).stem} {command[1]} fails on the project of {shop.spec.name}",
            "Read its text above.",
            details=plain_text(done.log)[-4000:],
        )


def _refuse_foreign(folder: Path, files: Mapping[str, str], *, force: bool) -> None:
    """Make sure that `files` can be written without touching anything that no export wrote."""
    another = "Choose another folder"
    if folder.exists() and not folder.is_dir():
        raise OptionsError(f"{folder} is a file", f"{another}.")
    if not folder.exists() or not any(folder.iterdir()):
        return
    recorded = _recorded(folder)
    if not force:
        mend = " or add --force: what an export wrote is replaced, other files stay."
        raise OptionsError(
            f"{folder} is there already and not empty", f"{another}{mend if recorded else '.'}"
        )
    if not recorded:
        raise OptionsError(
            f"{folder} is not empty, and no export of rustcell wrote it",
            f"{another}. --force replaces an earlier export only.",
        )
    changed = [
        path
        for path in sorted({*recorded, *files})
        if _leads_out(folder, path)
        or ((folder / path).exists() and _hash(folder / path) != recorded.get(path))
    ]
    if changed:
        raise OptionsError(
            f"changed since the export, or not from it: {', '.join(changed)}",
            f"Move them away, or choose another folder for this export. ({folder})",
        )


def _leads_out(folder: Path, path: str) -> bool:
    return not (folder / path).resolve().is_relative_to(folder.resolve())


def _recorded(folder: Path) -> dict[str, str]:
    """Return the hashes of the files that the last export into `folder` wrote."""
    try:
        found = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(folder: Path, files: Mapping[str, str]) -> None:
    """Write the project; a new folder appears in one step, with all that belongs to it.

    Raises
    ------
    OptionsError
        When the folder cannot be written.
    """
    try:
        if folder.exists():
            _write_into(folder, files)
            return
        folder.parent.mkdir(parents=True, exist_ok=True)
        with cache.scratch(folder.parent) as fresh:
            _write_into(fresh, files)
            fresh.rename(folder)
    except OSError as error:
        raise OptionsError(
            f"{folder} cannot be written: {error.strerror}", "Choose another folder."
        ) from error


def _write_into(folder: Path, files: Mapping[str, str]) -> None:
    """Write each file in one step, and remove what only the last export had."""
    for path in _recorded(folder).keys() - files.keys():
        (folder / path).unlink(missing_ok=True)
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        _replace(folder / path, text.encode("utf-8"))
    hashes = {path: _hash(folder / path) for path in sorted(files)}
    _replace(folder / RECORD, f"{json.dumps(hashes, indent=1)}\n".encode())


def _replace(path: Path, data: bytes) -> None:
    scratch = path.with_name(f"{path.name}.{os.getpid()}")
    scratch.write_bytes(data)
    scratch.replace(path)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
