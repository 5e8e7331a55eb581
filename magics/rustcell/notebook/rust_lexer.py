"""Rust cells for Pygments: nbconvert and Sphinx colour them as what they hold.

Pygments finds the lexer by an entry point. That nbconvert asks for it is said in
`magics/prefix/share/jupyter/nbconvert/templates/conf.json`, which all its templates read. That
file names nothing of ours but the lexer: where rustcell cannot be imported an export still works.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_for_filename
from pygments.lexers.special import TextLexer
from pygments.token import Keyword, Operator, Text, _TokenType
from pygments.util import ClassNotFound

_HEADER = re.compile(r"(?P<above>\s*)%%(?P<magic>rust_\w+)(?P<line>[^\n]*)(?P<end>\n|$)")

Token = tuple[int, _TokenType, str]


class RustCellLexer(Lexer):  # type: ignore[misc]
    """A cell with one of the `%%rust_…` magics: its line, then the language of its body."""

    name = "Rust cell"
    url = "https://pyo3.rs"
    aliases = ("rustcell",)

    def __init__(self, **options: object) -> None:
        # The offsets of the tokens are those of the text as it is.
        super().__init__(**{"stripnl": False, **options})

    def get_tokens_unprocessed(self, text: str) -> Iterator[Token]:
        """Yield (offset, kind, text), as Pygments wants it."""
        found = _HEADER.match(text)
        if found is None:
            yield 0, Text, text
            return
        yield 0, Text, found["above"]
        yield found.start("magic") - 2, Operator, "%%"
        yield found.start("magic"), Keyword, found["magic"]
        yield found.start("line"), Text, found["line"] + found["end"]
        body = _lexer(found["magic"], found["line"])
        for offset, kind, value in body.get_tokens_unprocessed(text[found.end() :]):
            yield found.end() + offset, kind, value


def _lexer(magic: str, line: str) -> Lexer:
    """Return the lexer of a body: Rust's, or for `%%rust_file NAME PATH` that of the path."""
    words = line.split()
    path = "lib.rs" if magic != "rust_file" else words[1].strip("\"'") if len(words) > 1 else ""
    try:
        return get_lexer_for_filename(path)
    except ClassNotFound:
        return TextLexer()
