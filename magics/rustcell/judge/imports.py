"""`import geometry` in a test: a stand-in for the answer's module, never the module itself."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from types import ModuleType

from rustcell.judge.borrowed import number_of
from rustcell.judge.side import Side


class AnswerImports(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the answer's modules on the other side.

    Parameters
    ----------
    folders, answers:
        Where the built modules lie, and the names of the kept Python answers.
    """

    def __init__(self, side: Side, folders: Sequence[str], answers: Sequence[str]) -> None:
        self._side = side
        self._names = {*answers, *(name for folder in folders for name in _modules_in(folder))}

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        del path, target
        top = fullname.partition(".")[0]
        if top in self._names:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        if top not in sys.stdlib_module_names and _was_built_by_a_cell(top):
            raise ModuleNotFoundError(f"No module named {top!r}", name=top)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        module: ModuleType = self._side.ask("import", spec.name)
        return module

    def exec_module(self, module: ModuleType) -> None:
        # The import system has written its own words over the original's.
        number = number_of(module)
        for name in ("__name__", "__doc__"):
            module.__dict__[name] = self._side.ask("get", number, name)
        for name in ("__path__", "__file__", "__package__"):
            module.__dict__.pop(name, None)


def _modules_in(folder: str) -> set[str]:
    suffixes = (".py", *importlib.machinery.EXTENSION_SUFFIXES)
    return {
        entry.name.partition(".")[0]
        for entry in Path(folder).iterdir()
        if entry.is_dir() or entry.name.endswith(suffixes)
    }


def _was_built_by_a_cell(name: str) -> bool:
    """Whether a Rust cell has installed this module, maybe from older code."""
    try:
        metadata.distribution(f"rustcell-{name}")
    except (metadata.PackageNotFoundError, ValueError):
        return False
    return True
