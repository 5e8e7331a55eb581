"""What it means when a tool fails for a reason that is not in the cell, and what mends it."""

from __future__ import annotations

import re

from rustcell.building.cache import FREE_SPACE
from rustcell.errors import (
    BuildError,
    CacheError,
    CratesGoneError,
    RustcellError,
    ToolchainError,
    plain_text,
)
from rustcell.tools.process import Finished

_NO_LINKER = re.compile(r"linker [`'\"]?([^`'\"\s]+)[`'\"]? not found")
_FULL_DISK = "No space left on device", "os error 28", "not enough space on the disk"
_OFFLINE = "you're using offline mode", "but --offline was specified"
_KILLED = re.compile(r"\(signal: 9, SIGKILL")


def failure_of_a_tool(done: Finished, said: str) -> RustcellError | None:
    """Return the error to raise when a linker, the disk or memory was missing.

    Parameters
    ----------
    done:
        The failed run of cargo.
    said:
        What the compiler said beside cargo's own log.

    Returns
    -------
    RustcellError | None
        None when the failure lies in the code.
    """
    text = plain_text(f"{said}\n{done.log}")
    missing = _NO_LINKER.search(text)
    if missing:
        return ToolchainError(
            f"no linker: {missing[1]!r} was not found",
            "Install a C compiler (Debian: apt install gcc; conda: c-compiler; macOS: "
            "xcode-select --install; Windows: the C++ build tools), then run the cell again.",
        )
    if any(words in text for words in _FULL_DISK):
        return CacheError("the disk is full", FREE_SPACE, details=text[-2000:])
    if any(words in text for words in _OFFLINE):
        return CratesGoneError(
            "crates that were downloaded before are no longer on this machine",
            "Connect to the network and run the cell again.",
            details=text.strip()[-2000:],
        )
    if done.status < 0 or _KILLED.search(text):
        return BuildError(
            "the build was killed from outside before it was done",
            "Run the cell again. If that happens often, memory is short: shut other kernels "
            "down, or build with fewer jobs: --env CARGO_BUILD_JOBS=1",
            details=text.strip()[-2000:],
        )
    return None
