"""Shows a run of chapters: live lines while it lasts, a table when it is done."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich import box
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from rustcell.course.execute import ChapterResult
from rustcell.course.run import Event


class _PlainLines:
    """One line a chapter as it begins and ends: for logs."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._begun: set[str] = set()

    def show(self, event: Event) -> None:
        if isinstance(event, ChapterResult):
            line = f"{event.chapter}: {event.verdict}, {event.seconds:.1f} s"
        elif event.chapter not in self._begun:
            self._begun.add(event.chapter)
            line = f"{event.chapter}: running, {event.cells} cells"
        else:
            return
        self._console.print(line, highlight=False, markup=False, soft_wrap=True)


class _LiveBars:
    """A bar for each running chapter under one for them all: for terminals."""

    def __init__(self, progress: Progress, chapters: int) -> None:
        self._progress = progress
        self._all = progress.add_task("chapters", total=chapters)
        self._running: dict[str, TaskID] = {}

    def show(self, event: Event) -> None:
        if isinstance(event, ChapterResult):
            task = self._running.pop(event.chapter, None)
            if task is not None:
                self._progress.remove_task(task)
            self._progress.console.print(_verdict_line(event))
            self._progress.advance(self._all)
            return
        if event.chapter not in self._running:
            self._running[event.chapter] = self._progress.add_task(event.chapter, total=event.cells)
        self._progress.update(self._running[event.chapter], completed=event.done)


def _verdict_line(result: ChapterResult) -> Text:
    colour = "green" if result.passed else "bold red"
    return Text.assemble(f"{result.chapter} ", (result.verdict, colour))


@contextmanager
def live_progress(console: Console, chapters: int) -> Iterator[_PlainLines | _LiveBars]:
    """Give something whose `show` takes the events of `run_chapters`."""
    if not console.is_terminal:
        yield _PlainLines(console)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        yield _LiveBars(progress, chapters)


def print_results(console: Console, results: Sequence[ChapterResult]) -> None:
    """Print the table, then what each failing chapter said."""
    table = Table(box=box.SIMPLE, pad_edge=False)
    for heading, side in (("chapter", "left"), ("cells", "right"), ("seconds", "right")):
        table.add_column(heading, justify=side, no_wrap=True)  # type: ignore[arg-type]
    table.add_column("result", overflow="fold")
    for result in results:
        verdict = Text(result.verdict, "green" if result.passed else "bold red")
        if result.failing_cell:
            verdict.append(f", cell {result.failing_cell}", "")
        cells = f"{result.done}/{result.cells}"
        table.add_row(result.chapter, cells, f"{result.seconds:.1f}", verdict)
    console.print(table)
    for result in results:
        if result.passed:
            continue
        where = f", cell {result.failing_cell}" if result.failing_cell else ""
        console.print(Text(f"{result.chapter}{where}: {result.error}", "bold"), soft_wrap=True)
        if result.text:
            console.print(Text(textwrap.indent(result.text, "    ")), soft_wrap=True)
        console.print()
