"""The cache folder: where bases, slots, builds and locks live, and who may use them.

tools.json            versions of the tools, by path, inode and time
support/<hash>/       our support crate, copied out of the package
locks/<hash>/         one resolved Cargo.lock a dependency set
bases/<hash>/         finished dependencies, built once, then never touched
slots/<base>/<n>/     target folder and crates of ONE kernel (locked for its life)
builds/<key>/         finished modules, importable as they are
kernels/<id>/         output files and the list of builds of one kernel (locked)
environments/         one lock an environment, held while something is installed
passed/               which chapters passed `rustcell run`, and as what
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_cache_path

from rustcell.errors import CacheError

LAYOUT = "1"
"""Version of the folder layout and of the manifests: a new one starts afresh."""

DEFAULT_LIMIT = 3_000_000_000
"""Bytes beyond which the least recently used entries go."""

_MOVE = "Set RUSTCELL_CACHE_DIR to a folder of your own on a local disk, then restart the kernel."

FREE_SPACE = (
    "Free some space on the disk (`rustcell clean --cache` empties the cache), or set "
    "RUSTCELL_CACHE_DIR to a folder on another disk and restart the kernel."
)
"""The mend of a full disk."""


def cache_root() -> Path:
    """Return the cache folder, created and checked.

    `RUSTCELL_CACHE_DIR` moves it.

    Raises
    ------
    CacheError
        If it cannot be written, or belongs to or is writable by somebody else: code is
        loaded from it, so a shared folder would let others run code as you.
    """
    chosen = os.environ.get("RUSTCELL_CACHE_DIR")
    base = Path(chosen) if chosen else user_cache_path("rustcell", appauthor=False)
    root = base.absolute() / f"v{LAYOUT}"
    try:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        _refuse_shared(root)
        probe = root / f".probe-{uuid.uuid4().hex}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise CacheError(
            f"the cache folder {root} cannot be written: {error.strerror}", _MOVE
        ) from error
    return root


def _refuse_shared(root: Path) -> None:
    if os.name != "posix":
        return
    found = root.stat()
    if found.st_uid != os.getuid():
        raise CacheError(f"the cache folder {root} belongs to another user", _MOVE)
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise CacheError(
            f"the cache folder {root} can be written by other users",
            f'Run in a terminal: chmod 700 "{root}"\n{_MOVE}',
        )


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Turn what the system says of the cache's files into a `CacheError` with a mend.

    Raises
    ------
    CacheError
        In place of any `OSError`: a full disk, a read-only or vanished folder.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise CacheError("the disk of the cache folder is full", FREE_SPACE) from error
        raise CacheError(f"the cache cannot be used: {error}", _MOVE) from error


def size_limit() -> int:
    """Return the cache's limit in bytes; `RUSTCELL_CACHE_LIMIT` (in MB) changes it."""
    chosen = os.environ.get("RUSTCELL_CACHE_LIMIT", "")
    return int(chosen) * 1_000_000 if chosen.isdigit() else DEFAULT_LIMIT


@dataclass
class Slot:
    """One kernel's own place to build on one base."""

    folder: Path
    lock: FileLock

    @property
    def target(self) -> Path:
        return self.folder / "target"

    def crate(self, name: str) -> Path:
        return self.folder / "crates" / name


