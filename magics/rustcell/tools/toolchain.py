"""Finds the tools of a build: this interpreter, rustc, cargo, maturin, uv.

Answers that cost a process (versions, the sysroot behind rustup's shims) are
remembered in the cache by path, inode and modification time, so that an unchanged
cell starts no process at all.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rustcell.errors import ToolchainError

MINIMUM_RUST = (1, 85)
"""The oldest rustc that knows edition 2024 and compiles PyO3 0.30."""

_TOOLCHAIN_FILES = ("rust-toolchain", "rust-toolchain.toml")

_EXE = ".exe" if os.name == "nt" else ""


@functools.cache
def _scripts() -> str:
    return sysconfig.get_path("scripts")


_INSTALL_RUST = (
    "Install Rust (the rustup installer, `conda install -c conda-forge rust`, or your "
    "system's package), then restart the kernel."
)


@dataclass(frozen=True)
class Interpreter:
    """The Python that modules are built for: always the running one.

    `prefix_variable` is the one variable that tells maturin which environment it is
    ("VIRTUAL_ENV" or "CONDA_PREFIX"), None outside of any.
    """

    executable: str
    prefix: str
    version: tuple[int, int]
    extension_suffix: str
    prefix_variable: str | None

    @property
    def for_build(self) -> str:
        """The path by which maturin calls this interpreter (its `get_venv_python`).

        PyO3 is recompiled whenever the path changes by a letter, so cargo must be given
        the same one, even if the kernel itself was started as `python3`.
        """
        folder = _scripts() if os.name == "nt" else f"{self.prefix}/bin"
        path = os.path.join(folder, "python" + _EXE)
        return path if os.path.exists(path) else self.executable

    @property
    def signature(self) -> str:
        """What maturin passes as PYO3_ENVIRONMENT_SIGNATURE (its compile.rs)."""
        bits = 64 if sys.maxsize > 2**32 else 32
        return f"{sys.implementation.name}-{self.version[0]}.{self.version[1]}-{bits}bit"


@functools.cache
def this_interpreter() -> Interpreter:
    """Describe the running interpreter, whatever PATH or VIRTUAL_ENV say."""
    variable: str | None = None
    if os.path.isdir(os.path.join(sys.prefix, "conda-meta")):
        variable = "CONDA_PREFIX"
    elif sys.prefix != sys.base_prefix:
        variable = "VIRTUAL_ENV"
    return Interpreter(
        executable=sys.executable,
        prefix=sys.prefix,
        version=sys.version_info[:2],
        extension_suffix=str(sysconfig.get_config_var("EXT_SUFFIX")),
        prefix_variable=variable,
    )


@dataclass(frozen=True)
class Toolchain:
    """The tools of a build, found and checked. Versions are the tools' own full text."""

    interpreter: Interpreter
    bin: str
    cargo: str
    rustc: str
    rustc_version: str
    maturin: str
    maturin_version: str
    uv: bool

    @property
    def rust_release(self) -> str:
        """For example "1.95.0"."""
        return self.rustc_version.split()[1]


