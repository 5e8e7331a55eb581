"""What all tests share: one cache with finished bases, and real kernels."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(Path(__file__).parent))

# One cache for all test runs of this clone: its bases cost seconds to build, and a second
# run of the tests shall start at once. Tests of the cache itself make their own.
os.environ["RUSTCELL_CACHE_DIR"] = str(ROOT / ".cache" / "tests")
# More bases than a learner has: none of them shall be pruned in the middle of a run.
os.environ.setdefault("RUSTCELL_CACHE_LIMIT", "12000")
os.environ["RUSTCELL_PROGRESS"] = "off"
os.environ.pop("RUST_BACKTRACE", None)

from kernels import Kernel, kernel  # noqa: E402


@pytest.fixture(scope="module")
def live() -> Iterator[Kernel]:
    """A kernel with the extension loaded, one for each test file."""
    with kernel() as running:
        yield running


@pytest.fixture
def fresh() -> Iterator[Kernel]:
    """A kernel of this test's own."""
    with kernel() as running:
        yield running


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder of this test's own (a base in it takes about 12 s to build)."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("RUSTCELL_CACHE_DIR", str(folder))
    return folder
