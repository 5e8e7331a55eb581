"""The kernel that runs a chapter: this interpreter's own, with its last words kept."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import KernelManager

KERNEL_NAME = "python3"
# The interpreter writes here what it says before a kernel captures output, and when it crashes.
_LOG = "kernel.log"
# macOS takes 103 bytes; the manager adds a number.
_LONGEST_SOCKET = 99
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
# ipykernel 7 tells each kernel's owner, over several lines, that local TCP is not encrypted.
_NOISE = re.compile(
    r"\[IPKernelApp\] WARNING \| .*encrypt.*|.*CurveZMQ.*|.*TCP without encryption.*"
)


class OwnInterpreter(KernelSpecManager):  # type: ignore[misc, unused-ignore]
    """Answers every kernel name with the interpreter that is running now.

    `python3` in a notebook is a name that any environment, or a folder of the user's, may have
    registered for another interpreter. rustcell must run what it was started with: there are the
    packages that were checked, and there the modules are installed.
    """

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        del kernel_name
        return KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            display_name="Python 3",
            language="python",
        )


def private_sockets(words: Path) -> dict[str, str]:
    """Return the traits of a `KernelManager` whose kernel listens in the folder `words` only.

    A TCP port is chosen by the manager and taken by the kernel a moment later; of many kernels that
    start at once, one may find its port gone and die (papermill#511). Files have no such gap. Where
    they cannot be used (Windows; a path too long for a socket's name), TCP stays.

    Parameters
    ----------
    words:
        The folder of `launch_options`.
    """
    prefix = words / "kernel"
    if os.name == "nt" or len(os.fsencode(prefix)) > _LONGEST_SOCKET:
        return {}
    return {"transport": "ipc", "ip": str(prefix)}


def launch_options(words: Path, extra: Mapping[str, str], cwd: Path) -> dict[str, Any]:
    """Return the options for `KernelManager.start_kernel`.

    Parameters
    ----------
    words:
        An existing folder for what the kernel says outside its cells; read it by `last_words`.
    extra:
        Variables to add to the kernel's environment.
    cwd:
        The folder to work in: the notebook's own, as in JupyterLab.
    """
    environ = {**os.environ, **extra}
    environ["RUSTCELL_PROGRESS"] = "off"
    environ["RUSTCELL_LAST_WORDS"] = str(words)
    # What a student has solved must not show in a chapter's outputs.
    environ["RUSTCELL_PROGRESS_FILE"] = str(words / "progress.json")
    # A kernel that inherits it behaves as if pytest ran inside: ipykernel then stops capturing.
    environ.pop("PYTEST_CURRENT_TEST", None)
    log = (words / _LOG).open("ab", buffering=0)
    return {"env": environ, "cwd": str(cwd), "stdout": log, "stderr": log}


def start(
    manager: KernelManager, options: Mapping[str, Any], timeout: float = 60
) -> BlockingKernelClient:
    """Start the manager's kernel and return a client that it has answered.

    Parameters
    ----------
    options:
        Of `launch_options`; their log is closed here.
    timeout:
        In seconds.

    Raises
    ------
    RuntimeError
        If the kernel dies or does not answer in time. It is ended then.
    """
    with options["stdout"]:
        manager.start_kernel(**options)
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=timeout)
    except BaseException:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        raise
    return client


def last_words(words: Path, lines: int = 12) -> str:
    """Return the end of what a dead kernel wrote, without colours; "" if it said nothing."""
    kept: list[str] = []
    for name in ("stdout", "stderr", _LOG):
        try:
            data = (words / name).read_bytes()[-8000:]
        except OSError:
            continue
        # Holes are left where text that was already shown has been cut away.
        text = _ANSI.sub("", data.replace(b"\0", b"").decode("utf-8", "replace"))
        said = [line.rstrip() for line in text.splitlines() if line.strip()]
        kept += [line for line in said if not _NOISE.fullmatch(line)][-lines:]
    return "\n".join(kept)
