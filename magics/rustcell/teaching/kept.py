"""A place for what a lesson builds by hand and should not build again at each run."""

from __future__ import annotations

import os
from pathlib import Path

from filelock import FileLock

from rustcell.building import cache

_held: list[FileLock] = []


def kept_folder(name: str) -> Path:
    """Return a folder of this lesson's in rustcell's cache; what lies in it is there next time.

    It counts for the cache's limit, and `rustcell clean --cache` empties it, but not while a
    kernel uses it.

    Parameters
    ----------
    name:
        A word that no other lesson uses, such as the chapter's slug.

    Raises
    ------
    CacheError
        If the cache folder cannot be used.
    """
    folder = cache.cache_root() / "lessons" / name
    lock = cache.try_lock(folder / "lock")
    if lock is not None:
        _held.append(lock)
    os.utime(folder)
    return folder
