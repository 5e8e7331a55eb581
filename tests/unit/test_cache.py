"""The cache folder: who may use it, who holds what, and what goes first."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
import time

import pytest

from rustcell.building import cache
from rustcell.building.cache import (
    DEFAULT_LIMIT,
    cache_root,
    exclusive,
    explained,
    is_locked,
    link_tree,
    prune,
    rename_new,
    scratch,
    size_limit,
    take_slot,
    tree_size,
    try_lock,
)
from rustcell.errors import CacheError
from rustcell.teaching import kept

posix = pytest.mark.skipif(os.name == "nt", reason="owners and modes are POSIX's")
as_root = pytest.mark.skipif(
    getattr(os, "getuid", lambda: 1)() != 0, reason="only root can give a folder away"
)


def file(path, size=10, age=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    if age:
        os.utime(path.parent, (time.time() - age, time.time() - age))
    return path


def test_the_folder_is_made_for_its_owner_alone(own_cache):
    root = cache_root()
    assert root.parent == own_cache
    assert list(root.iterdir()) == []
    if os.name == "posix":
        assert root.stat().st_mode & 0o777 == 0o700


@posix
def test_a_folder_that_others_can_write_is_refused(own_cache):
    cache_root().chmod(0o770)
    with pytest.raises(CacheError, match="can be written by other users") as caught:
        cache_root()
    assert "chmod 700" in caught.value.mend
    cache_root_path = own_cache / "v1"
    cache_root_path.chmod(0o700)
    assert cache_root() == cache_root_path


@posix
@as_root
def test_a_folder_of_another_user_is_refused(own_cache):
    os.chown(cache_root(), 65534, 65534)
    with pytest.raises(CacheError, match="belongs to another user") as caught:
        cache_root()
    assert "RUSTCELL_CACHE_DIR" in caught.value.mend


def test_a_file_in_the_place_of_the_folder(own_cache):
    own_cache.write_text("")
    with pytest.raises(CacheError, match="cannot be written") as caught:
        cache_root()
    assert "RUSTCELL_CACHE_DIR" in caught.value.mend


@pytest.mark.parametrize(
    ("number", "said"), [(errno.ENOSPC, "is full"), (errno.EROFS, "cannot be used")]
)
def test_what_the_system_says_is_explained(number, said):
    with pytest.raises(CacheError, match=said) as caught, explained():
        raise OSError(number, os.strerror(number))
    assert "RUSTCELL_CACHE_DIR" in caught.value.mend


@pytest.mark.parametrize(
    ("text", "size"), [("", DEFAULT_LIMIT), ("500", 500_000_000), ("much", DEFAULT_LIMIT)]
)
def test_the_limit(monkeypatch, text, size):
    monkeypatch.setenv("RUSTCELL_CACHE_LIMIT", text)
    assert size_limit() == size


def test_a_lock_is_held_by_one(tmp_path):
    held = try_lock(tmp_path / "lock")
    assert held is not None
    assert is_locked(tmp_path / "lock")
    held.release()
    assert not is_locked(tmp_path / "lock")
    assert not is_locked(tmp_path / "none")


def test_a_lock_ends_with_its_process(tmp_path):
    code = """
