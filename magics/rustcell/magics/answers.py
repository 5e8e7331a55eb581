"""What a kernel remembers of the cells that may be answers to exercises."""

from __future__ import annotations

import re
from pathlib import Path

from rustcell.errors import CourseError, OptionsError

_CELL_MAGIC = re.compile(r"%%(rust_\w+|answer)\b[ \t]*([^\n]*)")
_ANSWER_LINE = re.compile(r"%%answer\b[ \t]*([^\n?]*)\n?")
_COPIES = 1000


class AnswerCells:
    """The answer cells that ran: their last text, and the Python answers for the judge.

    A kernel is not told which cell it runs: a cell is known by its magic and what follows it.
    """

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        """Python answers by the exercise's ID, as `rustcell.judge.examine` takes them."""
        self._now = ""
        self._last: dict[tuple[str, ...], str] = {}
        self._failed: set[tuple[str, ...]] = set()

    def note(self, cell: str) -> None:
        """Remember a cell that is about to run."""
        self._now = cell
        key = _key(cell)
        if key:
            self._last[key] = cell
            # Until it has ended well: an interrupt may come before IPython tells of the end.
            self._failed.add(key)

    def ended_well(self) -> None:
        """Remember that the running cell raised nothing."""
        self._failed.discard(_key(self._now))

    def keep(self, exercise: str) -> None:
        """Keep the running cell as the Python answer to an exercise.

        Raises
        ------
        OptionsError
            If the cell has no `%%answer` line.
        """
        above, magic, body = self._now.partition("%%answer")
        if not magic:
            raise OptionsError(
                "%answer keeps a whole cell", f"Write %%answer {exercise} in the cell's first line."
            )
        # As many lines as the cell has, so that errors name the cell's own.
        self.kept[exercise] = "\n" * (above.count("\n") + 1) + body.partition("\n")[2]

    def last_like(self, starter: str) -> str:
        """Return the text that ran last in the place of an answer's first text; "" if none did."""
        return self._last.get(_key(starter), "")

    def failed_like(self, starter: str) -> bool:
        """Return whether the cell in the place of an answer's first text failed when it last ran.

        What it built before is still there, and would be judged in its place.
        """
        return _key(starter) in self._failed


def answer_as_it_is(lines: list[str]) -> list[str]:
    """Let a cell below `%%answer ID` run as any other (an input transformer of IPython).

    Its first line becomes a call, so the lines keep their numbers.
    """
    found = _ANSWER_LINE.fullmatch(lines[0]) if lines else None
    if found is None or len(lines) == 1:
        return lines
    return [f"get_ipython().run_line_magic('answer', {found[1].strip()!r})\n", *lines[1:]]


def check_with_a_body(lines: list[str]) -> list[str]:
    """Give a `%%check` line alone an empty body, which means the course's own tests."""
    alone = len(lines) == 1 and re.match(r"%%check\b", lines[0]) and "?" not in lines[0]
    return [lines[0].rstrip("\n") + "\n", "\n"] if alone else lines


def keep_copy(name: str, texts: list[str]) -> Path:
    """Write the texts beside the notebook under a name that nothing has yet, and return it.

    Raises
    ------
    CourseError
        If the disk refuses.
    """
    for number in range(1, _COPIES):
        path = Path(f"{name}_answer_{number}.txt")
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write("\n\n".join(text.strip() for text in texts) + "\n")
        except FileExistsError:
            continue
        except OSError as error:
            raise CourseError(
                f"Your answer to {name} cannot be kept: {error.strerror}.",
                "Copy the cell by hand before you change it.",
            ) from error
        return path
    raise CourseError(
        f"There are {_COPIES - 1} kept answers to {name} here already.",
        f"Remove some of the files {name}_answer_….txt.",
    )


def _key(cell: str) -> tuple[str, ...]:
    """Return what tells an answer cell from others: its magic and the words before options."""
    found = _CELL_MAGIC.match(cell.lstrip())
    if not found:
        return ()
    words = [word for word in found[2].split() if not word.startswith("-")]
    return (found[1], *words[:2])
