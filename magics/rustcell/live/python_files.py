"""Python files of a build under the names of the cells that gave them.

Their path in the cache tells a reader of a traceback nothing, the cell and its line do. Only this
kernel names them so; children import the same files by the usual way.
"""

from __future__ import annotations

import linecache
import sys
from collections.abc import Mapping
from importlib.machinery import (
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    SourceFileLoader,
)
from pathlib import Path
from types import CodeType

_folders: set[Path] = set()
_labels: dict[str, str] = {}


def show_as(folder: Path, labels: Mapping[Path, str]) -> None:
    """Let tracebacks name Python files in `folder`, not imported yet, by their labels."""
    if not labels:
        return
    if _finder not in sys.path_hooks:
        sys.path_hooks.insert(0, _finder)
    _folders.add(folder)
    _labels.update({str(path): label for path, label in labels.items()})


class _Loader(SourceFileLoader):
    """Compiles a file under its label, and shows its lines to all who print tracebacks."""

    def get_code(self, fullname: str) -> CodeType | None:
        # Never from bytecode, which would name the path.
        label = _labels.get(self.path)
        if label is None:
            return super().get_code(fullname)
        data = self.get_data(self.path)
        lines = data.decode("utf-8").splitlines(keepends=True)
        linecache.cache[label] = (len(data), None, lines, label)
        code: CodeType = self.source_to_code(data, label)
        return code


def _finder(folder: str) -> FileFinder:
    """Answer for folders with labelled files (a hook of `sys.path_hooks`)."""
    if not _folders.intersection((Path(folder), *Path(folder).parents)):
        raise ImportError(folder)
    return FileFinder(folder, (ExtensionFileLoader, EXTENSION_SUFFIXES), (_Loader, SOURCE_SUFFIXES))
