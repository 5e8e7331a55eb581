"""A real JupyterLab on this machine, and a notebook in it, used by mouse and keyboard."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from playwright.sync_api import ConsoleMessage, Locator, Page, expect

from rustcell.building.cache import cache_root
from rustcell.live.installed import remove_owned

SCREENSHOTS = Path(
    os.environ.get("RUSTCELL_SCREENSHOTS") or Path(__file__).parent / "browser" / "screenshots"
)
THEMES = ("Light", "Dark", "Dark High Contrast")
"""JupyterLab's own, without its name."""
BUILD = 180_000
"""Milliseconds that a build may take on a busy machine."""

_RAN = re.compile(r"^\[\d+\]:$")
_OF_THE_TESTS = ("RUSTCELL_PROGRESS", "NO_COLOR", "VIRTUAL_ENV", "PYTHONPATH", "PYTEST_VERSION")
_SETTINGS = {
    # News would cover the page; so would an offer to update.
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
}


@dataclass(frozen=True)
class Lab:
    """A running server: its address, and the folder whose notebooks it shows."""

    url: str
    folder: Path
    log: Path

    def ask(self, what: str) -> Any:
        """Return what the server's REST interface answers."""
        with urllib.request.urlopen(f"{self.url}/api/{what}", timeout=5) as answer:
            return json.load(answer)


@contextmanager
def lab(folder: Path) -> Iterator[Lab]:
    """Start JupyterLab with settings, state and kernels of its own, all inside `folder`."""
    notebooks, spec = folder / "notebooks", folder / "share" / "kernels" / "python3"
    settings = folder / "config" / "labconfig"
    for made in (notebooks, spec, settings):
        made.mkdir(parents=True)
    (settings / "default_setting_overrides.json").write_text(json.dumps(_SETTINGS))
    (spec / "kernel.json").write_text(json.dumps(_kernelspec()))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    running = Lab(f"http://127.0.0.1:{port}", notebooks, folder / "server.log")
    owner = f"browser-{uuid.uuid4()}"
    with running.log.open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *_arguments(port)],
            cwd=notebooks,
            env={**_variables(folder), "RUSTCELL_OWNER": owner},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        _wait_for(running, server)
        yield running
    finally:
        # It ends its kernels first.
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        remove_owned(owner, cache_root())


def _kernelspec() -> dict[str, object]:
    return {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python 3",
        "language": "python",
        "metadata": {"debugger": False},
    }


def _arguments(port: int) -> list[str]:
    return [
        "--ip=127.0.0.1",
        f"--port={port}",
        "--ServerApp.port_retries=0",
        "--no-browser",
        "--allow-root",
        "--IdentityProvider.token=",
        "--ServerApp.password=",
        "--LabApp.news_url=",
    ]


def _variables(folder: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in _OF_THE_TESTS}
    return {
        **kept,
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "RUSTCELL_PROGRESS_FILE": str(folder / "progress.json"),
        # Before all other places of kernels: the kernel is this interpreter's.
        "JUPYTER_PATH": str(folder / "share"),
    }


def _wait_for(running: Lab, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert server.poll() is None, f"JupyterLab did not start:\n{running.log.read_text()}"
        try:
            running.ask("status")
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"JupyterLab did not answer:\n{running.log.read_text()}")


