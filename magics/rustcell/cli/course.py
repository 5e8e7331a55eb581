"""The commands that run the course: `rustcell run` and `rustcell check`."""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
from pathlib import Path

import click

from rustcell.cli.shared import cell_timeout_option, jobs_option, json_option, owned_kernels

_report_file = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.command()
@click.argument("chapters", nargs=-1)
@jobs_option
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
@click.option("--html", type=_report_file, help="Write a report as one HTML page.")
@click.option("--junit", type=_report_file, help="Write a report as JUnit XML.")
@click.option(
    "--since-change",
    is_flag=True,
    help="Leave out what passed here before and has not changed since, with all it stands on.",
)
@click.option("--resume", is_flag=True, help="Go on with a run that was cut, in the folder --out.")
@json_option
@cell_timeout_option
def run(
    chapters: tuple[str, ...],
    jobs: int,
    parameters: tuple[tuple[str, str], ...],
    out: Path | None,
    html: Path | None,
    junit: Path | None,
    cell_timeout: int,
    *,
    write: bool,
    since_change: bool,
    resume: bool,
    as_json: bool,
) -> None:
    """Re-execute CHAPTERS (all, if none is named) with papermill and print a result table.

    A chapter is named by its number (02), its name or its path. An error output is a failure
    unless its cell is tagged raises-exception, and there it is demanded. Each Rust cell must
    leave a receipt that its magic ran.
    """
    from rich.console import Console

    from rustcell.building.cache import cache_root
    from rustcell.cli.surroundings import surroundings
    from rustcell.course.batch import run_batch, run_folder
    from rustcell.course.chapters import find_chapters
    from rustcell.course.notebook import cells_of
    from rustcell.course.plan import parameter_values, plan_jobs
    from rustcell.course.record import Record
    from rustcell.course.run_report import write_html, write_junit
    from rustcell.course.run_view import live_progress, print_results
    from rustcell.course.write_back import write_back

    _refuse_contradictions(parameters, out, write=write, since_change=since_change, resume=resume)
    paths = find_chapters(chapters, Path.cwd())
    values = parameter_values(parameters, paths)
    with contextlib.ExitStack() as stack:
        scratch = tempfile.TemporaryDirectory(prefix="rustcell-run-")
        folder = out or Path(stack.enter_context(scratch))
        passed_here = stack.enter_context(run_folder(folder))
        passed_before = Record(cache_root() / "passed")
        environment = stack.enter_context(owned_kernels("run"))
        work = plan_jobs(paths, folder, values, environment, cell_timeout, surroundings())
        taken_over = passed_here if resume else passed_before if since_change else None
        with live_progress(Console(stderr=True), {p.stem: cells_of(p) for p in paths}) as view:
            results = run_batch(
                work,
                jobs,
                view.show,
                taken_over=taken_over,
                # A run with other parameters proves nothing of the chapter as it is stored.
                noted_in=[passed_here] if values else [passed_here, passed_before],
            )
        done = list(zip(work, results, strict=True)) if write else []
        fresh = [job for job, result in done if result.passed and not result.earlier]
        changed = [job.path.name for job in fresh if write_back(job.out, job.path)]
    for path, write_report in ((html, write_html), (junit, write_junit)):
        if path is not None:
            write_report(path, results)
    if as_json:
        click.echo(json.dumps([result.to_json() for result in results], indent=2))
    else:
        print_results(Console(), results)
        if write:
            click.echo(f"Stored new outputs: {', '.join(changed) or 'none, nothing changed'}.")
    sys.exit(0 if all(result.passed for result in results) else 1)


def _refuse_contradictions(
    parameters: tuple[tuple[str, str], ...],
    out: Path | None,
    *,
    write: bool,
    since_change: bool,
    resume: bool,
) -> None:
    if write and parameters:
        raise click.UsageError("--write stores a chapter as it is: leave out -p.")
    if resume and out is None:
        raise click.UsageError("--resume goes on in the folder of a run: name it by --out.")
    if resume and since_change:
        raise click.UsageError("--resume and --since-change look in different places: name one.")


@click.command()
@click.argument("paths", nargs=-1)
@jobs_option
@cell_timeout_option
@click.option(
    "--cold",
    is_flag=True,
    help="Begin with an empty cache of its own: every Rust cell must say that it was built.",
)
def check(paths: tuple[str, ...], jobs: int, cell_timeout: int, *, cold: bool) -> None:
    """Run the notebooks at PATHS and compare every output with the stored one.

    All chapters and the solutions of all exercises, if no path is named. Strict nbval: a cell
    whose output differs from the stored one fails, unless it is tagged nbval-ignore-output.
    Each Rust cell must leave a receipt that its magic ran.
    """
    from rustcell.course.chapters import find_chapters, find_solutions
    from rustcell.course.check import check_notebooks

    notebooks = find_chapters(paths, Path.cwd())
    if not paths:
        notebooks += find_solutions(Path.cwd())
    with owned_kernels("check") as environment:
        sys.exit(check_notebooks(notebooks, jobs, cell_timeout, environment, cold=cold))
