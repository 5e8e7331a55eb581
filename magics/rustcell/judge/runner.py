"""The process in which the answer lives: `python -m rustcell.judge.runner`.

It speaks over the pipes that it was started with as standard input and output, and gives the
answer files in their place. There is nothing of the tests in it but the values of a call.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import queue
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from rustcell.judge.loans import Loans, everything
from rustcell.judge.side import Message, Side
from rustcell.notebook.native import Flusher, native_hooks


class Answers(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Imports each kept Python answer as a module named as its exercise."""

    def __init__(self) -> None:
        self.sources: dict[str, str] = {}

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        del path, target
        if fullname not in self.sources:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, origin=f"%%answer {fullname}")

    def get_source(self, fullname: str) -> str:
        return self.sources[fullname]

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        exec(compile(self.sources[name], f"%%answer {name}", "exec"), module.__dict__)  # noqa: S102


class Runner:
    """What the judge may ask for."""

    def __init__(self) -> None:
        self._answers = Answers()
        self._flusher = Flusher()
        sys.meta_path.insert(0, self._answers)
        self.verbs: dict[str, Callable[..., Any]] = {
            "prepare": self.prepare,
            "import": self.load,
            "run": self.run,
        }

    def prepare(self, folders: Sequence[str], answers: Mapping[str, str]) -> None:
        """Make the answer importable."""
        sys.path[:0] = folders
        self._answers.sources.update(answers)
        suffixes = tuple(importlib.machinery.EXTENSION_SUFFIXES)
        for folder in folders:
            for file in sorted(Path(folder).rglob("*")):
                hooks = native_hooks(file) if file.name.endswith(suffixes) else None
                if hooks is not None:
                    # Panics are then printed without the number of their thread.
                    hooks.panic_hook(backtrace=False)
                    self._flusher.add(str(file), hooks)

    def load(self, name: str) -> ModuleType:
        """Import one of the answer's modules."""
        return importlib.import_module(name)

    def run(self, code: str, names: Mapping[str, Any]) -> Any:
        """Execute Python text and return the value of its last line if that is an expression."""
        space: dict[str, Any] = {"__name__": "__student__", **names}
        tree = ast.parse(code, "student.run")
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "student.run", "exec"), space)  # noqa: S102
        if not isinstance(last, ast.Expr):
            return None
        return eval(compile(ast.Expression(last.value), "student.run", "eval"), space)  # noqa: S307

    def flush(self) -> None:
        """Write out all that Python and Rust hold back of what was printed."""
        for stream in (sys.stdout, sys.stderr):
            # An answer may have put anything in their place.
            with contextlib.suppress(Exception):
                stream.flush()
        self._flusher.flush(everything=True)


def main() -> NoReturn:
    """Answer the judge's questions until it closes the channel."""
    reader, writer = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    _give_files_to_the_answer(Path(sys.argv[1]), Path(sys.argv[2]))
    runner = Runner()
    questions: queue.SimpleQueue[Message] = queue.SimpleQueue()

    def take(message: Message | None) -> None:
        if message is None:
            # The judge has gone; the answer may be in a call that never ends.
            os._exit(0)
        questions.put(message)

    side = Side(reader, writer, Loans(everything, secrets=False), take, runner.verbs)
    while True:
        side.serve(questions.get(), at_end=runner.flush)


def _give_files_to_the_answer(stdout: Path, stderr: Path) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    for descriptor, path in ((1, stdout), (2, stderr)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(file, descriptor)
        os.close(file)
    os.close(nothing)
    # Text goes on at once, so that it stands in order with what Rust prints.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]


if __name__ == "__main__":
    main()
