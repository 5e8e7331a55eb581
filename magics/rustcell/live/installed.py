"""What rustcell has installed in this environment: who owns it, and its removal."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from filelock import FileLock

OWNER_FILE = "rustcell.json"


def environment_lock(root: Path, prefix: str) -> Path:
    """Return the path of the lock that serialises changes of one environment."""
    return root / "environments" / f"{hashlib.sha256(prefix.encode()).hexdigest()[:16]}.lock"


def sign(name: str, owner: str, key: str) -> None:
    """Record in the installed distribution who installed it, and list the file in RECORD."""
    site = Path(sysconfig.get_path("platlib"))
    # The folder's name is a normalised one: rustcell-_core is in rustcell_core-0.1.0.dist-info.
    normalised = re.sub(r"[-_.]+", "_", f"rustcell_{name}")
    for folder in site.glob(f"{normalised}-*.dist-info"):
        text = json.dumps({"owner": owner, "key": key, "time": int(time.time())})
        (folder / OWNER_FILE).write_text(text, encoding="utf-8")
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=")
        line = f"{folder.name}/{OWNER_FILE},sha256={digest.decode()},{len(text)}\n"
        record = folder / "RECORD"
        kept = [
            row
            for row in record.read_text(encoding="utf-8").splitlines(keepends=True)
            if f"/{OWNER_FILE}," not in row
        ]
        record.write_text("".join([*kept, line]), encoding="utf-8")


@dataclass(frozen=True)
class Installed:
    """A distribution that rustcell installed. `owner` names a kernel or a run."""

    name: str
    owner: str
    key: str


def installed() -> Iterator[Installed]:
    """Yield the modules that rustcell installed in this environment."""
    site = Path(sysconfig.get_path("platlib"))
    for distribution in metadata.distributions(path=[str(site)]):
        name = str(distribution.metadata["Name"] or "")
        if not name.startswith("rustcell-"):
            continue
        try:
            signed = json.loads(distribution.read_text(OWNER_FILE) or "{}")
        except ValueError:
            signed = {}
        yield Installed(
            name.removeprefix("rustcell-"), signed.get("owner", ""), signed.get("key", "")
        )


def uninstall(names: list[str], root: Path) -> list[str]:
    """Remove installed modules from this environment; return the names removed.

    Raises
    ------
    subprocess.CalledProcessError
        When neither uv nor pip can remove them.
    """
    if not names:
        return []
    distributions = [f"rustcell-{name}" for name in names]
    uv = [sys.executable, "-m", "uv", "pip", "uninstall", "--python", sys.executable]
    pip = [sys.executable, "-m", "pip", "uninstall", "-y", "-q"]
    path = environment_lock(root, sys.prefix)
    path.parent.mkdir(parents=True, exist_ok=True)
    # A kernel's variables may lead to another Python and to its own builds.
    env = {n: v for n, v in os.environ.items() if n not in ("PYTHONHOME", "PYTHONPATH")}
    with FileLock(path):
        done = subprocess.run([*uv, *distributions], env=env, capture_output=True, check=False)
        if done.returncode != 0:
            subprocess.run([*pip, *distributions], env=env, capture_output=True, check=True)
    return names


def remove_owned(owner: str, root: Path) -> list[str]:
    """Remove the modules that `owner` installed last; return their names."""
    return uninstall([found.name for found in installed() if found.owner == owner], root)
