"""The command line: it parses and dispatches. Exit status 0 fine, 1 failures, 2 wrong use."""

from __future__ import annotations

import ast
import contextlib
import json
import os
import signal
import sys
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from rustcell import __version__
from rustcell.errors import CourseError, RustcellError

if TYPE_CHECKING:
    from rustcell.course.execute import ChapterResult


class _Commands(click.Group):
    """The commands; a refusal of ours is told in its own words and ends with status 2."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except RustcellError as error:
            click.echo(f"rustcell: {error.message}", err=True)
            for line in error.mend.splitlines():
                click.echo(f"    {line.strip()}", err=True)
            ctx.exit(2)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, package_name="rustcell", message="%(prog)s %(version)s")
def main() -> None:
    """Rust cells in Jupyter, and the course built on them."""


_workers = click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    default=lambda: min(4, os.cpu_count() or 1),
    show_default="the number of cores, at most 4",
    help="Chapters at a time.",
)
_cell_timeout = click.option(
    "--cell-timeout",
    type=click.IntRange(min=1),
    default=300,
    show_default=True,
    metavar="SECONDS",
    help="How long one cell may take.",
)


@main.command()
@click.argument("chapters", nargs=-1)
@_workers
@click.option(
    "-p",
    "--parameter",
    "parameters",
    nargs=2,
    multiple=True,
    metavar="NAME VALUE",
    help="A value for the chapters' cell tagged 'parameters'. Repeatable.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the executed notebooks in this folder.",
)
@click.option("--write", is_flag=True, help="Store the new outputs in the chapters that passed.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@_cell_timeout
def run(
    chapters: tuple[str, ...],
    jobs: int,
    parameters: tuple[tuple[str, str], ...],
    out: Path | None,
    write: bool,
    as_json: bool,
    cell_timeout: int,
) -> None:
    """Re-execute CHAPTERS (all, if none is named) with papermill and print a result table.

    A chapter is named by its number (02), its name or its path. An error output is a failure
    unless its cell is tagged raises-exception, and there it is demanded.
    """
    from rich.console import Console

    from rustcell.course.execute import Job
    from rustcell.course.notebook import find_chapters, read, save
    from rustcell.course.run import run_chapters
    from rustcell.course.run_view import live_progress, print_results

    if write and parameters:
        raise click.UsageError("--write stores a chapter as it is: leave out -p.")
    paths = find_chapters(chapters, Path.cwd())
    values = _parameter_values(parameters, paths)
    with contextlib.ExitStack() as stack:
        folder = out or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="rustcell-run-"))
        )
        folder.mkdir(parents=True, exist_ok=True)
        environment = stack.enter_context(_owned("run"))
        work = [
            Job(path, _copy_of(path, folder, paths), values, environment, cell_timeout)
            for path in paths
        ]
        with live_progress(Console(stderr=True), len(work)) as view:
            results = run_chapters(work, jobs, view.show)
        changed = []
        if write:
            done = zip(work, results, strict=True)
            passed = [job for job, result in done if result.passed]
            changed = [job.path.name for job in passed if save(read(job.out), job.path)]
    if as_json:
        click.echo(json.dumps([result.to_json() for result in results], indent=2))
    else:
        print_results(Console(), results)
        if write:
            click.echo(f"Stored new outputs: {', '.join(changed) or 'none, nothing changed'}.")
    _exit_by(results)


def _exit_by(results: Sequence[ChapterResult]) -> NoReturn:
    sys.exit(0 if all(result.passed for result in results) else 1)


def _copy_of(path: Path, folder: Path, paths: Sequence[Path]) -> Path:
    if [other.name for other in paths].count(path.name) > 1:
        raise CourseError(
            f"Two of the notebooks are called {path.name}.", "Run them one after the other."
        )
    copy = folder.resolve() / path.name
    if copy == path:
        raise CourseError(
            f"--out {folder} is where {path.name} itself lies.",
            "Name another folder, or use --write to store new outputs in the chapters.",
        )
    return copy


def _parameter_values(
    parameters: tuple[tuple[str, str], ...], paths: Sequence[Path]
) -> dict[str, object]:
    from rustcell.course.execute import declared_parameters

    if not parameters:
        return {}
    declared = set().union(*(declared_parameters(path) for path in paths))
    values: dict[str, object] = {}
    for name, text in parameters:
        if name not in declared:
            known = ", ".join(sorted(declared)) or "none"
            raise CourseError(
                f"No chosen chapter has a parameter {name!r}; they have: {known}.",
                "A parameter is a variable set in a cell tagged 'parameters'.",
            )
        try:
            values[name] = ast.literal_eval(text)
        except (ValueError, SyntaxError):
            values[name] = text  # a bare word is a string
    return values


@contextlib.contextmanager
def _owned(what: str) -> Iterator[dict[str, str]]:
    """Give the kernels an owner's name; at the end remove what was installed under it."""
    from rustcell.cache import cache_root
    from rustcell.installed import remove_owned

    owner = f"{what}-{uuid.uuid4()}"
    # A plain kill would leave kernels running and modules installed: end as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        yield {"RUSTCELL_OWNER": owner, "RUSTCELL_PROGRESS": "off"}
    finally:
        remove_owned(owner, cache_root())


