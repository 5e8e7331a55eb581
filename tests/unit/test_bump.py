"""`rustcell dev bump`: one version of PyO3 in three places, changed together or not at all."""

from __future__ import annotations

import tomllib

import pytest

from rustcell.cli.bump import PACKAGE, BumpError, _manifest, bump
from rustcell.crates.manifest import PYO3

MANIFEST = (PACKAGE / "lock" / "Cargo.toml").read_text(encoding="utf-8")


def test_constant_manifest_and_lock_name_one_version():
    wanted = tomllib.loads(MANIFEST)["dependencies"]
    assert wanted["pyo3"]["version"] == f"={PYO3}"
    lock = tomllib.loads((PACKAGE / "lock" / "Cargo.lock").read_text(encoding="utf-8"))
    assert [p["version"] for p in lock["package"] if p["name"] == "pyo3"] == [PYO3]


def test_the_crates_that_follow_pyo3_follow_it_and_comments_stay():
    text = _manifest(MANIFEST, "0.99.3")
    wanted = tomllib.loads(text)["dependencies"]
    before = tomllib.loads(MANIFEST)["dependencies"]
    assert wanted["pyo3"] == before["pyo3"] | {"version": "=0.99.3"}
    assert wanted["pyo3-build-config"] == "=0.99.3"
    assert wanted["numpy"] == "0.99"
    assert wanted["pyo3-async-runtimes"]["version"] == "0.99"
    changed = {"pyo3", "pyo3-build-config", "numpy", "pyo3-async-runtimes"}
    assert all(wanted[name] == before[name] for name in before if name not in changed)
    assert text.splitlines()[:2] == MANIFEST.splitlines()[:2]
    assert _manifest(text, PYO3) == MANIFEST


@pytest.mark.parametrize("version", ["0.30", "latest", "=0.30.1", "0.30.1; rm"])
def test_what_is_no_version_is_refused(version):
    with pytest.raises(BumpError, match="no version"):
        list(bump(version))


def test_an_installed_package_is_refused(tmp_path):
    with pytest.raises(BumpError, match="no checkout"):
        list(bump("0.30.0", tmp_path / "site-packages" / "rustcell"))
