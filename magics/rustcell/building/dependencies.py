"""Resolves a dependency set to one Cargo.lock, and builds it once as a base.

The committed lock covers every crate of the course. Other crates are looked up once
over the network; their lock is kept and serves offline from then on.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from rustcell.building import cache
from rustcell.building.resolution import resolution_error
from rustcell.crates.crate import CrateSpec
from rustcell.crates.manifest import DependencySet, manifest, target
from rustcell.errors import plain_text
from rustcell.tools import process
from rustcell.tools.toolchain import Toolchain, build_environment

_PROBE = "rustcell_base"
"""The empty crate that is built on a dependency set; its own files leave the base again."""


@dataclass(frozen=True)
class Progress:
    """Where a long build stands: `done` of `total` compile steps; `total` 0 if unknown."""

    done: int
    total: int
    doing: str


OnProgress = Callable[[Progress], None]


def _data(name: str) -> str:
    return resources.files("rustcell").joinpath("lock", name).read_text(encoding="utf-8")


def committed_lock() -> str:
    """Return the Cargo.lock that ships with this package."""
    return _data("Cargo.lock")


def committed_manifest() -> str:
    """Return the Cargo.toml of that lock: the crates and features that the course names."""
    return _data("Cargo.toml")


@functools.cache
def _support_files() -> dict[str, bytes]:
    source = resources.files("rustcell").joinpath("support")
    files = {"Cargo.toml": source.joinpath("Cargo.toml").read_bytes()}
    for entry in sorted(source.joinpath("src").iterdir(), key=lambda e: e.name):
        files[f"src/{entry.name}"] = entry.read_bytes()
    return files


@functools.cache
def support_folder(root: Path) -> Path:
    """Return where the support crate lies in the cache, named by its content.

    Cargo identifies a crate by its path, so all environments of a user share one.
    """
    digest = hashlib.sha256(b"\0".join(_support_files().values())).hexdigest()[:16]
    return root / "support" / digest


def support_crate(root: Path) -> Path:
    """Return the support crate's folder with its files in it: before anything is built."""
    files, folder = _support_files(), support_folder(root)
    if not all(_holds(folder / name, data) for name, data in files.items()):
        cache.remove_entry(folder)
        with cache.scratch(root / "support") as fresh:
            for name, data in files.items():
                (fresh / name).parent.mkdir(parents=True, exist_ok=True)
                (fresh / name).write_bytes(data)
            cache.rename_new(fresh, folder)
    return folder


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() == data
    except OSError:
        return False


def python_configuration(spec: DependencySet, root: Path) -> dict[str, str]:
    """Return the variables that an abi3 build needs beside the usual ones.

    For a stable ABI maturin writes an interpreter description into the target folder and
    names it in PYO3_CONFIG_FILE. Each slot would have its own path, and PyO3 would be
    compiled again in each. One file in the cache, named beforehand, avoids that.
    """
    if spec.abi3 is None or os.name == "nt" or "PYO3_CONFIG_FILE" in os.environ:
        return {}
    text = (
        f"implementation=CPython\nversion={spec.abi3}\ntarget_abi=CPython-abi3-{spec.abi3}\n"
        "shared=true\nbuild_flags=\nsuppress_build_script_link_lines=false\n"
    )
    path = root / "support" / f"pyo3-abi3-{spec.abi3}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
    return {"PYO3_CONFIG_FILE": str(path)}


def resolved_lock(
    spec: CrateSpec, toolchain: Toolchain, root: Path, support: Path, on_progress: OnProgress
) -> str:
    """Return the Cargo.lock of the cell's dependency set, resolved once and kept.

    Raises
    ------
    DependencyError
        For a crate or version that does not exist or cannot be fetched.
    """
    text = probe_manifest(spec.dependencies, support)
    digest = hashlib.sha256((text + committed_lock()).encode()).hexdigest()[:16]
    folder = root / "locks" / digest
    kept = _kept_lock(folder)
    if kept is not None:
        return kept
    with cache.exclusive(root / "locks" / f"{digest}.lock"):
        kept = _kept_lock(folder)
        if kept is None:
            support_crate(root)
            with cache.scratch(root / "locks") as fresh:
                write_probe(fresh, text, committed_lock())
                _fetch(spec, toolchain, fresh, on_progress)
                kept = (fresh / "Cargo.lock").read_text(encoding="utf-8")
            _keep_lock(folder, kept)
    return kept


def _kept_lock(folder: Path) -> str | None:
    """Return the lock that was kept here, None if there is none or it was changed since."""
    try:
        text = (folder / "Cargo.lock").read_text(encoding="utf-8")
        digest = (folder / "sha256").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None
    return text if hashlib.sha256(text.encode()).hexdigest() == digest else None


def _keep_lock(folder: Path, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Cargo.lock").write_text(text, encoding="utf-8")
    (folder / "sha256").write_text(hashlib.sha256(text.encode()).hexdigest(), encoding="utf-8")


def probe_manifest(dependencies: DependencySet, support: Path) -> str:
    """Return the Cargo.toml of an empty crate with these dependencies."""
    return manifest("rustcell-base", target("extension", _PROBE), "2021", dependencies, support)


def write_probe(folder: Path, manifest_text: str, lock: str) -> None:
    """Write an empty crate into `folder`."""
    (folder / "src").mkdir(parents=True)
    (folder / "Cargo.toml").write_text(manifest_text, encoding="utf-8")
    (folder / "Cargo.lock").write_text(lock, encoding="utf-8")
    (folder / "src" / "lib.rs").touch()
    if "[build-dependencies]" in manifest_text:
        (folder / "build.rs").write_text("fn main() {}\n", encoding="utf-8")


def fetch_again(
    spec: CrateSpec,
    toolchain: Toolchain,
    root: Path,
    lock: str,
    on_progress: OnProgress,
) -> None:
    """Download the crates of a resolved lock again, after cargo's own cache was emptied.

    Raises
    ------
    DependencyError
        Without network.
    """
    with cache.scratch(root / "locks") as fresh:
        text = probe_manifest(spec.dependencies, support_crate(root))
        write_probe(fresh, text, lock)
        _fetch(spec, toolchain, fresh, on_progress)


def _fetch(spec: CrateSpec, toolchain: Toolchain, folder: Path, on_progress: OnProgress) -> None:
    """Resolve and download: from what is there if possible, else over the network.

    Crates of other platforms too: maturin asks cargo about the whole lock, and offline it fails
    when one of them is missing.
    """
    env = build_environment(toolchain, folder / "target", spec.env)
    command = [toolchain.cargo, "fetch", "--manifest-path", str(folder / "Cargo.toml")]
    if process.run([*command, "--offline"], cwd=folder, env=env).status == 0:
        return
    on_progress(Progress(0, 0, "downloading crates"))
    done = process.run(command, cwd=folder, env=env)
    if done.status != 0:
        raise resolution_error(spec.dependencies, plain_text(done.log))


def cargo_rustc(toolchain: Toolchain, crate: Path, profile: str) -> list[str]:
    """Return the cargo command that maturin 1.16 runs, but for its message format.

    With the same arguments and environment the two share cargo's fingerprints.
    """
    command = [toolchain.cargo, "rustc", "--message-format", "json-diagnostic-rendered-ansi"]
    if profile != "dev":
        command += ["--profile", profile]
    return [*command, "--offline", "--manifest-path", str(crate / "Cargo.toml"), "--lib"]
