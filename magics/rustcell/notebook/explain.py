"""A line under an error that Python shows and Rust caused: what its words do not say."""

from __future__ import annotations

import contextlib
import dis
import re
import sys
from collections.abc import Callable, Iterator
from types import CodeType, FrameType, TracebackType
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from rustcell.errors import RustcellError
from rustcell.live.origins import Generation, members, origin_of
from rustcell.messages.hints import runtime_hint

# PyO3's words for a wrong argument (also those before 0.27) and Python's for a wrong `self`.
_NOT_OF_CLASS = re.compile(
    r"'(?:\w+\.)*(?P<given>\w+)' object (?:is not an instance of|cannot be converted to) "
    r"'(?:\w+\.)*(?P<wanted>\w+)'"
    r"|for '(?:\w+\.)*(?P<owner>\w+)' objects doesn't apply to a '(?:\w+\.)*(?P<other>\w+)' object"
)


class ErrorHints:
    """Adds hints to the tracebacks that a shell shows; errors themselves stay as they are.

    Parameters
    ----------
    shell :
        IPython lets subclasses override how it shows a traceback; here the instance does.
    generations :
        Returns the loaded builds, oldest first.
    """

    def __init__(
        self, shell: InteractiveShell, generations: Callable[[], list[Generation]]
    ) -> None:
        self._shell = shell
        self._generations = generations
        self._show = shell._showtraceback  # noqa: SLF001

    def install(self) -> None:
        """Add hints from now on."""
        vars(self._shell)["_showtraceback"] = self._with_hint

    def uninstall(self) -> None:
        """Let the shell show tracebacks as before, unless another extension took over."""
        if vars(self._shell).get("_showtraceback") == self._with_hint:
            del vars(self._shell)["_showtraceback"]

    def _with_hint(self, kind: type[BaseException], error: Any, lines: list[str]) -> None:
        hint = None
        if isinstance(error, BaseException) and not isinstance(error, RustcellError):
            # Whatever goes wrong here, the error itself must be shown.
            with contextlib.suppress(Exception):
                hint = explanation(error, self._generations())
        self._show(kind, error, [*lines, f"Hint: {hint}"] if hint else lines)


def explanation(error: BaseException, generations: list[Generation]) -> str | None:
    """Return a hint on `error`, None if it has nothing to do with a Rust cell.

    Parameters
    ----------
    generations :
        The loaded builds, oldest first.
    """
    kind = type(error)
    if kind is TypeError and (hint := two_classes(str(error), generations)):
        return hint
    hint = runtime_hint(kind.__name__, str(error))
    if hint is None or kind.__module__ == "pyo3_runtime":
        return hint
    return hint if _concerns_rust(error.__traceback__, generations) else None


def two_classes(message: str, generations: list[Generation]) -> str | None:
    """Explain why a Circle is no Circle: two builds, or two modules, have such a class."""
    match = _NOT_OF_CLASS.search(message)
    if match is None:
        return None
    name = match["given"] or match["owner"]
    if name != (match["wanted"] or match["other"]):
        return None
    homes = [
        f"{build.name}.{path}"
        for build, module in generations
        for path in {p for p, v in members(module) if isinstance(v, type) and v.__name__ == name}
    ]
    again = [home for home in homes if homes.count(home) > 1]
    if again:
        return (
            f"the object is of another build of `{again[-1].split('.')[0]}` than the function: "
            f"each build has its own class {name}. Make the object again, by `{again[-1]}`."
        )
    if len(homes) > 1:
        both = " and ".join(f"`{home}`" for home in homes[-2:])
        return f"{both} are two classes of one name: Rust code takes only the one it names."
    return None


def _concerns_rust(trace: TracebackType | None, generations: list[Generation]) -> bool:
    """Whether the expression that failed in Python names something out of a Rust cell."""
    if trace is None:
        return False
    while trace.tb_next is not None:
        trace = trace.tb_next
    frame = trace.tb_frame
    values = (_value(name, frame) for name in _names(frame.f_code, trace.tb_lasti))
    return any(value is not None and origin_of(value, generations) for value in values)


def _names(code: CodeType, position: int) -> Iterator[str]:
    """Yield the names within the expression whose instruction is at `position`."""
    instructions = list(dis.get_instructions(code))
    where = next((i.positions for i in instructions if i.offset == position), None)
    for instruction in instructions:
        # Newer Pythons load two variables by one instruction.
        named = instruction.argval
        for name in named if isinstance(named, tuple) else (named,):
            if isinstance(name, str) and _within(instruction.positions, where):
                yield name.partition(".")[0]


def _within(inner: dis.Positions | None, outer: dis.Positions | None) -> bool:
    if inner is None or outer is None or None in inner or None in outer:
        return True
    first, last, start, end = inner
    return (outer[0], outer[2]) <= (first, start) and (last, end) <= (outer[1], outer[3])


def _value(name: str, frame: FrameType) -> Any:
    for scope in (frame.f_locals, frame.f_globals, sys.modules):
        if name in scope:
            return scope[name]
    return None
