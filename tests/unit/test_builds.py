"""Finished builds: found again, passed over when damaged, never in each other's way."""

from __future__ import annotations

import json
import os

import pytest

from rustcell.building import builds
from rustcell.building.builds import MANIFEST, Build, Outside, file_hash
from rustcell.messages.diagnostics import Diagnostic

KEY = "0" * 32
WARNING = Diagnostic("warning", "dead_code", "never used", (), (), "warning: never used")


def make(root, *, key=KEY, name="geo", content=b"library", outside=None, forced=False, sealed=True):
    """Make a finished build as the pipeline does."""
    outside = outside or Outside()
    fresh = root / "builds" / ".new"
    (fresh / name).mkdir(parents=True)
    (fresh / name / "__init__.py").write_text("")
    (fresh / name / f"{name}.so").write_bytes(content)
    files = {f"{name}/{p.name}": file_hash(p) for p in (fresh / name).iterdir()}
    folder = builds.place(root, key, fresh, outside, forced=forced)
    build = Build(
        folder, name, key, {"name": name, "kind": "extension"}, files, (WARNING,), outside
    )
    return build.seal() if sealed else build


def found(root, key=KEY, environ=None):
    return builds.find(root, key, environ or {})


def test_a_build_comes_back_as_it_was(tmp_path):
    made = make(tmp_path)
    again = found(tmp_path)
    assert again == made
    assert again.diagnostics == (WARNING,)
    assert again.native().read_bytes() == b"library"
    assert again.created > 0


def test_none_of_another_key(tmp_path):
    make(tmp_path)
    assert found(tmp_path, "1" * 32) is None


def test_an_unsealed_build_is_none(tmp_path):
    make(tmp_path, sealed=False)
    assert found(tmp_path) is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda build: build.native().write_bytes(b"lib"),
        lambda build: build.native().write_bytes(b"librarY"),
        lambda build: build.native().unlink(),
        lambda build: (build.package / "__init__.py").write_text("import evil"),
        lambda build: (build.folder / MANIFEST).write_text(""),
        lambda build: (build.folder / MANIFEST).write_text("[]"),
        lambda build: (build.folder / MANIFEST).write_text("null"),
        lambda build: (build.folder / MANIFEST).write_bytes(b"\xff\xfe"),
        lambda build: (build.folder / MANIFEST).unlink(),
        lambda build: rewrite(build, files={}),
        lambda build: rewrite(build, files=None),
        lambda build: rewrite(build, diagnostics=[1]),
        lambda build: rewrite(build, outside=[]),
        lambda build: rewrite(build, surprise=1),
    ],
)
def test_a_damaged_build_is_passed_over_and_made_again(tmp_path, damage):
    damage(make(tmp_path))
    assert found(tmp_path) is None
    assert builds.latest_words(tmp_path, "geo", "extension") in (
        None,
        {"name": "geo", "kind": "extension"},
    )
    assert make(tmp_path).folder.name.startswith(KEY + "~")
    assert found(tmp_path).intact()


def rewrite(build, **changes):
    path = build.folder / MANIFEST
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_build_that_read_a_file_is_true_while_the_file_is_the_same(tmp_path):
    data = tmp_path / "data.txt"
    data.write_text("one")
    make(tmp_path, outside=Outside(files={str(data): file_hash(data)}))
    assert found(tmp_path)
    data.write_text("two")
    assert found(tmp_path) is None
    data.unlink()
    assert found(tmp_path) is None


def test_a_build_that_read_a_variable(tmp_path):
    make(tmp_path, outside=Outside(variables={"LANG": "de", "ABSENT": None}))
    assert found(tmp_path, environ={"LANG": "de"})
    assert found(tmp_path, environ={"LANG": "en"}) is None
    assert found(tmp_path, environ={"LANG": "de", "ABSENT": "1"}) is None


def test_a_forced_build_has_a_folder_of_its_own_and_is_the_newest(tmp_path):
    first = make(tmp_path)
    os.utime(first.folder, (1, 1))
    forced = make(tmp_path, content=b"again", forced=True)
    assert forced.folder != first.folder
    assert first.native().read_bytes() == b"library"


def test_the_latest_words_of_a_name(tmp_path):
    assert builds.latest_words(tmp_path, "geo", "extension") is None
    make(tmp_path)
    make(tmp_path, key="1" * 32, name="other")
    assert builds.latest_words(tmp_path, "geo", "extension") == {"name": "geo", "kind": "extension"}


def test_a_failure_that_was_expected_is_a_build_without_files(tmp_path):
    fresh = tmp_path / "builds" / ".new"
    fresh.mkdir(parents=True)
    folder = builds.place(tmp_path, KEY, fresh, Outside(), forced=False)
    Build(folder, "geo", KEY, {}, {}, (WARNING,), Outside(), failed=True).seal()
    assert found(tmp_path).failed


def test_the_hash_of_what_cannot_be_read_is_empty(tmp_path):
    assert file_hash(tmp_path / "none") == ""
    assert file_hash(tmp_path) == ""
