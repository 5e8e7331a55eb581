"""All tests of a `%%rust_test` cell, in the order of their source, and what the cell expects."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Sequence
from dataclasses import replace

from rustcell.building.builds import Build
from rustcell.building.compiling import crate_environment
from rustcell.building.dependencies import OnProgress
from rustcell.building.embedding import library_path, run_environment
from rustcell.building.executables import executable_of, sources_of
from rustcell.crates.crate import CrateSpec
from rustcell.crates.options import HarnessOptions
from rustcell.crates.source import parse
from rustcell.errors import FailedTestsError, OptionsError
from rustcell.live.making import Plan, written_crate
from rustcell.live.session import Session
from rustcell.programs import doc_tests
from rustcell.programs.harness import TestResult, run_executable

_EXAMPLES_NEED = ("PYTHONPATH", "PYTHONUNBUFFERED", "RUST_BACKTRACE")
"""What an example needs beside cargo's own environment."""


def run_tests(
    plan: Plan,
    build: Build,
    options: HarnessOptions,
    session: Session,
    on_progress: OnProgress,
) -> list[TestResult]:
    """Run the unit tests, the files in tests/ and the examples in doc comments.

    Raises
    ------
    OptionsError
        When there are no tests, or not the one that --expect-fail names.
    """
    spec, interpreter = plan.spec, plan.toolchain.interpreter
    deadline = time.monotonic() + options.timeout
    env = run_environment(spec, interpreter, os.environ)
    env["CARGO_MANIFEST_DIR"] = str(build.package)
    results: list[TestResult] = []
    for source in sources_of(build):
        found = run_executable(
            executable_of(build.package, source),
            build.package,
            env,
            deadline,
            include_ignored=options.include_ignored,
        )
        results += _placed(found, spec, source)
    if doc_tests.may_have_examples(spec):
        folder, slot = written_crate(plan, session, on_progress)
        cargo_env = {
            **crate_environment(spec, slot, plan.toolchain, session.root),
            **{name: env[name] for name in _EXAMPLES_NEED if name in env},
            **library_path(os.environ),
            "PATH": os.pathsep.join([plan.toolchain.bin, env["PATH"]]),
        }
        results += doc_tests.run_examples(
            plan.toolchain.cargo,
            folder,
            cargo_env,
            deadline,
            ignored=options.include_ignored,
        )
    if not results:
        raise OptionsError(
            "there are no tests in this cell",
            "Write a function with #[test] above it, as in\n#[test]\nfn adds() { "
            "assert_eq!(1 + 1, 2); }",
        )
    _refuse_unknown(options.expected_failures, results)
    return [replace(result, text=named(result.text, spec)) for result in results]


def _placed(results: Sequence[TestResult], spec: CrateSpec, source: str) -> list[TestResult]:
    """Return results with their lines, in the order of the source."""
    items = parse(dict(spec.files)[source]).items
    lines = {item.qualified.replace(".", "::"): item.first_line for item in items}
    placed = [replace(r, source=source, line=lines.get(r.name, 0)) for r in results]
    return sorted(placed, key=lambda result: (result.line == 0, result.line))


def named(text: str, spec: CrateSpec) -> str:
    """Return a text in which each of the crate's files has its cell's name."""
    labels = {spec.cell_file: spec.label, **{file.path: file.label for file in spec.given}}
    for path, label in labels.items():
        text = re.sub(rf"(?<![\w/\\.-])(?:\./)?{re.escape(path)}(?=:\d)", label, text)
    return text


def _refuse_unknown(expected: Sequence[str], results: Sequence[TestResult]) -> None:
    names = [result.name for result in results]
    for name in expected:
        if not any(_is(result, name) for result in results):
            raise OptionsError(
                f"--expect-fail {name}: there is no such test", f"The tests are {', '.join(names)}."
            )


def _is(result: TestResult, name: str) -> bool:
    return name in (result.name, result.name.rpartition("::")[2])


def expected_to_fail(result: TestResult, options: HarnessOptions) -> bool:
    """Tell whether the cell says that this test must fail."""
    return any(_is(result, name) for name in options.expected_failures)


def went_wrong(result: TestResult) -> bool:
    """Tell whether a test ran and did anything but pass."""
    return result.status in ("failed", "died", "timed out")


def judge(results: Sequence[TestResult], options: HarnessOptions) -> None:
    """Compare what became of the tests with what the cell expects.

    Raises
    ------
    FailedTestsError
        When a test failed that should not, or the other way round.
    """
    failed = [r for r in results if went_wrong(r) and not expected_to_fail(r, options)]
    not_run = [r for r in results if r.status == "not run"]
    missing = [r for r in results if expected_to_fail(r, options) and not went_wrong(r)]
    if not (failed or not_run or missing):
        return
    parts = []
    if failed:
        total = "1 test" if len(results) == 1 else f"{len(results)} tests"
        parts.append(f"{len(failed)} of {total} failed: {', '.join(r.name for r in failed)}")
    if not_run:
        parts.append(f"not run: {', '.join(r.name for r in not_run)}")
    if missing:
        names = ", ".join(r.name for r in missing)
        parts.append(f"expected to fail, but did not: {names}")
    mend = "Mend the code, or the test that is wrong."
    if failed and not options.expected_failures:
        mend += f" A lesson says what must fail: --expect-fail {failed[0].name}"
    raise FailedTestsError("; ".join(parts), mend, details=reports(failed), plain=options.plain)


def reports(results: Sequence[TestResult]) -> str:
    """Return what the failed tests printed and why they failed, each below its name."""
    return "\n\n".join(f"---- {r.name} ----\n{r.text}".rstrip() for r in results if went_wrong(r))
