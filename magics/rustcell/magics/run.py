"""Cells that run: programs and tests."""

from __future__ import annotations

import dataclasses
import sys
from typing import Literal

from IPython.core.magic import Magics, cell_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import magic_arguments
from IPython.display import display

from rustcell.building.dependencies import support_folder
from rustcell.crates.options import CellOptions, HarnessOptions, ProgramOptions
from rustcell.live import report
from rustcell.live.making import Made, make_executables
from rustcell.magics.front import Front
from rustcell.magics.line import PROGRAM, TEST, declares, parse_program, parse_test
from rustcell.notebook.progress import ProgressBar
from rustcell.notebook.receipts import Receipt
from rustcell.programs import cell_tests, program, running, test_table


@magics_class
class RunMagics(Magics):
    """`%%rust_main`, `%%rust_test`."""

    def __init__(self, front: Front) -> None:
        super().__init__(front.shell)
        self._front = front

    @magic_arguments()  # type: ignore[untyped-decorator]
    @declares(PROGRAM)
    @no_var_expand
    @cell_magic
    def rust_main(self, line: str, cell: str) -> None:
        """Build the cell as a program and run it. The cell is its main.rs.

        What it prints appears here. It has no input. A program that uses PyO3 starts this kernel's
        Python, with all that this kernel can import.

            %%rust_main hello -- world
            fn main() {
                println!("Hello, {}!", std::env::args().nth(1).unwrap());
            }

        NAME comes before all options; what stands behind -- are the program's arguments.
        """
        front = self._front
        with front.receipt() as receipt, front.interruptible():
            options = parse_program(self.rust_main.parser, line)
            if front.plain:
                options = dataclasses.replace(options, plain=True)
            made = self._made("program", options, cell, receipt)
            if made is not None:
                self._run_program(options, made)

    @magic_arguments()  # type: ignore[untyped-decorator]
    @declares(TEST)
    @no_var_expand
    @cell_magic
    def rust_test(self, line: str, cell: str) -> None:
        """Build the cell as a library and run its tests.

        These are the functions with #[test] and the examples in doc comments. A table shows what
        became of each.

            %%rust_test
            fn double(n: i32) -> i32 {
                n * 2
            }

            #[test]
            fn doubles() {
                assert_eq!(double(4), 8);
            }

        With NAME, the crate has the files that %%rust_file gave NAME, also those in tests/.
        """
        front = self._front
        with front.receipt() as receipt, front.interruptible():
            options = parse_test(self.rust_test.parser, line)
            if front.plain:
                options = dataclasses.replace(options, plain=True)
            made = self._made("test", options, cell, receipt)
            if made is not None:
                self._run_tests(options, made)

    def _made(
        self,
        kind: Literal["program", "test"],
        options: CellOptions,
        cell: str,
        receipt: Receipt,
    ) -> Made | None:
        """Build a cell, and show what was said of it; None when there is nothing to run."""
        front = self._front
        session = front.session()
        bar = ProgressBar(str(options.name), notebook=front.in_own_cell)
        with front.notices_at_the_end(), bar:
            above = front.lines_above(cell)
            made = make_executables(kind, cell, above, options, session, bar)
        if made.build is None:
            receipt.status = "nothing to build"
            print(report.crate_listing(made, str(support_folder(session.root))))
            return None
        receipt.settle(made.build.key, made.build.outside.files, built=made.built)
        if options.verbosity > 0:
            print(report.verbose(made, session.root))
        text = report.messages(made, options)
        if text and options.verbosity >= 0:
            print(text)
        return None if made.build.failed else made

    def _run_program(self, options: ProgramOptions, made: Made) -> None:
        assert made.build is not None
        last = "\n"

        def pass_on(stream: str, text: str) -> None:
            nonlocal last
            last = text[-1] if stream == "stdout" else last
            target = getattr(sys, stream)
            target.write(text)
            target.flush()

        status = program.run(made.build, made.spec, options, pass_on)
        if options.expected_exit is not None and options.verbosity >= 0:
            before = "" if last == "\n" else "\n"
            print(f"{before}{made.spec.name}: {running.ending(status)}, as expected")

    def _run_tests(self, options: HarnessOptions, made: Made) -> None:
        assert made.build is not None
        assert made.plan is not None
        session = self._front.session()
        with ProgressBar(made.spec.name, notebook=False) as bar:
            results = cell_tests.run_tests(made.plan, made.build, options, session, bar)
        bundle = test_table.bundle(results, options, made.spec.label)
        if options.verbosity >= 0:
            if self._front.in_kernel:
                display(bundle, raw=True)
            else:
                print(bundle["text/plain"])
        cell_tests.judge(results, options)
        expected = [r for r in results if cell_tests.expected_to_fail(r, options)]
        if expected and options.verbosity >= 0:
            print(cell_tests.reports(expected))
