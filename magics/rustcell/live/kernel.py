"""The kernel's own folder in the cache, and what kernels that died have left in theirs."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from rustcell.building.cache import is_locked, try_lock
from rustcell.errors import CacheError
from rustcell.live.capture import last_words

_NOTEBOOK = "notebook"
_KEPT_S = 7 * 24 * 3600
"""How long the last words of a kernel wait for somebody to ask for them, in seconds."""


@dataclass
class KernelFolder:
    """A folder locked while the process lives: its output files, the builds it has loaded."""

    folder: Path
    lock: FileLock

    def note_builds(self, folders: list[Path]) -> None:
        """Record the builds that this kernel has loaded, so that nobody prunes them."""
        text = "\n".join(folder.name for folder in folders)
        (self.folder / "builds").write_text(text, encoding="utf-8")

    def close(self) -> None:
        """Give the folder up and remove it."""
        self.lock.release()
        shutil.rmtree(self.folder, ignore_errors=True)


def open_folder(root: Path) -> KernelFolder:
    """Make and lock this process's folder."""
    folder = root / "kernels" / f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
    lock = try_lock(folder / "lock")
    if lock is None:  # the name is new: only a file system without locks refuses it
        raise CacheError(
            f"files in {folder} cannot be locked",
            "Set RUSTCELL_CACHE_DIR to a folder on a local disk.",
        )
    (folder / _NOTEBOOK).write_text(_notebook(), encoding="utf-8")
    return KernelFolder(folder, lock)


def lives(root: Path, name: str) -> bool:
    """Tell whether the kernel whose folder has this name is running."""
    folder = root / "kernels" / name
    return folder.is_dir() and is_locked(folder / "lock")


def is_over(root: Path, name: str) -> bool:
    """Tell whether this is the name of a kernel that has ended.

    False for what is no kernel's name: a run that owns its kernels' modules may go on.
    """
    return re.fullmatch(r"\d+-[0-9a-f]{8}", name) is not None and not lives(root, name)


def _notebook() -> str:
    """Return what tells the kernels of one notebook from others: Jupyter's name for it."""
    return os.environ.get("JPY_SESSION_NAME", "")


def words_of_the_dead(root: Path) -> str:
    """Return the last words of this notebook's previous kernel, "" if it ended well.

    The folders of dead kernels are removed on the way; other notebooks' words wait a week.
    """
    found = ""
    for folder in sorted((root / "kernels").glob("*-*")):
        if is_locked(folder / "lock"):
            continue
        words = last_words(folder)
        with contextlib.suppress(OSError):
            same = (folder / _NOTEBOOK).read_text(encoding="utf-8") == _notebook() != ""
            found = words if same and words else found
            if same or not words or time.time() - folder.stat().st_mtime > _KEPT_S:
                shutil.rmtree(folder, ignore_errors=True)
    return found
