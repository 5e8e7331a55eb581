"""Runs the examples in a cell's doc comments by `cargo test --doc`, and reads what became of them.

rustdoc compiles the examples and keeps no executable, so this is done at each run of the cell.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from pathlib import Path

from rustcell.crates.crate import CrateSpec
from rustcell.errors import ProgramError, plain_text
from rustcell.programs import running
from rustcell.programs.harness import WORDS, Output, TestResult, run_captured

_EXAMPLE = re.compile(r"//[/!](?: {5}|.*(?:```|~~~))|/\*[*!]|\bdoc\s*=")
"""What an example may begin with; rustdoc decides whether it is one."""

_RESULT = re.compile(
    r"^test (?P<title>(?P<source>\S+\.rs) - (?P<item>.*?) ?\(line (?P<line>\d+)\))"
    r"(?: - [a-z ]+)? \.\.\. (?P<word>ok|FAILED|ignored)?$",
    re.MULTILINE,
)
# rustdoc wraps an example in code of its own, whose lines say nothing about the cell.
_WRAPPED_PLACE = re.compile(r"(?<= panicked at )\S+:\d+:\d+:")
_PREFACE = re.compile(r"\ATest executable failed \((.*)\)\.\n\n(?:stderr:\n)?")


def may_have_examples(spec: CrateSpec) -> bool:
    """Tell whether rustdoc must be asked for the examples of a crate."""
    return any(_EXAMPLE.search(text) for path, text in spec.files if path.startswith("src/"))


def run_examples(
    cargo: str, folder: Path, env: Mapping[str, str], deadline: float, *, ignored: bool
) -> list[TestResult]:
    """Compile and run the examples of the crate in `folder`.

    Parameters
    ----------
    cargo:
        The path of cargo.
    env:
        Cargo's environment, with what the examples need to run.
    deadline:
        By `time.monotonic()`; then what still runs is stopped.
    ignored:
        Run examples marked `ignore` too.

    Raises
    ------
    ProgramError
        When cargo fails before any example.
    """
    command = [cargo, "test", "--doc", "--offline", "--manifest-path", str(folder / "Cargo.toml")]
    command += ["--", "--test-threads=1", "--color=never"]
    command += ["--include-ignored"] if ignored else []
    output = run_captured(command, folder, env, max(0.1, deadline - time.monotonic()))
    if output.status not in (0, None) and "running " not in output.stdout:
        raise ProgramError(
            "the examples in the doc comments do not compile",
            "Read the text above.",
            details=plain_text(output.stderr)[-6000:],
        )
    results = read(output)
    if output.status is None and not results:
        raise ProgramError(
            "the time was up before the examples in the doc comments were compiled",
            "Give it more time: --timeout SECONDS.",
        )
    return results


def read(output: Output) -> list[TestResult]:
    """Return the results that rustdoc printed, in the order of the source."""
    found = list(_RESULT.finditer(output.stdout))
    heads = {match["title"]: f"---- {match['title']} stdout ----\n" for match in found}
    results = []
    for match in found:
        status = WORDS.get(match["word"] or "", "timed out")
        text = ""
        if status == "failed":
            text = _reported(output.stdout, heads[match["title"]], heads)
            text = _WRAPPED_PLACE.sub(f"{match['source']}:{match['line']}:1:", text)
        name = f"{match['item'] or 'crate'} (line {match['line']})"
        results.append(TestResult(name, status, text, match["source"], int(match["line"])))
    return sorted(results, key=lambda result: (result.source, result.line))


def _reported(stdout: str, head: str, heads: Mapping[str, str]) -> str:
    """Return what stands below `head` in rustdoc's report, up to the next head."""
    _, found, behind = stdout.partition(f"\n{head}")
    if not found:
        return ""
    ends = [behind.find(f"\n{other}") for other in heads.values()]
    ends.append(behind.find("\nfailures:\n    "))
    text = behind[: min((end for end in ends if end >= 0), default=None)]
    return _PREFACE.sub("", running.steady(text.strip("\n") + "\n")).strip("\n")
