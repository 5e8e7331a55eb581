"""JupyterLab once for all of these tests, in an installed Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Browser, sync_playwright

from lab import Desk, Lab
from lab import lab as running_lab

_QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


def _chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    found = _chromium()
    if found is None:
        reason = "no Chromium on PATH: the browser tests did NOT run (apt-get install chromium)"
        capture = request.config.pluginmanager.getplugin("capturemanager")
        with capture.global_and_fixture_disabled():
            print(f"\n*** {reason} ***")
        pytest.skip(reason)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=_QUIET.split())
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture(scope="module")
def desk(browser: Browser, lab: Lab) -> Iterator[Desk]:
    """A window for the tests of one file."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = Desk(context.new_page(), lab)
    opened.listen()
    yield opened
    context.close()


@pytest.fixture(scope="session")
def notebook_of() -> Callable[..., NotebookNode]:
    """Make a notebook of code cells."""

    def make(*sources: str) -> NotebookNode:
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        return new_notebook(
            cells=[new_code_cell(source, id=f"cell-{n}") for n, source in enumerate(sources)],
            metadata={"kernelspec": kernel},
        )

    return make
