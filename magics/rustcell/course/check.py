"""Compares chapters with their stored outputs: strict nbval, with the flags that make it strict."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

# pytest's own exit codes (pytest.ExitCode); 5 is "nothing collected".
_PASSED, _FAILED = 0, 1


def check_chapters(
    paths: Sequence[Path], workers: int, cell_timeout: int, environment: Mapping[str, str]
) -> int:
    """Run the chapters under nbval and return 0 if all is as stored, 1 if not, 2 if it can't run.

    Parameters
    ----------
    paths:
        Notebooks, each checked in a kernel of its own.
    workers:
        How many at a time.
    cell_timeout:
        Seconds that one cell may take. A kernel that dies is noticed at once.
    environment:
        Variables added to the kernels' environment.
    """
    root = Path(os.path.commonpath([path.parent for path in paths]))
    with tempfile.TemporaryDirectory(prefix="rustcell-check-") as folder:
        settings = Path(folder) / "pytest.ini"
        settings.write_text("[pytest]\n", encoding="utf-8")
        command = _command(paths, min(workers, len(paths)), cell_timeout, root, settings)
        status = subprocess.run(
            command, cwd=root, env={**os.environ, **environment}, check=False
        ).returncode
    return status if status in (_PASSED, _FAILED) else 2


def _command(
    paths: Sequence[Path], workers: int, cell_timeout: int, root: Path, settings: Path
) -> list[str]:
    parallel = ["-n", str(workers), "--dist", "loadscope"] if workers > 1 else ["-n", "0"]
    return [
        *(sys.executable, "-m", "pytest", "--nbval"),
        # The kernel's watch and the strictness that nbval lacks.
        *("-p", "rustcell.course.nbval_kernel"),
        f"--nbval-cell-timeout={cell_timeout}",
        *parallel,
        # The same verdict wherever the notebooks lie: no settings, plugins of a conftest or
        # cache of the project around them.
        *("-c", str(settings), f"--rootdir={root}", "--noconftest"),
        *("-p", "no:cacheprovider", "-q", "--no-header"),
        *(str(path) for path in paths),
    ]