import sys, time
from pathlib import Path
from rustcell.building.cache import try_lock
lock = try_lock(Path(sys.argv[1]))
print(lock is not None, flush=True)
time.sleep(60)
"""
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as other:
        assert other.stdout.readline() == "True\n"
        assert try_lock(path) is None
        assert is_locked(path)
        other.kill()
    held = try_lock(path)
    assert held is not None
    held.release()


def test_exclusive_waits(tmp_path):
    order = []

    def other():
        with exclusive(tmp_path / "a" / "lock"):
            order.append("other")

    with exclusive(tmp_path / "a" / "lock"):
        thread = threading.Thread(target=other)
        thread.start()
        time.sleep(0.2)
        order.append("first")
    thread.join()
    assert order == ["first", "other"]


def test_scratch_is_gone_even_after_an_error(tmp_path):
    def fail():
        with scratch(tmp_path) as folder:
            file(folder / "x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_scratch_can_be_moved_to_its_place(tmp_path):
    with scratch(tmp_path) as folder:
        file(folder / "x")
        rename_new(folder, tmp_path / "done")
    assert [p.name for p in tmp_path.iterdir()] == ["done"]


def test_who_comes_second_leaves_the_first_one_s(tmp_path):
    file(tmp_path / "done" / "theirs")
    file(tmp_path / "mine" / "ours")
    rename_new(tmp_path / "mine", tmp_path / "done")
    assert (tmp_path / "done" / "theirs").exists()


def test_rename_to_an_impossible_place_is_an_error(tmp_path):
    file(tmp_path / "mine" / "x")
    with pytest.raises(OSError):
        rename_new(tmp_path / "mine", tmp_path / "none" / "done")


def test_libraries_are_linked_and_cargo_s_notes_are_not(tmp_path):
    library = file(tmp_path / "base" / "debug" / "deps" / "a.rlib")
    note = file(tmp_path / "base" / "debug" / ".fingerprint" / "a" / "lib-a")
    link_tree(tmp_path / "base", tmp_path / "slot")
    slot = tmp_path / "slot" / "debug"
    assert os.path.samefile(library, slot / "deps" / "a.rlib")
    (slot / ".fingerprint" / "a" / "lib-a").write_text("rewritten in place")
    assert note.read_bytes() == b"x" * 10


def test_where_links_are_impossible_files_are_copied(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    source = file(tmp_path / "base" / "deps" / "a.rlib")
    link_tree(tmp_path / "base", tmp_path / "slot")
    copy = tmp_path / "slot" / "deps" / "a.rlib"
    assert copy.read_bytes() == source.read_bytes()
    assert copy.stat().st_mtime_ns == source.stat().st_mtime_ns
    assert not os.path.samefile(source, copy)


def test_two_kernels_have_two_slots_and_a_free_one_is_taken_again(tmp_path):
    base = tmp_path / "bases" / "b"
    file(base / "target" / "debug" / "a.rlib")
    one, two = take_slot(tmp_path, base), take_slot(tmp_path, base)
    assert one.folder != two.folder
    assert (two.target / "debug" / "a.rlib").exists()
    file(one.target / "mine")
    one.lock.release()
    again = take_slot(tmp_path, base)
    assert again.folder == one.folder
    assert (again.target / "mine").exists()


def test_a_slot_that_was_left_half_filled_is_filled_anew(tmp_path):
    base = tmp_path / "bases" / "b"
    file(base / "target" / "debug" / "a.rlib")
    slot = take_slot(tmp_path, base)
    (slot.folder / "seeded").unlink()
    file(slot.target / "debug" / "half")
    slot.lock.release()
    again = take_slot(tmp_path, base)
    assert [p.name for p in (again.target / "debug").iterdir()] == ["a.rlib"]


def test_linked_files_count_once(tmp_path):
    source = file(tmp_path / "a", 1000)
    os.link(source, tmp_path / "b")
    file(tmp_path / "c", 10)
    assert tree_size(tmp_path) == 1010


def test_nothing_goes_below_the_limit(tmp_path):
    file(tmp_path / "builds" / "k" / "x", 100)
    assert prune(tmp_path, 1000) == 0


def test_the_least_recently_used_go_first(tmp_path):
    for name, age in (("old", 3000), ("older", 9000), ("new", 1)):
        file(tmp_path / "builds" / name / "x", 1000, age)
    assert prune(tmp_path, 1500) == 2000
    assert [p.name for p in (tmp_path / "builds").iterdir()] == ["new"]


def test_what_a_kernel_holds_stays(tmp_path):
    base = tmp_path / "bases" / "b"
    file(base / "target" / "x", 1000, 9000)
    slot = take_slot(tmp_path, base)
    file(tmp_path / "bases" / "free" / "x", 1000, 9000)
    prune(tmp_path, 0)
    assert base.exists()
    assert (slot.target / "x").exists()
    assert not (tmp_path / "bases" / "free").exists()


def test_the_builds_of_a_living_kernel_stay(tmp_path):
    file(tmp_path / "builds" / "mine" / "x", 1000)
    file(tmp_path / "builds" / "other" / "x", 1000)
    lock = try_lock(tmp_path / "kernels" / "1" / "lock")
    (tmp_path / "kernels" / "1" / "builds").write_text("mine")
    prune(tmp_path, 0)
    assert [p.name for p in (tmp_path / "builds").iterdir()] == ["mine"]
    lock.release()
    prune(tmp_path, 0)
    assert list((tmp_path / "builds").iterdir()) == []


def test_a_lesson_s_folder_stays_while_it_is_used_and_goes_with_the_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("RUSTCELL_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(kept, "_held", [])
    folder = kept.kept_folder("by_hand")
    file(folder / "target" / "x", 1000)
    assert kept.kept_folder("by_hand") == folder, "a second call finds the same folder"

    prune(cache.cache_root(), 0)
    assert (folder / "target" / "x").exists()
    for lock in kept._held:
        lock.release()
    prune(cache.cache_root(), 0)
    assert not folder.exists()


def test_removing_what_is_gone_is_no_error(tmp_path):
    cache.remove_entry(tmp_path / "none")
