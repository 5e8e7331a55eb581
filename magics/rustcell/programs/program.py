"""Runs a program that `%%rust_main` built, and judges how it ended."""

from __future__ import annotations

import os

from rustcell.building.builds import Build
from rustcell.building.embedding import run_environment
from rustcell.building.executables import executable_of
from rustcell.crates.crate import CrateSpec
from rustcell.crates.options import ProgramOptions
from rustcell.errors import ProgramError
from rustcell.programs import running
from rustcell.programs.running import OnText, Shown
from rustcell.tools.toolchain import this_interpreter


def run(build: Build, spec: CrateSpec, options: ProgramOptions, on_text: OnText) -> int:
    """Run a program in this process's folder and pass on what it prints, as it comes.

    Returns
    -------
    int
        Its exit status, or minus the number of the signal that ended it: the expected one.

    Raises
    ------
    ProgramError
        When it ends otherwise than expected, or not in time.
    """
    shown = Shown(on_text)
    status = running.follow(
        # Not the path: a program that prints its name shall print the same one everywhere.
        [spec.name, *options.arguments],
        executable=executable_of(build.package, spec.cell_file),
        env=run_environment(spec, this_interpreter(), os.environ),
        timeout=options.timeout,
        on_text=shown,
        idle=shown.flush,
    )
    shown.flush()
    if status is None:
        raise ProgramError(
            f"{spec.name} did not end within {options.timeout:g} s and was stopped",
            "Mend what keeps it running, or give it more time: --timeout SECONDS. A program has "
            "no input here: what it reads is empty.",
        )
    if not _expected(status, options.expected_exit):
        raise _otherwise(spec.name, status, options.expected_exit)
    return status


def _expected(status: int, wanted: int | str | None) -> bool:
    return running.ending(status) == wanted if isinstance(wanted, str) else status == (wanted or 0)


def _otherwise(name: str, status: int, wanted: int | str | None) -> ProgramError:
    came = running.ending(status)
    number = status if status >= 0 else came
    how = f"ended with {came}" if status >= 0 else f"was ended by {came}"
    if wanted is None:
        mend = f"Mend the code; or say that this is what shall happen: --expect-exit {number}"
        return ProgramError(f"{name} {how}", mend)
    expected = wanted if isinstance(wanted, str) else f"exit status {wanted}"
    return ProgramError(
        f"{name} {how}; expected {expected}",
        f"Mend the code, or write --expect-exit {number}.",
    )
