"""The course half: re-executes, compares and keeps the chapters.

It never imports the cell half or IPython: a chapter reaches the magics through its kernel only.
"""

from __future__ import annotations

import contextlib
import sys


def _import_jsonschema_quickly() -> None:
    """Import what nbformat needs without the grammar of internationalized addresses.

    jsonschema takes rfc3987_syntax when it is there (JupyterLab brings it), and that spends two
    seconds building a parser, in each worker. No notebook schema checks such an address.
    """
    optional = "rfc3987_syntax"
    if optional in sys.modules or "jsonschema" in sys.modules:
        return
    sys.modules[optional] = None  # type: ignore[assignment]
    try:
        with contextlib.suppress(ImportError):
            import jsonschema  # noqa: F401
    finally:
        del sys.modules[optional]


_import_jsonschema_quickly()
