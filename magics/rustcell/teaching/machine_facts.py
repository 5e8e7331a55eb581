"""One line on the machine that a measurement holds for."""

from __future__ import annotations

import functools
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path


@functools.cache
def machine() -> str:
    """Return system, processor, cores, Python, rustc and kind of interpreter, for a plot's foot.

    For example ``Linux x86_64, AMD EPYC 7763 (2 cores), CPython 3.13.0, rustc 1.95.0, GIL``.
    What cannot be found out is left out.
    """
    cores = _cores()
    count = f"{cores} core{'s' * (cores != 1)}"
    name = _processor()
    return ", ".join(
        part
        for part in (
            f"{platform.system()} {platform.machine()}".strip(),
            f"{name} ({count})" if name else count,
            _python(),
            _rustc(),
            _threading(),
        )
        if part
    )


def _cores() -> int:
    """Return how many cores this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _processor() -> str:
    if sys.platform == "linux":
        try:
            lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        # ARM kernels give numbers of maker and part only: then there is no such line.
        named = (row.split(":", 1)[1] for row in lines.splitlines() if row.startswith("model name"))
        return " ".join(next(named, "").split())
    if sys.platform == "darwin":
        return _said("/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string")
    return platform.processor()


def _python() -> str:
    name = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{name} (debug build)" if sysconfig.get_config_var("Py_DEBUG") else name


def _rustc() -> str:
    found = shutil.which("rustc")
    words = _said(found, "--version").split() if found else []
    return " ".join(words[:2])


def _threading() -> str:
    if not sysconfig.get_config_var("Py_GIL_DISABLED"):
        return "GIL"
    enabled = getattr(sys, "_is_gil_enabled", lambda: False)()
    return "free-threaded, GIL on" if enabled else "free-threaded"


def _said(*command: str) -> str:
    """Return a tool's first line, "" when it cannot be asked."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=10, check=True, encoding="utf-8"
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ""
    return next(iter(done.stdout.splitlines()), "")
