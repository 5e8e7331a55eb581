"""What a program needs to start a Python of its own: this kernel's, with all it can import."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rustcell.crates.crate import CrateSpec
from rustcell.errors import EmbeddingError
from rustcell.tools.toolchain import Interpreter

_NO_LIBRARY = """\
Use a kernel whose Python has one: conda's and uv's have; pyenv builds it with
PYTHON_CONFIGURE_OPTS=--enable-shared. %%rust_module works with this one too."""


def refuse_unembeddable() -> None:
    """Raise when the running interpreter has no libpython that a program could be linked with.

    Raises
    ------
    EmbeddingError
        With the reason and what to install.
    """
    error = obstacle(sysconfig.get_config_vars(), Path(sys.base_prefix), sys.platform)
    if error is not None:
        raise error


def obstacle(
    variables: Mapping[str, Any], base_prefix: Path, platform: str
) -> EmbeddingError | None:
    """Return why a Python cannot be embedded, None if it can.

    Parameters
    ----------
    variables:
        As `sysconfig.get_config_vars()` of that Python has them.
    base_prefix, platform:
        Its `sys.base_prefix` and `sys.platform`.
    """
    # On Windows python3xx.dll is always there; a framework of macOS is a shared library.
    if platform == "win32" or variables.get("PYTHONFRAMEWORK"):
        return None
    conda = (base_prefix / "conda-meta").is_dir()  # its interpreter is static, its library is not
    if not (variables.get("Py_ENABLE_SHARED") or conda):
        return EmbeddingError(
            "cannot embed here: this kernel's Python was built without a shared libpython",
            _NO_LIBRARY,
        )
    suffix = "dylib" if platform == "darwin" else "so"
    name = f"libpython{variables.get('LDVERSION') or variables.get('VERSION')}.{suffix}"
    folders = [Path(str(variables.get("LIBDIR") or base_prefix / "lib")), base_prefix / "lib"]
    if any((folder / name).exists() for folder in folders):
        return None
    return EmbeddingError(
        f"cannot embed here: {name}, which a program is linked with, is not installed",
        "Install it (Debian, Ubuntu: sudo apt-get install python3-dev; Fedora: python3-devel), "
        "then run the cell again. %%rust_module works without it.",
    )


def run_environment(
    spec: CrateSpec, interpreter: Interpreter, environ: Mapping[str, str]
) -> dict[str, str]:
    """Return the environment of what was built from `spec`.

    It is the kernel's own, so that this kernel's modules can be imported. An embedded Python
    looks for itself on PATH, and finds this environment there.
    """
    env = {**environ, "RUST_BACKTRACE": "1" if spec.backtrace else "0"}
    if spec.dependencies.embeds:
        folders = [os.path.dirname(interpreter.for_build)]
        if os.name == "nt":
            folders.append(sys.base_prefix)  # python3xx.dll lies there
            paths = [env.get("PYTHONPATH", ""), sysconfig.get_path("purelib")]
            env["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
        env["PATH"] = os.pathsep.join([*folders, env.get("PATH", "")])
        # An embedded Python is never ended in order: what its buffer holds would be lost.
        env["PYTHONUNBUFFERED"] = "1"
        if spec.given.get("build.rs"):  # ours, which sets an rpath, is not there
            env |= library_path(environ)
    return {**env, **dict(spec.env)}


def library_path(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variable by which a program without an rpath finds libpython."""
    name = {"win32": "PATH", "darwin": "DYLD_FALLBACK_LIBRARY_PATH"}.get(
        sys.platform, "LD_LIBRARY_PATH"
    )
    folder = str(sysconfig.get_config_var("LIBDIR") or sys.base_prefix)
    return {name: os.pathsep.join(filter(None, [folder, environ.get(name, "")]))}
