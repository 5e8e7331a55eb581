"""Runs `rustcell …` as a user does, and reads the results of a run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path


def rustcell(*arguments: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in `cwd`, without a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "rustcell", *arguments],
        cwd=cwd,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=240,
        check=False,
    )


def rows(done: subprocess.CompletedProcess[str]) -> dict[str, dict]:
    """Return what `rustcell run --json` printed, by chapter."""
    assert done.stdout, done.stderr
    return {row["chapter"]: row for row in json.loads(done.stdout)}
