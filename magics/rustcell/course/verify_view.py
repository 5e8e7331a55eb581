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

    `show` may be called from several threads.
    """

    def __init__(self, tasks: Sequence[Task]) -> None:
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
    """Give a table whose `show` takes verdicts; on a terminal it stands there as it fills."""
    table = VerdictTable(tasks)
    if not console.is_terminal:
        yield table
        return
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
