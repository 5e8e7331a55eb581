"""What a cell shows when all went well: short, useful, and the same in every run."""

from __future__ import annotations

import functools
import html
import inspect
import os
import shlex
from pathlib import Path
from types import ModuleType
from typing import Any

from rustcell.building.key import configuration_files
from rustcell.crates.options import CellOptions
from rustcell.errors import plain_text
from rustcell.live.making import Made
from rustcell.live.pipeline import Outcome
from rustcell.messages import diagnostics, expect
from rustcell.messages.hints import hints

_BADGES = {
    "dev": ("debug", "#7a4b00", "#fff3d6"),
    "test": ("debug", "#7a4b00", "#fff3d6"),
    "release": ("release", "#0b5a2a", "#dff5e6"),
    "bench": ("release", "#0b5a2a", "#dff5e6"),
}


def badge(profile: str) -> str:
    """Return "debug" or "release": whether the compiler optimised."""
    return _BADGES[profile][0]


@functools.lru_cache(maxsize=64)
def members(module: ModuleType) -> tuple[str, ...]:
    """Return a line for each public member: functions with signatures, classes, values.

    Remembered, since a built module does not change and signatures take their time.
    """
    names = getattr(module, "__all__", None) or [n for n in vars(module) if not n.startswith("_")]
    lines = []
    for name in names:
        value = getattr(module, name, None)
        if isinstance(value, type):
            kind = "exception" if issubclass(value, BaseException) else "class"
            lines.append(f"{kind} {name}{_signature(value) if kind == 'class' else ''}")
        elif isinstance(value, ModuleType):
            # Without exports a module shows only the library that maturin's wrapper imports.
            if value.__name__ == f"{module.__name__}.{module.__name__}":
                continue
            # What a Python file imports is no part of the package.
            inside = value.__name__.startswith(f"{module.__name__}.")
            if getattr(value, "__spec__", None) is not None and not inside:
                continue
            lines.append(f"module {name}")
        elif callable(value):
            lines.append(f"{name}{_signature(value)}")
        else:
            lines.append(f"{name} = {value!r}"[:80])
    return tuple(lines)


def _signature(value: Any) -> str:
    try:
        return str(inspect.signature(value))
    except (ValueError, TypeError):
        return "(…)" if not isinstance(value, type) else ""


def summary(outcome: Outcome) -> dict[str, str]:
    """Return the mime bundle that describes a live module."""
    assert outcome.module is not None
    label, ink, paper = _BADGES[outcome.spec.profile]
    lines = members(outcome.module)
    notes = _notes(outcome)
    text = "\n".join([f"{outcome.spec.name} [{label}]", *(f"  {line}" for line in lines), *notes])
    mark = f"color:{ink};background:{paper};border-radius:3px;padding:0 .4em"
    head = f'<b>{html.escape(outcome.spec.name)}</b> <span style="{mark}">{label}</span>'
    rest = "".join(f"\n{html.escape(line)}" for line in [*(f"  {m}" for m in lines), *notes])
    # Paper, ink and font are the theme's. The room above sets it off from a compiler's warnings.
    page = f'<pre style="margin:.4em 0 0;padding:0 .6em;white-space:pre-wrap">{head}{rest}</pre>'
    return {"text/plain": text, "text/html": page}


def _notes(outcome: Outcome) -> list[str]:
    notes = []
    if outcome.renewed.renewed:
        notes.append(f"renewed: {', '.join(outcome.renewed.renewed)}")
    if outcome.renewed.stale:
        gone = ", ".join(outcome.renewed.stale)
        notes.append(f"still the old build's, the new one has no such name: {gone}")
    return notes


def messages(outcome: Made, options: CellOptions) -> str:
    """Return the compiler's text of a cell that succeeded: warnings, or a lesson's errors."""
    if outcome.build is None or not outcome.build.diagnostics:
        return ""
    found = outcome.build.diagnostics
    text = diagnostics.render(found, plain=options.plain, cell_name=outcome.spec.label)
    said = hints(found, outcome.spec.source(), outcome.spec.texts())
    lines = [text.rstrip(), *(f"Hint: {hint}" for hint in said)]
    if outcome.build.failed:
        errors = [d for d in found if d.level == "error"]
        lines.append(
            f"\nAs expected, this does not compile. "
            f"Expected: {expect.wanted(options.expected_errors, 'error')}. "
            f"Came: {expect.names(errors)}."
        )
    result = "\n".join(lines)
    return plain_text(result) if options.plain else result


def crate_listing(outcome: Made, support: str) -> str:
    """Return the generated crate's files with their names.

    `support` is the support crate's folder: it differs from machine to machine, so the
    listing, which graders compare, leaves it out.
    """
    return "\n".join(
        f"===== {path} =====\n{text.replace(support, 'rustcell_support').rstrip()}\n"
        for path, text in outcome.spec.files
    )


def verbose(outcome: Made, root: Path) -> str:
    """Return why the cell was built, what was obeyed outside it, and cargo's own log."""
    verb = "built" if outcome.built else "from memory or the cache"
    lines = [f"{outcome.spec.name}: {verb} ({outcome.why})"]
    lines += [f"configuration: {path}" for path in configuration_files(root, os.environ)]
    if outcome.built:
        lines += [shlex.join(outcome.command), outcome.log]
    return "\n".join(lines)
