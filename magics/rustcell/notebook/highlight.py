"""Code in colours for a notebook, and as it is for everything else."""

from __future__ import annotations


def code_html(code: str, language: str) -> str:
    """Return the code as HTML with its colours in it; `language` is a name known to Pygments."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import get_lexer_by_name

    return str(highlight(code, get_lexer_by_name(language), HtmlFormatter(noclasses=True)))


def bundle(code: str, language: str) -> dict[str, str]:
    """Return the mime bundle of a piece of code."""
    return {"text/plain": code, "text/html": code_html(code, language)}
