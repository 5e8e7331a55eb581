"""Compares notebooks with their stored outputs: nbval, with the flags that make it strict."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from rustcell.course.notebook import code_cells, read
from rustcell.course.receipts import never_built, read_receipts, receipts_of

# pytest's own exit codes (pytest.ExitCode); 5 is "nothing collected".
_PASSED, _FAILED = 0, 1


def check_notebooks(
    paths: Sequence[Path],
    workers: int,
    cell_timeout: int,
    environment: Mapping[str, str],
    *,
    cold: bool = False,
) -> int:
    """Run notebooks under nbval and return 0 if all is as stored, 1 if not, 2 if it can't run.

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
    cold:
        Begin with an empty cache, and demand that every build is made in this run.

    Raises
    ------
    CourseError
        If a file is no notebook.
    """
    for path in paths:
        read(path)
    root = Path(os.path.commonpath([path.parent for path in paths]))
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rustcell-check-")))
        receipts = folder / "receipts"
        receipts.mkdir()
        settings = folder / "pytest.ini"
        settings.write_text("[pytest]\n", encoding="utf-8")
        cache = {"RUSTCELL_CACHE_DIR": str(folder / "cache")} if cold else {}
        command = _command(paths, min(workers, len(paths)), cell_timeout, root, settings)
        status = subprocess.run(
            [*command, f"--receipts={receipts}"],
            cwd=root,
            env={**os.environ, **environment, **cache},
            check=False,
        ).returncode
        not_built = _not_built(paths, receipts) if cold else []
    for told in not_built:
        print(f"{told}: its build came out of a cache that was empty when the check began")
    if status == _PASSED and not_built:
        return _FAILED
    return status if status in (_PASSED, _FAILED) else 2


def _command(
    paths: Sequence[Path], workers: int, cell_timeout: int, root: Path, settings: Path
) -> list[str]:
    parallel = ["-n", str(workers), "--dist", "loadscope"] if workers > 1 else ["-n", "0"]
    return [
        *(sys.executable, "-m", "pytest", "--nbval"),
        # The kernel's watch, the receipts, and the strictness that nbval lacks.
        *("-p", "rustcell.course.nbval_kernel"),
        f"--nbval-cell-timeout={cell_timeout}",
        *parallel,
        # The same verdict wherever the notebooks lie: no settings, plugins of a conftest or
        # cache of the project around them.
        *("-c", str(settings), f"--rootdir={root}", "--noconftest"),
        *("-p", "no:cacheprovider", "-q", "--no-header"),
        *(str(path) for path in paths),
    ]


def _not_built(paths: Sequence[Path], folder: Path) -> list[str]:
    """Return the Rust cells whose build nobody made in this run, as `chapter, cell N`."""
    receipts = [receipt for path in folder.iterdir() for receipt in read_receipts(path)]
    keys = never_built(receipts)
    suspicious = [receipt for receipt in receipts if receipt.key in keys]
    return [
        f"{path.stem}, cell {number}"
        for path in paths
        for number, cell in enumerate(code_cells(read(path)), start=1)
        if receipts_of(cell.source, suspicious)
    ]
