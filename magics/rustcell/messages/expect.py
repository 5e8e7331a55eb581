"""What the compiler said against what the cell expects, and the error when they differ."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rustcell.crates.crate import CrateSpec
from rustcell.crates.options import ANY, CellOptions
from rustcell.errors import BuildError, plain_text
from rustcell.messages import diagnostics
from rustcell.messages.diagnostics import Diagnostic
from rustcell.messages.hints import hints

_CODE = re.compile(r"[A-Z]\d{4}|[a-z][a-z_:]+")
"""An error code or the name of a lint; all other expectations are text."""


@dataclass(frozen=True)
class Verdict:
    """`missing`: expectations that nothing met; `surplus`: messages nobody expected."""

    missing: tuple[str, ...]
    surplus: tuple[Diagnostic, ...]


def judge(expected: Sequence[str], came: Sequence[Diagnostic]) -> Verdict:
    """Compare expectations (codes, lint names, pieces of text or `ANY`) with messages."""
    missing = tuple(e for e in expected if not any(meets(d, e) for d in came))
    surplus = tuple(d for d in came if not any(meets(d, e) for e in expected))
    return Verdict(missing, surplus)


def meets(diagnostic: Diagnostic, expectation: str) -> bool:
    """Tell whether a message has this code or contains this text."""
    return expectation in (ANY, diagnostic.code) or expectation in plain_text(diagnostic.rendered)


def names(messages: Sequence[Diagnostic]) -> str:
    """Return the codes of messages, or their first words where there is no code."""
    return ", ".join(dict.fromkeys(d.code or f'"{d.message}"' for d in messages)) or "none"


def wanted(expected: Sequence[str], kind: str) -> str:
    """Return the expectations in words; `kind` is "error" or "warning"."""
    return ", ".join(
        f"any {kind}" if e == ANY else e if _CODE.fullmatch(e) else f'"{e}"' for e in expected
    )


def check(
    options: CellOptions,
    spec: CrateSpec,
    messages: tuple[Diagnostic, ...],
    *,
    failed: bool,
) -> None:
    """Compare what the compiler said with what the cell expects.

    Raises
    ------
    BuildError
        When code does not compile and no lesson expects it, or when a lesson's
        expectation is not met.
    """
    errors = tuple(d for d in messages if d.level == "error")
    if failed and not options.expected_errors:
        raise _compile_error(options, spec, messages)
    if not failed and options.expected_errors:
        raise BuildError(
            f"{spec.name} compiles, but the cell expects "
            f"{wanted(options.expected_errors, 'error')}",
            "Put the mistake back, or leave --expect-error out.",
            plain=options.plain,
        )
    expected = options.expected_errors or options.expected_warnings
    came = errors if failed else tuple(d for d in messages if d.level == "warning")
    verdict = judge(expected, came)
    if verdict.missing or (options.expect_only and verdict.surplus):
        kind = "error" if failed else "warning"
        raise BuildError(
            f"{spec.name}: expected {wanted(expected, kind)}; came {names(came)}",
            "Correct the expectation after --expect-…, or the code.",
            details=_said(options, spec, messages),
            plain=options.plain,
        )


def _compile_error(
    options: CellOptions, spec: CrateSpec, messages: tuple[Diagnostic, ...]
) -> BuildError:
    """Return the error of code that does not compile: rustc's words, our hints, sure mends."""
    errors = tuple(d for d in messages if d.level == "error")
    parts = [_said(options, spec, messages).rstrip()]
    parts += [f"Hint: {hint}" for hint in hints(messages, spec.source(), spec.texts())]
    for label, text in spec.texts().items():
        mended = diagnostics.diff(text, errors, label)
        if mended:
            parts.append(f"The change that rustc is sure of:\n{mended.rstrip()}")
    return BuildError(
        f"{spec.name} does not compile: {diagnostics.summary(errors)}",
        details="\n".join(parts),
        plain=options.plain,
    )


def _said(options: CellOptions, spec: CrateSpec, messages: tuple[Diagnostic, ...]) -> str:
    """Return the compiler's text for a person."""
    return diagnostics.render(messages, plain=options.plain, cell_name=spec.label)
