"""What several commands share: their options, and kernels with an owner."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rustcell.errors import CourseError

if TYPE_CHECKING:
    from rustcell.course.manifest import Course

jobs_option = click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    default=lambda: min(4, os.cpu_count() or 1),
    show_default="the number of cores, at most 4",
    help="Notebooks at a time.",
)
cell_timeout_option = click.option(
    "--cell-timeout",
    type=click.IntRange(min=1),
    default=300,
    show_default=True,
    metavar="SECONDS",
    help="How long one cell may take.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")


@contextlib.contextmanager
def owned_kernels(what: str) -> Iterator[dict[str, str]]:
    """Give the environment of kernels that are ours; at the end remove what they installed.

    Parameters
    ----------
    what:
        The command: it stands in the installed modules' record.
    """
    from rustcell.building.cache import cache_root
    from rustcell.live.installed import remove_owned

    owner = f"{what}-{uuid.uuid4()}"
    # A plain kill would leave kernels running and modules installed: end as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        yield {"RUSTCELL_OWNER": owner, "RUSTCELL_PROGRESS": "off"}
    finally:
        remove_owned(owner, cache_root())


def course_here() -> Course:
    """Return the course that the working folder belongs to.

    Raises
    ------
    CourseError
        If it belongs to none.
    """
    from rustcell.course.manifest import MANIFEST, find_course

    course = find_course(Path.cwd())
    if course is None:
        raise CourseError(
            f"There is no {MANIFEST} in this folder or above it.",
            "Change to the folder of the course.",
        )
    return course
