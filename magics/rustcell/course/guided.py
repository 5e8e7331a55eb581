"""A course in which the next chapter opens when the exercises of this one are solved."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import tomlkit

from rustcell.course import files, nav
from rustcell.course.manifest import MANIFEST, Course, load_course


def closed(course: Course, solved: Collection[str]) -> set[str]:
    """Return the chapters behind the first one that has an exercise to solve."""
    chapters = list(course.chapters)
    for position, chapter in enumerate(chapters):
        if not set(chapter.exercises) <= set(solved):
            return {later.slug for later in chapters[position + 1 :]}
    return set()


@contextmanager
def opened(source: Path, solved: Collection[str], kept: Collection[str]) -> Iterator[Path]:
    """Yield a folder with the course in `source`, as far as it is open.

    The exercises in `solved` open chapters; those in `kept` are open whatever is solved.

    Its manifest and contents list the open chapters only. The navigation line of the last one
    names the next all the same: an edited notebook must not change when that opens.
    """
    hidden = closed(load_course(source), solved) - set(kept)
    with tempfile.TemporaryDirectory(prefix="rustcell-guided-") as name:
        folder = Path(name)
        for part in ("notebooks", "exercises"):
            if (source / part).is_dir():
                patterns = [f"{slug}.ipynb" for slug in hidden]
                shutil.copytree(
                    source / part, folder / part, ignore=shutil.ignore_patterns(*patterns)
                )
        text = _without(hidden, (source / MANIFEST).read_text(encoding="utf-8"))
        files.write(folder / MANIFEST, text.encode("utf-8"))
        nav.write_contents(load_course(folder))
        yield folder


def _without(hidden: Collection[str], manifest: str) -> str:
    document = tomlkit.parse(manifest)
    for part in document["part"]:
        for slug in [slug for slug in part["chapters"] if slug in hidden]:
            part["chapters"].remove(slug)
    for slug in hidden & set(document["chapter"]):  # type: ignore[operator]
        document["chapter"].remove(slug)
    return tomlkit.dumps(document)
