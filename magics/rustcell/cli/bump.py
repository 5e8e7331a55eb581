"""Changes the PyO3 of all cells, in a checkout of the repository: all three places or none."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import tomlkit

from rustcell.building import cache
from rustcell.building.resolution import resolution_error
from rustcell.crates.manifest import PYO3, DependencySet
from rustcell.errors import RustcellError, plain_text
from rustcell.tools import process
from rustcell.tools.toolchain import build_environment, find_toolchain

PACKAGE = Path(__file__).parents[1]

_VERSION = re.compile(r"\d+\.\d+\.\d+")
# Crates that are released for one minor version of PyO3.
_SAME_VERSION = ("pyo3", "pyo3-build-config")
_SAME_MINOR = ("numpy", "pyo3-async-runtimes")
_TEXTS = ("*.ipynb", "*.md", "*.py")


class BumpError(RustcellError):
    """The version cannot be changed here."""


def bump(version: str, package: Path = PACKAGE) -> Iterator[str]:
    """Make `version` the PyO3 of all cells; say what was done, line by line.

    Nothing is changed unless cargo can resolve all crates of the course with it.

    Parameters
    ----------
    version:
        A released version in three parts, as in `0.29.0`.
    package:
        The folder of the package's sources, in the checkout to change.

    Raises
    ------
    BumpError
        If `version` is none, or this is no checkout.
    DependencyError
        If cargo cannot resolve the crates with it.
    """
    checkout = package.parents[1]
    if not (checkout / "pyproject.toml").is_file():
        raise BumpError(
            "this rustcell is installed, and no checkout of its repository",
            "Clone the repository, `make test` once, and use its .venv/bin/rustcell.",
        )
    if not _VERSION.fullmatch(version):
        raise BumpError(f"{version!r} is no version of PyO3", "Write it in three parts: 0.29.0.")
    manifest = _manifest((package / "lock" / "Cargo.toml").read_text(encoding="utf-8"), version)
    yield f"resolving the crates of the course with pyo3 {version}"
    lock = _resolved(package, manifest, version)
    constant = package / "crates" / "manifest.py"
    old, new = f'PYO3 = "{PYO3}"', f'PYO3 = "{version}"'
    code = constant.read_text(encoding="utf-8").replace(old, new, 1)
    for path, text in (
        (package / "lock" / "Cargo.toml", manifest),
        (package / "lock" / "Cargo.lock", lock),
        (constant, code),
    ):
        if path.read_text(encoding="utf-8") != text:
            _replace(path, text)
            yield f"{path.relative_to(checkout).as_posix()}: written"
    if version != PYO3:
        for path in _naming(checkout, PYO3):
            yield f"{path.relative_to(checkout).as_posix()}: still speaks of {PYO3}"
    yield "Now run the chapters: rustcell run"


def _manifest(text: str, version: str) -> str:
    """Return the lock's manifest for `version`; its comments stay."""
    document = tomlkit.parse(text)
    dependencies = document["dependencies"]
    minor = version.rpartition(".")[0]
    wanted = {
        **dict.fromkeys(_SAME_VERSION, f"={version}"),
        **dict.fromkeys(_SAME_MINOR, minor),
    }
    for name, requirement in wanted.items():
        held = dependencies[name]
        if isinstance(held, dict):
            held["version"] = requirement
        else:
            dependencies[name] = requirement
    return tomlkit.dumps(document)


def _resolved(package: Path, manifest: str, version: str) -> str:
    """Return the lock for `manifest`; what need not change keeps its version."""
    root = cache.cache_root()
    toolchain = find_toolchain(root)
    with tempfile.TemporaryDirectory(prefix="rustcell-bump-") as name:
        folder = Path(name) / "lock"
        shutil.copytree(package / "support", Path(name) / "support")
        shutil.copytree(package / "lock", folder)
        (folder / "Cargo.toml").write_text(manifest, encoding="utf-8")
        done = process.run(
            [toolchain.cargo, "fetch", "--manifest-path", str(folder / "Cargo.toml")],
            cwd=folder,
            env=build_environment(toolchain, Path(name) / "target"),
        )
        if done.status != 0:
            error = resolution_error(DependencySet(version), plain_text(done.log))
            error.mend = error.mend.replace("--pyo3 VERSION", "rustcell dev bump VERSION")
            raise error
        return (folder / "Cargo.lock").read_text(encoding="utf-8")


def _replace(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, path)


def _naming(checkout: Path, version: str) -> list[Path]:
    """Return the texts that name `version`, for a person to look at."""
    folders = ("notebooks", "exercises", "docs", "tests")
    found = (p for f in folders for pattern in _TEXTS for p in (checkout / f).rglob(pattern))
    return sorted(p for p in found if version in p.read_text(encoding="utf-8", errors="replace"))
