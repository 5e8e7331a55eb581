"""`rustcell dev`: the commands of the course's authors."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from rustcell.cli import maintain as cli_maintain
from rustcell.cli.shared import (
    cell_timeout_option,
    course_here,
    jobs_option,
    json_option,
    owned_kernels,
)


@click.group()
def dev() -> None:
    """Write, check and release the course."""


for command in (
    cli_maintain.lint,
    cli_maintain.nav,
    cli_maintain.new,
    cli_maintain.coverage,
    cli_maintain.bump,
):
    dev.add_command(command)


@dev.command()
@click.argument("chapters", nargs=-1)
@click.option("--check", is_flag=True, help="Write nothing; fail if a file is out of step.")
@click.option(
    "--class",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write the course for a class into DIR: no solutions, hidden tests or explanations.",
)
def release(chapters: tuple[str, ...], folder: Path | None, *, check: bool) -> None:
    """Make the notebooks in exercises/ from their sources in exercises/solutions/.

    Those of CHAPTERS; all, if none is named.
    """
    from rustcell.course.editions import for_class, self_study

    if folder and chapters:
        raise click.UsageError("--class writes a whole course: leave the chapters out.")
    course = course_here()
    edition = for_class(course, folder) if folder else self_study(course, chapters)
    if check:
        stale = edition.out_of_step()
        for path in stale:
            click.echo(f"{path.as_posix()} is not what its source makes: rustcell dev release")
        sys.exit(1 if stale else 0)
    changed = ", ".join(path.as_posix() for path in edition.write())
    click.echo(f"Written: {changed or 'nothing, all was up to date'}.")


@dev.command()
@click.argument("chapters", nargs=-1)
@jobs_option
@cell_timeout_option
@json_option
def verify(chapters: tuple[str, ...], jobs: int, cell_timeout: int, *, as_json: bool) -> None:
    """See that the exercises of CHAPTERS (all, if none is named) tell right from wrong.

    Each solution must pass all tests. Each starter must build and fail, each wrong solution be
    rejected by the tests it names, and trivial stubs and known cheats by any test.
    """
    from rich.console import Console

    from rustcell.course.exercises import chapters_with_exercises
    from rustcell.course.verify import prepare
    from rustcell.course.verify import verify as verify_tasks
    from rustcell.course.verify_view import live_table, print_verdicts

    course = course_here()
    tasks = [prepare(course, chapter) for chapter in chapters_with_exercises(course, chapters)]
    with owned_kernels("verify") as environment, live_table(Console(stderr=True), tasks) as table:
        folder = course.root / "exercises"
        verdicts = verify_tasks(tasks, jobs, folder, environment, cell_timeout, table.show)
    if as_json:
        click.echo(json.dumps([verdict.to_json() for verdict in verdicts], indent=2))
    else:
        print_verdicts(Console(), table, verdicts)
    sys.exit(0 if all(verdict.ok for verdict in verdicts) else 1)