class NotebookPage:
    """One notebook in the browser. Cells are counted from 0, those of text as well."""

    def __init__(self, page: Page, lab: Lab, path: Path, view: str = "lab/tree") -> None:
        self.page = page
        self.path = path
        page.goto(f"{lab.url}/{view}/{path.relative_to(lab.folder).as_posix()}?reset")
        self.notebook = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook")
        self.cells = self.notebook.locator(".jp-Cell")
        expect(self.cells.first).to_be_visible(timeout=60_000)
        self._wait_for_kernel(lab)

    def _wait_for_kernel(self, lab: Lab) -> None:
        """Ask the server: the page shows "idle" before there is a kernel, and then asks for one."""
        for _ in range(600):
            kernels = [session["kernel"] for session in lab.ask("sessions")]
            if any(k["execution_state"] == "idle" and k["connections"] for k in kernels):
                break
            self.page.wait_for_timeout(100)
        else:
            raise TimeoutError(f"no kernel:\n{lab.log.read_text()}")
        tool = self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) [data-status='idle']")
        expect(tool).to_be_visible(timeout=60_000)

    def holding(self, text: str) -> int:
        """Return the number of the code cell with this text in its editor."""
        for number, cell in enumerate(self.saved().cells):
            if cell.cell_type == "code" and text in cell.source:
                return number
        raise AssertionError(f"no code cell has {text!r}")

    def prompt(self, number: int) -> Locator:
        return self.cells.nth(number).locator(".jp-InputPrompt")

    def editor(self, number: int) -> Locator:
        return self.cells.nth(number).locator(".cm-content")

    def output(self, number: int) -> Locator:
        return self.cells.nth(number).locator(".jp-Cell-outputArea")

    def start(self, number: int) -> None:
        """Click into a cell and press Shift+Enter."""
        self.editor(number).click()
        self.page.keyboard.press("Shift+Enter")

    def run(self, number: int, timeout: float = BUILD) -> Locator:
        """Run a cell, wait for its end, and return where its outputs are."""
        before = self.counts().get(number)
        self.start(number)
        if before:
            expect(self.prompt(number)).not_to_have_text(f"[{before}]:", timeout=timeout)
        self.wait_for_end(number, timeout)
        return self.output(number)

    def wait_for_end(self, number: int, timeout: float = BUILD) -> None:
        expect(self.prompt(number)).to_have_text(_RAN, timeout=timeout)

    def counts(self) -> dict[int, int]:
        """Return the execution counts that the page shows, by cell number."""
        prompts = [cell.text_content() for cell in self.cells.locator(".jp-InputPrompt").all()]
        return {n: int(text[1:-2]) for n, text in enumerate(prompts) if text and _RAN.match(text)}

    def look_at(self, number: int) -> None:
        """Scroll until a cell stands at the top of the window."""
        self.cells.nth(number).evaluate("cell => cell.scrollIntoView({block: 'start'})")
        self.page.wait_for_timeout(300)

    def replace(self, number: int, old: str, new: str) -> None:
        """Go to the first `old` in a cell's editor and type `new` over it."""
        line = self.editor(number).locator(".cm-line", has_text=re.compile(re.escape(old))).first
        line.click()
        after = (line.text_content() or "").partition(old)[2]
        self.page.keyboard.press("End")
        for key, times in (("ArrowLeft", len(after)), ("Backspace", len(old))):
            for _ in range(times):
                self.page.keyboard.press(key)
        self.page.keyboard.type(new)

    def choose(self, *names: str) -> None:
        """Click through the menus."""
        for name in names:
            self.page.get_by_role("menuitem", name=name, exact=True).click()

    def click_tool(self, title: str) -> None:
        """Click a button of the notebook's toolbar, by the beginning of its tooltip."""
        self.page.locator(f'.jp-NotebookPanel-toolbar [title^="{title}"]').first.click()

    def save(self) -> NotebookNode:
        """Save with the keyboard and return what was written."""
        before = self.path.stat().st_mtime_ns
        self.page.keyboard.press("Control+s")
        for _ in range(100):
            # The server empties the file before it writes.
            written = self.path.read_text("utf-8").endswith("}\n")
            if written and self.path.stat().st_mtime_ns != before:
                break
            self.page.wait_for_timeout(100)
        return self.saved()

    def saved(self) -> NotebookNode:
        """Return the notebook as it lies on disk."""
        return NotebookNode(nbformat.read(self.path, as_version=4))


@dataclass
class Desk:
    """A browser's page on the lab, and what its console said."""

    page: Page
    lab: Lab
    complaints: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Keep each error that the page throws or writes to its console, and where it arose."""

        def hear(said: ConsoleMessage) -> None:
            if said.type == "error":
                at = said.location
                self.complaints.append(f"{said.text}\n    at {at['url']}:{at['lineNumber']}")

        self.page.on("console", hear)
        self.page.on("pageerror", lambda error: self.complaints.append(error.stack or str(error)))

    def assert_no_complaints(self, *known: str) -> None:
        """Fail with all but those of a known first line, whole: they say where to look."""
        unknown = [said for said in self.complaints if said.partition("\n")[0] not in known]
        assert not unknown, "\n\n".join(unknown)

    def open(
        self,
        notebook: NotebookNode,
        name: str,
        images: Path | None = None,
        view: str = "lab/tree",
    ) -> NotebookPage:
        """Open a notebook in a folder of its own; in Notebook 7 if the view is "notebooks"."""
        path = self.lab.folder / name / f"{name}.ipynb"
        path.parent.mkdir()
        nbformat.write(notebook, path)
        if images:
            shutil.copytree(images, path.parent / images.name)
        return NotebookPage(self.page, self.lab, path, view)

    def use_theme(self, name: str) -> None:
        """Choose a theme in the menu of settings."""
        self.page.get_by_role("menuitem", name="Settings", exact=True).click()
        for label in ("Theme", name):
            pattern = re.compile(f"^{label}$")
            self.page.locator(".lm-Menu-itemLabel", has_text=pattern).click()
        expect(self.page.locator(f'body[data-jp-theme-name="{name}"]')).to_be_attached()
        expect(self.page.locator("#jupyterlab-splash")).to_have_count(0)

    def configure(self, plugin: str, settings: dict[str, Any]) -> None:
        """Set what a user may set in the settings editor, and wait until the server has it."""
        store = """async ([plugin, raw]) => {
            const xsrf = document.cookie.match(/_xsrf=([^;]+)/)?.[1] ?? '';
            const answer = await fetch(`/lab/api/settings/${plugin}`, {
                method: 'PUT', body: JSON.stringify({raw}), headers: {'X-XSRFToken': xsrf},
            });
            return answer.ok;
        }"""
        assert self.page.evaluate(store, [plugin, json.dumps(settings)])

    def picture(self, name: str) -> None:
        """Keep a screenshot for people to look at; a theme's name may end its name."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name.lower().replace(' ', '-')}.png")
