"""What the magics of one shell share: its session, its output, what is still to be told."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from rustcell.building import cache
from rustcell.building.builds import Build
from rustcell.crates.crate import CrateSpec
from rustcell.live import install
from rustcell.live.kernel import words_of_the_dead
from rustcell.live.origins import Generation
from rustcell.live.session import Session
from rustcell.messages.diagnostics import Diagnostic
from rustcell.notebook import frontend
from rustcell.notebook.native import may_keep_text, native_hooks
from rustcell.notebook.output import CellOutput
from rustcell.notebook.receipts import Receipt

_STOPPED = "KeyboardInterrupt: stopped. The modules that were live still are."

_DIED = """\
The previous kernel of this notebook died (a crash, an abort or exit in Rust code?).
The last it printed:

{words}
"""


class Front:
    """One shell's state. The cache and the tools are looked at when first needed.

    `plain` says whether compiler text goes without colours; `notices` are told at the end of
    the next cell.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.plain = "NO_COLOR" in os.environ
        self.notices: list[str] = []
        self._session: Session | None = None
        self._output: CellOutput | None = None
        self._raw_cell = ""
        self._process = os.getpid()

    @property
    def in_kernel(self) -> bool:
        return hasattr(self.shell, "kernel")

    @property
    def in_own_cell(self) -> bool:
        """Whether the running cell begins with a Rust magic, and is no Python that calls one."""
        return self.in_kernel and self._raw_cell.lstrip().startswith(("%%", "%rust_"))

    def session(self) -> Session:
        """Return this kernel's session, opened at the first call."""
        if self._session is None:
            with cache.explained():
                session = Session.start()
                session.before_load = self._before_load
                session.on_messages = self._on_messages
                words = words_of_the_dead(session.root)
                if words:
                    self.notices.append(_DIED.format(words=words))
                if self.in_kernel:
                    self._output = CellOutput(session.output_folder())
                    self._output.install(self.shell)
            self._session = session
        return self._session

    def generations(self) -> list[Generation]:
        """Return the builds that this kernel has loaded, oldest first."""
        return self._session.generations() if self._session else []

    def build_folders(self) -> list[Path]:
        """Return the folders of this kernel's modules as they are now, the newest first."""
        return self._session.overlay.folders()[::-1] if self._session else []

    def close(self) -> None:
        """Finish pending installs and leave nothing behind (not in a forked child)."""
        if os.getpid() != self._process:
            return
        if self._output is not None:
            self._output.uninstall()
            self._output = None
        if self._session is not None:
            for failure in self._session.installer.join(timeout=4):
                sys.stderr.write(not_installed(failure))
            self._session.kernel.close()
            self._session = None

    def note_raw_cell(self, info: Any = None) -> None:
        """Remember the cell that is about to run (IPython's event `pre_run_cell`)."""
        self._raw_cell = getattr(info, "raw_cell", "") or ""

    def lines_above(self, body: str) -> int:
        """Return how many lines of the running cell stand above the magic's body."""
        return lines_above(self._raw_cell, body)

    @contextlib.contextmanager
    def receipt(self) -> Iterator[Receipt]:
        """Give the running cell's receipt, and hand it in when the block ends, be it by an error.

        Every `%%rust_…` magic does its work inside of it and says by `settle` what it has built.
        """
        receipt = Receipt(self._raw_cell)
        try:
            yield receipt
        finally:
            receipt.append(os.environ)

    @contextlib.contextmanager
    def notices_at_the_end(self) -> Iterator[None]:
        """Tell what is to be told when the block ends, be it by an error."""
        try:
            yield
        finally:
            while self.notices:
                print(self.notices.pop(0), file=sys.stderr)

    @contextlib.contextmanager
    def interruptible(self) -> Iterator[None]:
        """Show an interrupt without the stack down to the tools: it tells a learner nothing."""
        try:
            yield
        except KeyboardInterrupt as stop:
            vars(stop)["_render_traceback_"] = lambda: [_STOPPED]
            raise

    def _on_messages(self, spec: CrateSpec, messages: tuple[Diagnostic, ...]) -> None:
        payloads = self.shell.payload_manager
        if self.in_own_cell and payloads is not None:
            payloads.write_payload(frontend.payload(messages, spec.label))

    def _before_load(self, build: Build, spec: CrateSpec) -> None:
        hooks = native_hooks(build.native())
        if hooks is None:
            return
        hooks.panic_hook(backtrace=spec.backtrace)
        # A flush before each of Python's prints costs more than the print itself, so only
        # libraries that may hold text back get one.
        if self._output and (
            spec.dependencies.crates or any(map(may_keep_text, spec.texts().values()))
        ):
            self._output.add_flush(build.name, hooks)


def lines_above(raw_cell: str, body: str) -> int:
    """Return how many lines of the editor's cell stand above the magic's body.

    IPython takes leading blank lines and outer magics (`%%time`) away before a magic sees
    its cell. A body that is no end of the raw cell was passed by code: one line then.
    """
    raw, text = raw_cell.rstrip(), body.rstrip()
    return raw[: len(raw) - len(text)].count("\n") if text and raw.endswith(text) else 1


def not_installed(failure: install.Failure) -> str:
    """Return what to tell of an install that failed in the background."""
    return (
        f"rustcell: {failure.name} works in this kernel, but installing it into the "
        f"environment failed:\n{failure.log.strip()}\n"
        "What to do: `rustcell doctor` in a terminal checks the environment; then run the "
        "cell with --force.\n"
    )
