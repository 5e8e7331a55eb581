"""The command line: it parses and dispatches. Exit status 0 fine, 1 failures, 2 wrong use.

The commands of the course stand in `cli_course.py`, the students' in `cli_student.py`, the
authors' in `cli_dev.py`; what they share in `cli_shared.py`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from rustcell import __version__
from rustcell.cli import course as cli_course
from rustcell.cli import dev as cli_dev
from rustcell.cli import student as cli_student
from rustcell.errors import RustcellError


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


for command in (
    cli_course.run,
    cli_course.check,
    cli_student.start,
    cli_student.update,
    cli_student.progress,
    cli_dev.dev,
):
    main.add_command(command)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(*, as_json: bool) -> None:
    """Check Python, environment, Rust, linker, maturin, uv and cache: a line and a mend each."""
    from rustcell.cli.doctor import examine, print_reports

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

    from rustcell.building import dependencies
    from rustcell.cli import warm
    from rustcell.course.chapters import find_chapters
    from rustcell.course.notebook import rust_cells

    paths = find_chapters(chapters, Path.cwd()) if course or chapters else []
    wanted = warm.different([warm.DEFAULT, *(tuple(rust_cells(path)) for path in paths)])
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
    from rustcell.building import cache
    from rustcell.live.installed import installed, uninstall

    root = cache.cache_root()
    if modules:
        names = uninstall([found.name for found in installed()], root)
        click.echo(f"Uninstalled: {', '.join(names) or 'nothing, no module was installed'}.")
    if empty_cache:
        freed = cache.prune(root, 0)
        click.echo(f"Freed {freed / 1e6:.0f} MB; what live kernels use stays.")
