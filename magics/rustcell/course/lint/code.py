"""The form of code cells, as rustfmt and ruff see it, and the crates that they name."""

from __future__ import annotations

import functools
import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from importlib import resources
from pathlib import Path

import nbformat

from rustcell.course.lint.finding import Finding
from rustcell.course.lint.magic_line import allows, crate_and_requirement, rust_cell
from rustcell.course.lint.page import Cell, Page
from rustcell.course.notebook import read

# Errors, imports and names. Not F811: a cell that imports again what it uses can be read alone.
# Not F821: a Rust cell binds names that ruff cannot know, and `rustcell run` finds the others.
_RUFF_RULES = ("E4", "E7", "E9", "F", "I", "W")
_RUFF_IGNORED = ("F811", "F821")
_LINE_LENGTH = "100"
# Cells whose first line is ours and whose rest is Python.
_PYTHON_MAGICS = ("check", "answer")


@functools.cache
def rustfmt() -> str | None:
    """Return the toolchain's rustfmt; None where it is not there, or only as rustup's shim."""
    path = shutil.which("rustfmt")
    works = path and subprocess.run([path, "--version"], capture_output=True, check=False)
    return path if works and works.returncode == 0 else None


def ruff_is_there() -> bool:
    """Tell whether ruff, of the extra `dev`, is installed."""
    return importlib.util.find_spec("ruff") is not None


def rust_form(page: Page) -> Iterator[Finding]:
    """`rustfmt`: each Rust cell is as rustfmt writes it; a lesson that must fail may be broken."""
    tool = rustfmt()
    for cell in page.code if tool else ():
        rust = rust_cell(cell)
        if rust is None:
            continue
        formatted, problem = _formatted(str(tool), rust.edition, rust.body)
        if not problem:
            line = _first_difference(rust.body, formatted)
            if line is not None:
                mend = f"Format it: {_shown(formatted, line)}"
                yield page.finding(
                    "rustfmt", "not as rustfmt writes it", mend, cell, rust.above + line
                )
        elif not rust.must_fail:
            message = f"rustfmt cannot read it: {problem}"
            yield page.finding("rustfmt", message, "Mend the cell.", cell)


@functools.lru_cache(maxsize=1024)
def _formatted(tool: str, edition: str, body: str) -> tuple[str, str]:
    """Return the body as rustfmt writes it, or why it cannot."""
    # Through a pipe: for a file rustfmt would also look for the modules that it names.
    done = subprocess.run(
        [tool, "--edition", edition], input=body.encode("utf-8"), capture_output=True, check=False
    )
    if done.returncode == 0:
        return done.stdout.decode("utf-8"), ""
    return "", (done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no reason"])[0]


def python_form(pages: Sequence[Page]) -> Iterator[Finding]:
    """`ruff`: Python cells are as ruff formats them, and free of a few mistakes."""
    if not pages or not ruff_is_there():
        return
    with tempfile.TemporaryDirectory(prefix="rustcell-lint-") as folder:
        copies = {Path(folder) / f"{n}.ipynb": page for n, page in enumerate(pages)}
        for copy, page in copies.items():
            nbformat.write(_for_ruff(page), copy)
        rules = [f"--select={','.join(_RUFF_RULES)}", f"--ignore={','.join(_RUFF_IGNORED)}"]
        found = json.loads(_ruff("check", folder, *rules, "--output-format=json", "--exit-zero"))
        for entry in found:
            page = copies[Path(entry["filename"])]
            cell = page.cells[entry["cell"] - 1]
            message = f"{entry['code']}: {entry['message']}"
            row = entry["location"]["row"]
            yield page.finding("ruff", message, "Mend the line; ruff names it.", cell, row)
        _ruff("format", folder)
        for copy, page in copies.items():
            for cell, formatted in zip(page.cells, read(copy).cells, strict=True):
                before = _as_comment(cell) if cell.is_code else cell.source
                line = _first_difference(before, formatted.source)
                if line is not None:
                    mend = f"Format it: {_shown(formatted.source, line)}"
                    yield page.finding("ruff", "not as ruff formats it", mend, cell, line)


def _ruff(command: str, folder: str, *arguments: str) -> str:
    options = ("--isolated", "--no-cache", f"--line-length={_LINE_LENGTH}", "--quiet")
    done = subprocess.run(
        [sys.executable, "-m", "ruff", command, *options, *arguments, folder],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return done.stdout


def _for_ruff(page: Page) -> nbformat.NotebookNode:
    notebook: nbformat.NotebookNode = nbformat.from_dict(page.notebook)
    for cell, node in zip(page.cells, notebook.cells, strict=True):
        if cell.is_code:
            node.source = _as_comment(cell)
            node.outputs = []
    return notebook


def _as_comment(cell: Cell) -> str:
    """Return the source with our magic of a Python cell as a comment: ruff passes over magics."""
    at, magic, _ = cell.magic
    lines = cell.source.split("\n")
    if magic in _PYTHON_MAGICS:
        lines[at - 1] = f"# {lines[at - 1]}"
    return "\n".join(lines)


def _first_difference(before: str, after: str) -> int | None:
    """Return the number of the first line that differs, None if there is none."""
    old, new = before.rstrip("\n").split("\n"), after.rstrip("\n").split("\n")
    for number, (one, other) in enumerate(zip(old, new, strict=False), start=1):
        if one != other:
            return number
    return None if len(old) == len(new) else min(len(old), len(new)) + 1


def _shown(text: str, line: int) -> str:
    lines = text.split("\n")
    return repr(lines[line - 1]) if line <= len(lines) else "the rest goes"


@functools.cache
def _locked() -> dict[str, tuple[str, ...]]:
    text = resources.files("rustcell").joinpath("lock", "Cargo.lock").read_text(encoding="utf-8")
    versions: dict[str, tuple[str, ...]] = {}
    for package in tomllib.loads(text)["package"]:
        versions[package["name"]] = (*versions.get(package["name"], ()), package["version"])
    return versions


def locked_crates(page: Page) -> Iterator[Finding]:
    """`locked`: every crate that a cell names is in the committed Cargo.lock, so works offline."""
    mend = "Add it to magics/rustcell/lock/Cargo.toml and run `cargo generate-lockfile` there."
    for cell in page.code:
        rust = rust_cell(cell)
        for spec in rust.crates if rust else ():
            crate, requirement = crate_and_requirement(spec)
            versions = _locked().get(crate, ())
            if not requirement or not any(allows(requirement, v) for v in versions):
                there = f"it has {', '.join(versions)}" if versions else "it has none"
                message = f"--dep {spec} is not in the committed lock ({there})"
                yield page.finding("locked", message, mend, cell, cell.magic[0])
        if rust and rust.pyo3 and not any(allows(f"={rust.pyo3}", v) for v in _locked()["pyo3"]):
            message = f"--pyo3 {rust.pyo3} is not in the committed lock"
            yield page.finding("locked", message, "Use the course's PyO3.", cell, cell.magic[0])