class Memory:
    """Answers of tools, remembered in one JSON file of the cache folder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            known = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            known = None
        self._answers: dict[str, str] = known if isinstance(known, dict) else {}

    def ask(self, command: Sequence[str], *, depends_on: Sequence[str], cwd: str) -> str:
        """Return the command's output, remembered as long as `depends_on` stay the same.

        Raises
        ------
        OSError, subprocess.SubprocessError
            If the command cannot run or fails.
        """
        key = json.dumps([list(command), list(depends_on)])
        if key not in self._answers:
            done = subprocess.run(
                list(command), cwd=cwd, check=True, capture_output=True, text=True, timeout=60
            )
            self._answers[key] = done.stdout.strip()
            self._save()
        return self._answers[key]

    def _save(self) -> None:
        scratch = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        # A full disk only means that the next kernel asks again.
        with contextlib.suppress(OSError):
            scratch.write_text(json.dumps(self._answers, indent=1), encoding="utf-8")
            scratch.replace(self._path)


def stamp(path: str | Path) -> str:
    """Return path, inode and modification time as text; the path alone if absent."""
    try:
        found = os.stat(path)
    except OSError:
        return str(path)
    return f"{path} {found.st_ino} {found.st_mtime_ns} {found.st_size}"


def ancestors_files(folder: Path, names: Sequence[str]) -> list[Path]:
    """Return the files of these names in `folder` and above it, nearest first."""
    return [Path(path) for path in _above(folder, tuple(names)) if os.path.isfile(path)]


@functools.cache
def _above(folder: Path, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(parent / name) for parent in (folder, *folder.parents) for name in names)


def find_toolchain(cache_root: Path, environ: Mapping[str, str] = os.environ) -> Toolchain:
    """Find and check all tools.

    Parameters
    ----------
    cache_root:
        Where crates are built; `rust-toolchain.toml` files above it count, as for cargo.

    Raises
    ------
    ToolchainError
        Naming the missing or old tool and how to get it.
    """
    memory = Memory(cache_root / "tools.json")
    rustc, version = _find_rustc(memory, cache_root, environ)
    cargo = os.path.join(os.path.dirname(rustc), "cargo" + _EXE)
    if not os.path.exists(cargo):
        found = shutil.which("cargo", path=environ.get("PATH"))
        if found is None:
            raise ToolchainError("cargo was not found, though rustc was", _INSTALL_RUST)
        cargo = found
    maturin, maturin_version = _find_maturin(memory, cache_root, environ)
    return Toolchain(
        interpreter=this_interpreter(),
        bin=os.path.dirname(rustc),
        cargo=cargo,
        rustc=rustc,
        rustc_version=version,
        maturin=maturin,
        maturin_version=maturin_version,
        uv=uv_runs(memory, cache_root),
    )


def _find_rustc(memory: Memory, root: Path, environ: Mapping[str, str]) -> tuple[str, str]:
    """Return the real rustc behind a rustup shim, and its `-vV` text."""
    shim = shutil.which("rustc", path=environ.get("PATH"))
    if shim is None:
        raise ToolchainError("no Rust toolchain: rustc and cargo are not on PATH", _INSTALL_RUST)
    rustup_home = environ.get("RUSTUP_HOME", os.path.expanduser("~/.rustup"))
    choices = [
        stamp(shim),
        environ.get("RUSTUP_TOOLCHAIN", ""),
        stamp(os.path.join(rustup_home, "settings.toml")),
        *map(stamp, ancestors_files(root, _TOOLCHAIN_FILES)),
    ]
    try:
        sysroot = memory.ask([shim, "--print", "sysroot"], depends_on=choices, cwd=str(root))
        rustc = os.path.join(sysroot, "bin", "rustc" + _EXE)
        if not os.path.exists(rustc):
            rustc = shim
        version = memory.ask([rustc, "-vV"], depends_on=[stamp(rustc)], cwd=str(root))
    except (OSError, subprocess.SubprocessError) as error:
        raise _rustc_fails(error, root, environ) from error
    release = re.match(r"rustc (\d+)\.(\d+)\.\S+", version)
    if release is None:
        raise ToolchainError(f"{rustc} does not say which rustc it is", _INSTALL_RUST)
    if (int(release[1]), int(release[2])) < MINIMUM_RUST:
        raise ToolchainError(
            f"{release[0]} is too old: edition 2024 and PyO3 need 1.85 or newer",
            "Run `rustup update stable`, or install a newer Rust package, then restart the kernel.",
        )
    return rustc, version


def _rustc_fails(error: Exception, root: Path, environ: Mapping[str, str]) -> ToolchainError:
    """Return the error for a rustc, or a shim of rustup, that does not run."""
    said = str(getattr(error, "stderr", None) or error).strip()
    message = f"rustc does not run: {said.splitlines()[0].removeprefix('error: ')}"
    chosen = ancestors_files(root, _TOOLCHAIN_FILES)
    if environ.get("RUSTUP_TOOLCHAIN"):
        mend = "The variable RUSTUP_TOOLCHAIN chooses this toolchain: install it, or unset it."
    elif chosen:
        mend = (
            f"{chosen[0]} chooses this toolchain: install it with `rustup toolchain install`, or "
            "set RUSTCELL_CACHE_DIR to a folder with no such file above it."
        )
    else:
        mend = _INSTALL_RUST
    return ToolchainError(message, mend, details=said)


def _find_maturin(memory: Memory, root: Path, environ: Mapping[str, str]) -> tuple[str, str]:
    beside = os.path.join(_scripts(), "maturin" + _EXE)
    found = beside if os.path.exists(beside) else shutil.which("maturin", path=environ.get("PATH"))
    mend = f'Run in a terminal: "{sys.executable}" -m pip install "maturin>=1.16,<2"'
    if found is None:
        raise ToolchainError("maturin is not installed in this kernel's environment", mend)
    try:
        version = memory.ask([found, "--version"], depends_on=[stamp(found)], cwd=str(root))
    except (OSError, subprocess.SubprocessError) as error:
        raise ToolchainError(f"maturin does not run: {error}", mend) from error
    return found, version


def uv_runs(memory: Memory, root: Path) -> bool:
    """Tell whether uv is installed for this interpreter and its binary runs here."""
    binary = os.path.join(_scripts(), "uv" + _EXE)
    if not os.path.exists(binary):
        return False
    try:
        memory.ask([binary, "--version"], depends_on=[stamp(binary)], cwd=str(root))
    except (OSError, subprocess.SubprocessError):
        return False
    return True


_HARMFUL = ("VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONHOME", "PYTHONPATH", "CARGO_TARGET_DIR")


def build_environment(
    toolchain: Toolchain,
    target: Path,
    extra: Sequence[tuple[str, str]] = (),
    environ: Mapping[str, str] = os.environ,
    *,
    extension: bool = True,
) -> dict[str, str]:
    """Return the whole environment of cargo and maturin for this kernel's interpreter.

    The variables that could lead to another environment are dropped and exactly one is
    set. The PYO3_ and PYTHON_SYS_EXECUTABLE values are those that maturin 1.16 gives to
    cargo: with them both share cargo's fingerprints, and neither recompiles for the other.
    Without `extension`, what is built links against libpython, as a program must.
    """
    interpreter = toolchain.interpreter
    variables = {k: v for k, v in environ.items() if k not in _HARMFUL}
    if interpreter.prefix_variable:
        variables[interpreter.prefix_variable] = interpreter.prefix
    variables["PATH"] = os.pathsep.join([toolchain.bin, environ.get("PATH", "")])
    variables["CARGO_TARGET_DIR"] = str(target)
    if extension:
        variables["PYO3_BUILD_EXTENSION_MODULE"] = "1"
    variables["PYO3_ENVIRONMENT_SIGNATURE"] = interpreter.signature
    variables["PYO3_PYTHON"] = variables["PYTHON_SYS_EXECUTABLE"] = interpreter.for_build
    variables.update(extra)
    return variables
