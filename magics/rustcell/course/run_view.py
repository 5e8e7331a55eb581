"""Shows a run of chapters: live lines while it lasts, a table when it is done."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich import box
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from rustcell.course.execute import ChapterResult
from rustcell.course.run import Event
from rustcell.course.run_report import headline


class _PlainLines:
    """One line a chapter as it begins and ends: for logs."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._begun: set[str] = set()

    def show(self, event: Event) -> None:
        if isinstance(event, ChapterResult):
            line = f"{event.chapter}: {_verdict(event)}, {event.seconds:.1f} s"
        elif event.chapter not in self._begun:
            self._begun.add(event.chapter)
            line = f"{event.chapter}: running, {event.cells} cells"
        else:
            return
        self._console.print(line, highlight=False, markup=False, soft_wrap=True)


class _LiveBars:
    """A bar for each running chapter under one for all cells of all chapters: for terminals."""

    def __init__(self, progress: Progress, cells: Mapping[str, int]) -> None:
        self._progress = progress
        self._left = dict(cells)
        self._all = progress.add_task(
            "all chapters", total=sum(cells.values()), where="", shows_time_left=True
        )
        self._finished = 0
        self._running: dict[str, tuple[TaskID, int]] = {}

    def show(self, event: Event) -> None:
        if isinstance(event, ChapterResult):
            self._end(event)
        else:
            where = f"cell {event.done + 1} of {event.cells}"
            if event.chapter not in self._running:
                task = self._progress.add_task(event.chapter, total=event.cells, where=where)
            else:
                task = self._running[event.chapter][0]
            self._running[event.chapter] = (task, event.done)
            self._progress.update(task, completed=event.done, where=where)
        under_way = sum(done for _, done in self._running.values())
        self._progress.update(self._all, completed=self._finished + under_way)

    def _end(self, result: ChapterResult) -> None:
        cells = self._left.pop(result.chapter, 0)
        if result.chapter in self._running:
            self._progress.remove_task(self._running.pop(result.chapter)[0])
        if result.earlier:
            # It took no time, and would make what is left look short.
            total = self._finished + sum(self._left.values())
            self._progress.update(self._all, total=total)
        else:
            self._finished += cells
        self._progress.console.print(_verdict_line(result))


class _TimeLeft(TimeRemainingColumn):
    """The time left of the whole; a chapter alone is done too soon to say."""

    def render(self, task: Task) -> Text:
        if not task.fields.get("shows_time_left"):
            return Text("")
        return Text.assemble(super().render(task), " left")


def _verdict(result: ChapterResult) -> str:
    return f"{result.verdict}, earlier" if result.earlier else result.verdict


def _verdict_line(result: ChapterResult) -> Text:
    line = Text.assemble(f"{result.chapter} ", (_verdict(result), _colour(result)))
    return line if result.passed else line.append(f", {headline(result)}")


def _colour(result: ChapterResult) -> str:
    return "green" if result.passed else "bold red"


@contextmanager
def live_progress(console: Console, cells: Mapping[str, int]) -> Iterator[_PlainLines | _LiveBars]:
    """Give something whose `show` takes the events of a run.

    Parameters
    ----------
    console:
        Where it is shown: with bars if it is a terminal.
    cells:
        The number of code cells of each chapter.
    """
    if not console.is_terminal:
        yield _PlainLines(console)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[where]}"),
        TimeElapsedColumn(),
        _TimeLeft(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        yield _LiveBars(progress, cells)


def print_results(console: Console, results: Sequence[ChapterResult]) -> None:
    """Print the table, then what each failing chapter said."""
    table = Table(box=box.SIMPLE, pad_edge=False)
    for heading, side in (("chapter", "left"), ("cells", "right"), ("seconds", "right")):
        table.add_column(heading, justify=side, no_wrap=True)  # type: ignore[arg-type]
    table.add_column("result", overflow="fold")
    for result in results:
        verdict = Text(_verdict(result), _colour(result))
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
