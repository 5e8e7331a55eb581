"""Refuses environments into which no module can be installed, before anything is built."""

from __future__ import annotations

import importlib.util
import os
import sysconfig

from rustcell.errors import InstallError, ToolchainError
from rustcell.tools.toolchain import Interpreter, Toolchain

_OWN_VENV = (
    "Make an environment of your own, install rustcell and Jupyter there, and start Jupyter "
    "from it: python -m venv .venv"
)


def refuse_outside_environments(interpreter: Interpreter) -> None:
    """Make sure that this Python is in a virtual or conda environment.

    Raises
    ------
    ToolchainError
        If it is not: maturin installs into such environments only.
    """
    if interpreter.prefix_variable is None:
        raise ToolchainError(
            "this kernel's Python is in no virtual or conda environment, and maturin installs "
            "modules into such environments only",
            f"{_OWN_VENV}\n(This kernel runs {interpreter.executable}.)",
        )


def refuse_unusable_environment(toolchain: Toolchain) -> None:
    """Make sure that modules can be installed into this environment.

    Raises
    ------
    InstallError
        If its folder is read-only, or neither uv nor pip is there.
    """
    site = sysconfig.get_path("platlib")
    if not os.access(site, os.W_OK):
        raise InstallError(
            "this kernel's environment is read-only, so no module can be installed in it",
            f"{_OWN_VENV}\n(Its folder is {site}.)",
        )
    if not toolchain.uv and importlib.util.find_spec("pip") is None:
        raise InstallError(
            "neither uv nor pip is in this kernel's environment, so no module can be installed",
            f'Run in a terminal: "{toolchain.interpreter.executable}" -m ensurepip\n'
            "and, to install faster, then: "
            f'"{toolchain.interpreter.executable}" -m pip install uv',
        )
