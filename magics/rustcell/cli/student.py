"""The student's commands: `start`, `update`, `progress`; `cli.py` names each of them."""

from __future__ import annotations

import json
from pathlib import Path

import click

from rustcell.cli.shared import course_here, json_option

_SAID = {
    "new": "new",
    "updated": "new version",
    "beside": "you have edited it, so the new version is beside it:",
    "removed": "removed, it is no longer part of the course",
    "left": "no longer part of the course; you have edited it, so it stays",
}


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default="rustcell-course")
@click.option("--with-outputs", is_flag=True, help="Keep the stored outputs of the notebooks.")
@click.option(
    "--guided", is_flag=True, help="A chapter comes when the exercises before it are solved."
)
def start(folder: Path, *, with_outputs: bool, guided: bool) -> None:
    """Copy the course to FOLDER (rustcell-course), to work in.

    Outputs are cleared, so that a prediction comes before the answer. `rustcell update` brings
    new chapters later, and never touches what you have edited.
    """
    from rustcell.course import working_copy

    course = working_copy.shipped_course()
    copied = working_copy.start(folder, course, with_outputs=with_outputs, guided=guided)
    click.echo(f"The course is in {folder}: {len(copied)} files. Begin with:")
    click.echo(f"    jupyter lab {folder / 'notebooks' / 'contents.ipynb'}")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=".")
def update(folder: Path) -> None:
    """Bring new chapters and versions to FOLDER (here), a copy that `rustcell start` has made.

    A file that you have edited is left alone; its new version is written beside it, as
    NAME.new.ipynb. Running a notebook is no edit, and outputs are not kept. In a copy that was
    started with --guided this also opens the chapters whose turn has come.
    """
    from rustcell.course import working_copy
    from rustcell.course.progress import ProgressFile, progress_path

    solved = ProgressFile(progress_path()).load().solved
    copy = working_copy.find_copy(folder)
    changes = working_copy.update(copy, working_copy.shipped_course(), solved)
    for change in changes:
        click.echo(" ".join([f"{change.file}:", _SAID[change.kind], change.beside]).rstrip())
    if not changes:
        click.echo("Everything is up to date.")


@click.command()
@json_option
def progress(*, as_json: bool) -> None:
    """Show chapters read, exercises solved, points, and what is next, in the course here."""
    from rustcell.course import progress_view
    from rustcell.course.progress import ProgressFile, progress_path
    from rustcell.course.standing import standing

    course = course_here()
    file = ProgressFile(progress_path())
    stands = standing(course, file.load())
    if file.notice:
        click.echo(f"rustcell: {file.notice}", err=True)
    if as_json:
        click.echo(json.dumps(stands.to_json(course.root), indent=2))
    else:
        click.echo(progress_view.text(stands))
        click.echo(f"It is kept in {file.path}.")
