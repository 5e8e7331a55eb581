"""From rustc's diagnostics to a line or two of help in PyO3's terms.

rustc explains Rust; it cannot know that a name was renamed in PyO3, or that a value
was meant for Python. The rules are data, in `old_names` and `hint_rules`; here they are
only applied.
"""

from __future__ import annotations

import re
from string import Template
from typing import TYPE_CHECKING

from rustcell.messages.diagnostics import Diagnostic, source_lines
from rustcell.messages.hint_rules import MISTAKES, Rule
from rustcell.messages.old_names import OLD_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_MOST = 3
_NO_OTHERS: Mapping[str, str] = {}


def hints(
    diagnostics: Sequence[Diagnostic], source: str, others: Mapping[str, str] = _NO_OTHERS
) -> list[str]:
    """Return at most three different hints of one or two lines, errors first.

    Parameters
    ----------
    source:
        The text that was compiled, so that its line numbers are those of the spans.
    others:
        The texts of the crate's further cells, by what rustc calls them.
    """
    in_order = sorted(diagnostics, key=lambda diagnostic: diagnostic.level != "error")
    found = (
        text
        for diagnostic in in_order
        for text in _hints_for(diagnostic, _text_of(diagnostic, source, others))
    )
    return list(dict.fromkeys(found))[:_MOST]


def _text_of(diagnostic: Diagnostic, source: str, others: Mapping[str, str]) -> str:
    """Return the text in which the message's main place lies."""
    files = (span.file for span in diagnostic.spans if span.primary)
    return others.get(next(files, ""), source)


def runtime_hint(type_name: str, message: str) -> str | None:
    """Return a hint on an exception that Rust code raised in Python, if there is one.

    Parameters
    ----------
    type_name:
        The name of the exception's type, without its module.
    message:
        ``str`` of the exception.
    """
    for name, pattern, hint in _RUNTIME:
        if type_name == name and (match := re.search(pattern, message)):
            return _filled(hint, match.groupdict())
    return None


# Type of the exception, pattern of its text, hint.
_RUNTIME = (
    (
        "RuntimeError",
        r"^Already mutably borrowed$",
        (
            "A `&mut self` method of this object is still running, and the object is used again:\n"
            "as its own argument, by Python code that the method calls, or by another thread."
        ),
    ),
    (
        "RuntimeError",
        r"^Already borrowed$",
        (
            "A `&mut self` method needs the object alone, but a `&self` method of it is running:\n"
            "one that called this Python code, or one on another thread."
        ),
    ),
    (
        "PanicException",
        r"",
        (
            "The Rust code panicked. A PanicException is a BaseException: `except Exception` does\n"
            "not catch it. Return a `PyResult` with a `PyErr` for what can go wrong."
        ),
    ),
    (
        "OverflowError",
        (
            r"^out of range integral type conversion attempted$|int too (?:big|large) to convert"
            r"|can't convert negative int to unsigned"
        ),
        (
            "Python's number does not fit the Rust type (an `i32` ends at 2147483647, a `u8` at\n"
            "255, unsigned types start at 0): take a wider type, or the `num-bigint` feature."
        ),
    ),
    (
        "ImportError",
        r"dynamic module does not define module export function \(PyInit_(?P<name>\w+)\)",
        (
            "The #[pymodule] must have the name that is imported: call it `$name`, or write\n"
            '#[pymodule(name = "$name")].'
        ),
    ),
    (
        "TypeError",
        r"^Can't extract `str` to `Vec`$",
        "A str is no list of its characters: pass `list(text)`, or take a `String` in Rust.",
    ),
    (
        "TypeError",
        r"^cannot create '[\w.]+\.(?P<name>\w+)' instances$",
        "`$name` has no constructor: if it is yours, give its #[pymethods] a `#[new]` function.",
    ),
    (
        "ModuleNotFoundError",
        r"^No module named '(?P<name>[\w.]+)\.(?P<sub>\w+)'; '(?P=name)' is not a package$",
        (
            "If `$name` is a Rust module, write `from $name import $sub`: a submodule is an\n"
            "attribute, until #[pymodule_init] enters it in `sys.modules`."
        ),
    ),
)


def _hints_for(diagnostic: Diagnostic, source: str) -> Iterator[str]:
    # One import may name several old things; of the mistakes the first that fits is meant.
    old = [text for rule in OLD_NAMES if (text := applied(rule, diagnostic, source))]
    yield from old
    if not old:
        mistakes = (applied(rule, diagnostic, source) for rule in MISTAKES)
        yield from [text for text in mistakes if text][:1]


def applied(rule: Rule, diagnostic: Diagnostic, source: str) -> str | None:
    """Return the rule's hint with its words filled in, or None if the rule does not fit."""
    words: dict[str, str | None] = {}
    texts = (
        (rule.message, diagnostic.message),
        (rule.detail, _detail(diagnostic)),
        (rule.line, _line(diagnostic, source)),
    )
    for pattern, text in texts:
        if not (match := re.search(pattern, text)):
            return None
        words.update(match.groupdict())
    if rule.source and not re.search(_filled(rule.source, words), source):
        return None
    return _filled(rule.hint, words)


def _filled(text: str, words: dict[str, str | None]) -> str:
    return Template(text).safe_substitute({name: word or "" for name, word in words.items()})


def _detail(diagnostic: Diagnostic) -> str:
    labels = [span.label for span in diagnostic.spans]
    return "\n".join(labels + [child.message for child in diagnostic.children])


def _line(diagnostic: Diagnostic, source: str) -> str:
    lines = source_lines(source)
    for span in diagnostic.spans:
        if span.primary and span.in_cell and 1 <= span.line_start <= len(lines):
            return lines[span.line_start - 1]
    return ""
