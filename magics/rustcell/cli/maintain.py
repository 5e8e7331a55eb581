"""`rustcell dev lint|nav|new|coverage|bump`: what keeps the course in order."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from rustcell.cli.shared import course_here, json_option

_check_option = click.option(
    "--check", "check", is_flag=True, help="Write nothing; status 1 if something is out of date."
)


def _tell_written(changed: list[str], check: bool, command: str) -> None:
    """Say which files changed; with --check end with 1 if any would have to."""
    for file in changed:
        click.echo(f"{file}: {'out of date' if check else 'written'}")
    if not changed:
        click.echo("Everything is up to date.")
    elif check:
        click.echo(f"Run `rustcell dev {command}`.")
        sys.exit(1)


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@json_option
def lint(paths: tuple[Path, ...], *, as_json: bool) -> None:
    """Hold the chapters and exercises at PATHS (all, if none is named) against the guide's rules.

    PATHS are chapters by number or name, notebooks, or folders. docs/lint.md lists the rules.
    """
    from rustcell.course.lint.lint import lint as look

    report = look(course_here(), paths)
    if as_json:
        click.echo(json.dumps(report.to_json(), indent=2))
    else:
        for finding in report.findings:
            click.echo(f"{finding.place}: {finding.rule}: {finding.message}")
            click.echo(f"    {finding.mend}")
        for note in report.notes:
            click.echo(f"note: {note}", err=True)
        click.echo(f"{report.pages} notebooks, {len(report.findings)} findings.")
    sys.exit(1 if report.findings else 0)


@click.command()
@_check_option
def nav(*, check: bool) -> None:
    """Write the navigation lines, notebooks/contents.ipynb and the README's table of chapters."""
    from rustcell.course import nav

    course = course_here()
    _tell_written(nav.outdated(course) if check else nav.write(course), check, "nav")


@click.command()
@click.argument("chapter")
@click.option("--part", required=True, help="The part of course.toml that gets it: A, B …")
@click.option("--minutes", type=click.IntRange(min=1), default=30, show_default=True)
@click.option("--title", help="The H1 (default: the chapter's name in words).")
def new(chapter: str, part: str, minutes: int, title: str | None) -> None:
    """Begin CHAPTER (such as 04_arguments): notebook, exercise source, entry in course.toml."""
    from rustcell.course import nav
    from rustcell.course.manifest import load_course
    from rustcell.course.skeleton import begin

    course = course_here()
    for path in begin(course, chapter, part, minutes, title):
        click.echo(f"{path.relative_to(course.root).as_posix()}: written")
    _tell_written(nav.write(load_course(course.root)), check=False, command="nav")


@click.command()
@_check_option
@json_option
def coverage(*, check: bool, as_json: bool) -> None:
    """Write docs/coverage.md: where each topic of docs/coverage-rows.toml is taught.

    A markdown cell points at rows with a comment, as in <!-- covers: M19 G15 -->. Status 1 if a
    comment names an unknown row, or a row of a chapter that exists is taught nowhere in it.
    """
    from rustcell.course.coverage import survey

    found = survey(course_here())
    if as_json:
        click.echo(json.dumps(found.to_json(), indent=2))
        sys.exit(1 if found.problems else 0)
    outdated = found.is_outdated() if check else found.write()
    for problem in found.problems:
        click.echo(problem)
    if outdated:
        click.echo(f"docs/coverage.md: {'out of date' if check else 'written'}")
    click.echo(f"{found.taught} of {len(found.rows)} rows are taught.")
    sys.exit(1 if found.problems or (check and outdated) else 0)


@click.command()
@click.argument("version")
def bump(version: str) -> None:
    """Make VERSION the PyO3 of all cells: the constant, the lock's manifest and the lock itself.

    Then `rustcell run` says which cells broke and why. docs/maintaining.md tells the whole story.
    """
    from rustcell.cli.bump import bump as change

    for line in change(version):
        click.echo(line)