def try_lock(path: Path) -> FileLock | None:
    """Return the held lock on `path`, or None when somebody else holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return None
    return lock


def is_locked(path: Path) -> bool:
    """Tell whether a live process holds the lock file at `path`."""
    if not path.exists():
        return False
    lock = try_lock(path)
    if lock is None:
        return True
    lock.release()
    return False


def take_slot(root: Path, base: Path) -> Slot:
    """Return the first slot of `base` that no living kernel holds, filled from the base."""
    for number in range(10_000):
        folder = root / "slots" / base.name / str(number)
        lock = try_lock(folder / "lock")
        if lock is None:
            continue
        slot = Slot(folder, lock)
        if not (folder / "seeded").exists():
            shutil.rmtree(slot.target, ignore_errors=True)
            link_tree(base / "target", slot.target)
            (folder / "seeded").touch()
        os.utime(base)
        os.utime(folder)
        return slot
    raise CacheError(
        "ten thousand kernels build at once", "Shut some kernels down, or run `rustcell clean`."
    )


def link_tree(source: Path, target: Path) -> None:
    """Make `target`, a cargo target folder, the same tree as `source`.

    Libraries (in `deps`) are hard links where links are possible: compilers replace them.
    All the rest is copied: cargo and build scripts rewrite their notes in place, and what
    one kernel's build writes must not reach the base or another kernel.
    """
    for folder, _, files in os.walk(source):
        inside = Path(folder).relative_to(source)
        here = target / inside
        here.mkdir(parents=True, exist_ok=True)
        for name in files:
            if "deps" in inside.parts:
                with contextlib.suppress(OSError):
                    os.link(os.path.join(folder, name), here / name)
                    continue
            shutil.copy2(os.path.join(folder, name), here / name)


@contextlib.contextmanager
def exclusive(path: Path, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold the lock at `path`, waiting as long as it takes (an interrupt ends the wait).

    `waiting` is called a few times a second while somebody else holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    while True:
        try:
            lock.acquire(timeout=0.2)
            break
        except Timeout:
            waiting()
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def scratch(parent: Path) -> Iterator[Path]:
    """Yield a new folder in `parent`, removed in the end unless it was moved away."""
    folder = parent / f".new-{uuid.uuid4().hex[:12]}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def tree_size(folder: Path) -> int:
    """Return the bytes on disk below `folder`.

    A file that several folders share by hard links counts for each with its part, so that
    the sizes of all folders add up.
    """
    total = 0.0
    for parent, _, files in os.walk(folder):
        for name in files:
            with contextlib.suppress(OSError):
                found = os.lstat(os.path.join(parent, name))
                total += found.st_size / max(found.st_nlink, 1)
    return int(total)


def sweep(root: Path, age_s: float = 24 * 3600) -> None:
    """Remove what killed processes left half done: scratch folders older than `age_s`."""
    for pattern in ("*/.new-*", "*/.old-*", "slots/*/.old-*"):
        for folder in root.glob(pattern):
            with contextlib.suppress(OSError):
                if time.time() - folder.stat().st_mtime > age_s:
                    shutil.rmtree(folder, ignore_errors=True)


def prune(root: Path, limit: int) -> int:
    """Remove the least recently used entries until the cache fits into `limit` bytes.

    What a living process holds is never touched.

    Returns
    -------
    int
        Bytes freed.
    """
    total = tree_size(root)
    if total <= limit:
        return 0
    used = _builds_in_use(root)
    entries = [p for p in (root / "builds").glob("*") if p.name not in used]
    own = [*(root / "slots").glob("*/*"), *(root / "lessons").glob("*")]
    entries += [p for p in own if not is_locked(p / "lock")]
    entries += [p for p in (root / "bases").glob("*") if not _base_in_use(root, p)]
    entries.sort(key=lambda p: p.stat().st_mtime)
    freed = 0
    for entry in entries:
        if total - freed <= limit:
            break
        size = tree_size(entry)
        remove_entry(entry)
        freed += size
    return freed


def remove_entry(entry: Path) -> None:
    """Remove a cache entry in one step for others: first out of the way, then away."""
    gone = entry.with_name(f".old-{uuid.uuid4().hex[:12]}")
    with contextlib.suppress(OSError):
        entry.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)


def _builds_in_use(root: Path) -> set[str]:
    used: set[str] = set()
    for note in (root / "kernels").glob("*/builds"):
        if is_locked(note.with_name("lock")):
            used.update(note.read_text(encoding="utf-8").split("\n"))
    return used


def _base_in_use(root: Path, base: Path) -> bool:
    return is_locked(base.with_name(base.name + ".lock")) or any(
        is_locked(slot / "lock") for slot in (root / "slots" / base.name).glob("*")
    )


def rename_new(fresh: Path, folder: Path) -> None:
    """Move a finished folder to its place; if somebody was quicker, theirs stays."""
    try:
        fresh.rename(folder)
    except OSError:
        if not folder.exists():
            raise
