"""What a crate's build.rs said, read and set, out of cargo's words."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rustcell.building.builds import Outside, file_hash
from rustcell.crates.crate import CrateSpec
from rustcell.errors import plain_text
from rustcell.messages.diagnostics import Diagnostic, Level

SCRIPT = "build.rs"

_FAILED = "error: failed to run custom build command for"
_PANIC = re.compile(r"^(?:thread '.*?'(?: \(\d+\))? )?panicked at build\.rs(?=:\d)", re.MULTILINE)
# Cargo asks for the stack when it is asked for its commands.
_BACKTRACE = re.compile(
    r"^(?:stack backtrace:|note: run with `RUST_BACKTRACE)[\s\S]*", re.MULTILINE
)
_READS = re.compile(r"cargo::?rerun-if-changed=(.+)")
_OBEYS = re.compile(r"cargo::?rerun-if-env-changed=(.+)")


def remarks(spec: CrateSpec, stderr: Iterable[str]) -> tuple[Diagnostic, ...]:
    """Return what cargo passed on from the build script: warnings, errors, its failure."""
    script = spec.given.get(SCRIPT)
    if script is None:
        return ()
    lines = [plain_text(line) for line in stderr]
    said = re.compile(rf"(warning|error): {re.escape(spec.distribution)}@\S+: (.*)")
    found = [_remark(m[1], m[2], script.label) for line in lines if (m := said.fullmatch(line))]
    for number, line in enumerate(lines):
        if line.startswith(_FAILED):
            text = _last_words(lines[number:], script.label)
            found.append(_remark("error", "the build script failed", script.label, text))
    return tuple(found)


def _remark(level: str, message: str, label: str, text: str = "") -> Diagnostic:
    rendered = f"{level}: {message}\n --> {label}\n{text}"
    kind: Level = "error" if level == "error" else "warning"
    return Diagnostic(kind, None, message, (), (), rendered)


def _last_words(lines: Sequence[str], label: str) -> str:
    """Return what a script wrote to stderr, without what differs from run to run."""
    words = [line.removeprefix("  ") for line in lines]
    start = words.index("--- stderr") + 1 if "--- stderr" in words else len(words)
    text = _PANIC.sub(lambda _: f"panicked at {label}", "\n".join(words[start:]))
    return _BACKTRACE.sub("", text).strip("\n")


def inputs(spec: CrateSpec, messages: Iterable[Mapping[str, Any]], crate: Path) -> Outside:
    """Return the files and variables that the build script asked cargo to watch."""
    files: dict[str, str] = {}
    variables: dict[str, str | None] = {}
    for message in _executed(spec, messages):
        output = Path(message["out_dir"]).parent / "output"
        text = output.read_text(encoding="utf-8", errors="replace") if output.exists() else ""
        for name in _READS.findall(text):
            path = crate / name
            if not path.resolve().is_relative_to(crate.resolve()) and path.is_file():
                files[str(path)] = file_hash(path)
        variables |= {name: os.environ.get(name) for name in _OBEYS.findall(text)}
    given = dict(spec.env)
    return Outside(files, {name: v for name, v in variables.items() if name not in given})


def variables_set(spec: CrateSpec, messages: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the names of the variables that the build script set for rustc."""
    found = {"OUT_DIR"}
    for message in _executed(spec, messages):
        found |= {name for name, _ in message["env"]}
    return found


def _executed(
    spec: CrateSpec, messages: Iterable[Mapping[str, Any]]
) -> Iterable[Mapping[str, Any]]:
    for message in messages:
        if message["reason"] == "build-script-executed":
            package = message["package_id"]
            if f"#{spec.distribution}@" in package or package.endswith(f"/{spec.distribution}"):
                yield message
