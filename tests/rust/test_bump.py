"""`rustcell dev bump` with the real cargo: all three places are changed, or none."""

from __future__ import annotations

import shutil

import pytest

from rustcell.cli.bump import PACKAGE, bump
from rustcell.crates.manifest import PYO3
from rustcell.errors import DependencyError

pytestmark = pytest.mark.rust


@pytest.fixture
def checkout(tmp_path):
    package = tmp_path / "magics" / "rustcell"
    for name in ("lock", "support"):
        shutil.copytree(PACKAGE / name, package / name, ignore=shutil.ignore_patterns("target"))
    (package / "crates").mkdir()
    shutil.copy(PACKAGE / "crates" / "manifest.py", package / "crates")
    (tmp_path / "pyproject.toml").touch()
    return package


def state(package):
    return {path: path.read_bytes() for path in package.rglob("*") if path.is_file()}


def test_bumping_to_the_same_version_changes_nothing(checkout):
    before = state(checkout)
    assert list(bump(PYO3, checkout))[-1] == "Now run the chapters: rustcell run"
    assert state(checkout) == before


def test_a_version_that_cannot_be_had_changes_nothing(checkout):
    before = state(checkout)
    with pytest.raises(DependencyError, match=r"0\.30\.999"):
        list(bump("0.30.999", checkout))
    assert state(checkout) == before
