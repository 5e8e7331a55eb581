"""Environments and warm caches for the tests with real kernels."""

from __future__ import annotations

import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from environments import MARK, Environment, empty, environment, link_base


@pytest.fixture(scope="session", autouse=True)
def _crates_are_here() -> None:
    """Download PyO3 and build its base once: many tests then call cargo with --offline."""
    subprocess.run([sys.executable, "-m", "rustcell", "warm"], check=True)


@pytest.fixture
def one() -> Environment:
    """A virtual environment in which nothing of rustcell's is installed."""
    return empty(environment("one"))


@pytest.fixture
def warm_cache(one: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of this test's own with the finished base of `one`; returns its root."""
    monkeypatch.setenv("RUSTCELL_CACHE_DIR", str(tmp_path / "cache"))
    return link_base(one, tmp_path / "cache")


@pytest.fixture
def mark(monkeypatch: pytest.MonkeyPatch) -> str:
    """A mark that every process started from now on carries among its variables."""
    text = uuid.uuid4().hex
    monkeypatch.setenv(MARK, text)
    return text
