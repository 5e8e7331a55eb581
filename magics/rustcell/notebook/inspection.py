"""`?` and `??` of what was built from a Rust cell: its signature, its docs, its Rust source.

IPython's own hook for this, `Inspector.mime_hooks`, serves the two operators, `%pinfo` and a
front end's requests (JupyterLab's Shift-Tab and contextual help) alike.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

from IPython.core.oinspect import Inspector, InspectorHookData
from IPython.utils import PyColorize

from rustcell.live.origins import Generation, RustSource, find_source, origin_of, source_of
from rustcell.notebook.highlight import code_html

Fields = list[tuple[str, str]]
"""Titles and texts, as IPython lists them."""


class RustHelp:
    """Tells an inspector of IPython what it cannot know about objects from Rust cells.

    Parameters
    ----------
    inspector :
        The shell's.
    generations :
        Returns the loaded builds, oldest first.
    """

    def __init__(self, inspector: Inspector, generations: Callable[[], list[Generation]]) -> None:
        self._inspector = inspector
        self._generations = generations
        self._hooks = {"text/plain": self._plain, "text/html": self._html}

    def install(self) -> None:
        """Answer for objects from Rust cells from now on."""
        self._inspector.mime_hooks = {**self._inspector.mime_hooks, **self._hooks}

    def uninstall(self) -> None:
        """Leave all answers to IPython again."""
        self._inspector.mime_hooks = {
            mime: hook
            for mime, hook in self._inspector.mime_hooks.items()
            if hook != self._hooks.get(mime)
        }

    def _plain(self, data: InspectorHookData) -> Fields | None:
        return self._fields(data, self._terminal_code, lambda text: text)

    def _html(self, data: InspectorHookData) -> Fields | None:
        return self._fields(data, code_html, lambda text: f"<pre>{html.escape(text)}</pre>")

    def _terminal_code(self, code: str, language: str) -> str:
        from pygments.lexers import get_lexer_by_name

        theme = PyColorize.theme_table[self._inspector._theme_name]  # noqa: SLF001
        return theme.format(get_lexer_by_name(language).get_tokens(code)).rstrip("\n")

    def _fields(
        self,
        data: InspectorHookData,
        code: Callable[[str, str], str],
        words: Callable[[str], str],
    ) -> Fields | None:
        """Return IPython's fields, with the cell for the file, None for other objects."""
        origin = origin_of(data.obj, self._generations())
        found = find_source(origin) if origin else None
        if found is None:
            return None
        info: dict[str, Any] = dict(data.info_dict)
        fields: Fields = []

        def append(title: str, key: str, show: Callable[[str], str] = words) -> None:
            if info.get(key) and not {title, key} & set(data.omit_sections):
                fields.append((title, show(info[key])))

        def python(text: str) -> str:
            return code(text, "python")

        def rust(text: str) -> str:
            return code(text, "rust")

        append("Signature", "definition", python)
        append("Init signature", "init_definition", python)
        if data.detail_level:
            info["source"] = found.text
            append("Source", "source", rust)
        else:
            append("Docstring", "docstring")
        info["file"] = found.place
        append("Cell", "file")
        append("Type", "type_name")
        return fields


__all__ = ["RustHelp", "RustSource", "source_of"]
