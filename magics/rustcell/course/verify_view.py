"""Shows the verifying of exercises: a table that fills, and what is wrong when it is full."""

from __future__ import annotations

import textwrap
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import get_args

from rich import box
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from rustcell.course.attempts import Kind
from rustcell.course.verify import Task, Verdict

_KINDS: tuple[Kind, ...] = get_args(Kind)


class VerdictTable:
    """A row for each exercise; its cells count the attempts that went as they must.

    `show` may be called from several threads. With `lines`, each exercise is told there in a line
    when it is done.
    """

    def __init__(self, tasks: Sequence[Task], lines: Console | None = None) -> None:
        self._lines = lines
        self._rows = [
            (task.chapter, exercise.id, Counter(attempt.kind for attempt in tried))
            for task in tasks
            for exercise, tried in task.work
        ]
        self._good: Counter[tuple[str, Kind]] = Counter()
        self._bad: Counter[tuple[str, Kind]] = Counter()
        self._lock = threading.Lock()

    def show(self, verdict: Verdict) -> None:
        with self._lock:
            counts = self._good if verdict.ok else self._bad
            counts[verdict.exercise, verdict.kind] += 1
            if self._lines is not None and self._done(verdict):
                self._lines.print(self._line(verdict.exercise), highlight=False)

    def _done(self, last: Verdict) -> bool:
        """Return whether the exercise of this verdict gets no other."""
        (total,) = (totals.total() for _, name, totals in self._rows if name == last.exercise)
        refused = last.kind == "solution" and not last.ok
        return refused or sum(self._judged(last.exercise)) == total

    def _judged(self, exercise: str) -> tuple[int, int]:
        """Return how many of its attempts went as they must, and how many did not."""
        good, bad = (
            sum(count for (name, _), count in counts.items() if name == exercise)
            for counts in (self._good, self._bad)
        )
        return good, bad

    def _line(self, exercise: str) -> str:
        good, bad = self._judged(exercise)
        return f"{exercise}: {good} attempts as they must be" + (f", {bad} not" if bad else "")

    def __rich__(self) -> Table:
        table = Table(box=box.SIMPLE, pad_edge=False)
        table.add_column("chapter", no_wrap=True)
        table.add_column("exercise", no_wrap=True)
        for kind in _KINDS:
            table.add_column(kind, justify="right", no_wrap=True)
        with self._lock:
            for chapter, exercise, totals in self._rows:
                cells = [self._cell(exercise, kind, totals[kind]) for kind in _KINDS]
                table.add_row(chapter, exercise, *cells)
        return table

    def _cell(self, exercise: str, kind: Kind, total: int) -> Text:
        good, bad = self._good[exercise, kind], self._bad[exercise, kind]
        if bad:
            return Text(f"{bad} wrong", "bold red")
        return Text(f"{good}/{total}", "green" if good == total else "")


@contextmanager
def live_table(console: Console, tasks: Sequence[Task]) -> Iterator[VerdictTable]:
    """Give a table whose `show` takes verdicts.

    On a terminal it stands there as it fills; elsewhere a line tells of each exercise.
    """
    if not console.is_terminal:
        yield VerdictTable(tasks, console)
        return
    table = VerdictTable(tasks)
    with Live(table, console=console, transient=True):
        yield table


def print_verdicts(console: Console, table: VerdictTable, verdicts: Sequence[Verdict]) -> None:
    """Print the full table, then each attempt that did not go as it must, and why."""
    console.print(table)
    for verdict in verdicts:
        if verdict.ok:
            continue
        what = f"{verdict.chapter}, {verdict.exercise}, {verdict.kind} {verdict.attempt!r}"
        console.print(Text(f"{what}: {verdict.problem}", "bold"), soft_wrap=True)
        if verdict.details:
            console.print(Text(textwrap.indent(verdict.details, "    ")), soft_wrap=True)
    wrong = sum(not verdict.ok for verdict in verdicts)
    console.print(
        f"{len(verdicts)} attempts, {wrong or 'none'} otherwise than it must be.", highlight=False
    )