@main.command()
@click.argument("paths", nargs=-1)
@_workers
@_cell_timeout
def check(paths: tuple[str, ...], jobs: int, cell_timeout: int) -> None:
    """Run the notebooks at PATHS (all chapters, if none is named) and compare every output.

    Strict nbval: a cell whose output differs from the stored one fails, unless it is tagged
    nbval-ignore-output.
    """
    from rustcell.course.check import check_chapters
    from rustcell.course.notebook import find_chapters

    notebooks = find_chapters(paths, Path.cwd())
    with _owned("check") as environment:
        status = check_chapters(notebooks, jobs, cell_timeout, environment)
    sys.exit(status)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(*, as_json: bool) -> None:
    """Check Python, environment, Rust, linker, maturin, uv and cache: a line and a mend each."""
    from rustcell.doctor import examine, print_reports

    if as_json:
        reports = list(examine())
        click.echo(json.dumps([report.to_json() for report in reports], indent=2))
        sys.exit(0 if all(report.ok for report in reports) else 1)
    sys.exit(0 if print_reports(click.echo) else 1)


@main.command()
@click.option("--course", is_flag=True, help="Also all that the chapters' cells need.")
@click.argument("chapters", nargs=-1)
def warm(chapters: tuple[str, ...], *, course: bool) -> None:
    """Build the dependencies once, so that the first cell is quick, also without network."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from rustcell import dependencies, warm
    from rustcell.course.notebook import find_chapters, magic_lines
    from rustcell.options import CellOptions

    paths = find_chapters(chapters, Path.cwd()) if course or chapters else []
    lines = [line for path in paths for line in magic_lines(path, "rust_module")]
    wanted = [CellOptions(), *warm.cell_options(lines)]
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("looking at the tools", total=None)

        def show(step: dependencies.Progress) -> None:
            bar.update(task, description=step.doing, completed=step.done, total=step.total or None)

        for ready in warm.warm(wanted, show):
            state = f"built in {ready.seconds / 60:.1f} min" if ready.built else "was there already"
            console.print(f"{ready.what}: {state}, {ready.megabytes:.0f} MB", highlight=False)


@main.command()
@click.option("--modules/--no-modules", default=True, help="Uninstall the modules of cells.")
@click.option("--cache/--no-cache", "empty_cache", default=False, help="Empty the cache folder.")
def clean(*, modules: bool, empty_cache: bool) -> None:
    """Uninstall what Rust cells installed here; with --cache also remove all finished builds."""
    from rustcell import cache
    from rustcell.installed import installed, uninstall

    root = cache.cache_root()
    if modules:
        names = uninstall([found.name for found in installed()], root)
        click.echo(f"Uninstalled: {', '.join(names) or 'nothing, no module was installed'}.")
    if empty_cache:
        freed = cache.prune(root, 0)
        click.echo(f"Freed {freed / 1e6:.0f} MB; what live kernels use stays.")
