"""The course for JupyterLab's side bar: a Jupyter server extension with one address.

The server loads it because of `magics/prefix/etc/jupyter/jupyter_server_config.d/rustcell.json`.
`GET rustcell/course?path=FOLDER` answers where the student stands in the course around FOLDER, both
seen from the folder that the server shows. No kernel is needed and nothing is written.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web

from rustcell.course.manifest import find_course
from rustcell.course.progress import ProgressFile, progress_path
from rustcell.course.standing import standing
from rustcell.errors import RustcellError


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(server: Any) -> None:
    base = server.web_app.settings["base_url"]
    address = url_path_join(base, "rustcell", "course")
    server.web_app.add_handlers(".*$", [(address, CourseHandler)])


class CourseHandler(APIHandler):
    """Answers `course` (None if there is none) and `problem` (what to tell instead)."""

    auth_resource = "contents"

    @web.authenticated
    @authorized
    async def get(self) -> None:
        root, path = self.settings["server_root_dir"], self.get_query_argument("path", "")
        await self.finish(await asyncio.to_thread(answer, root, path))


def answer(server_root: str, path: str) -> dict[str, Any]:
    """Return the course around a folder, and where the student stands in it.

    Parameters
    ----------
    server_root:
        The folder that the server shows.
    path:
        The folder to look from, inside that one.

    Returns
    -------
    dict
        ``course`` as `Standing.to_json` gives it, with its ``folder`` inside the server's;
        ``problem``.
    """
    root = Path(server_root).expanduser().resolve()
    start = (root / path).resolve()
    if not start.is_relative_to(root):
        start = root
    try:
        course = find_course(start) or find_course(root)
        if course is None:
            return _none(
                "There is no course in this folder. `rustcell start` makes your own copy of it."
            )
        if not course.root.is_relative_to(root):
            return _none(f"The course lies above this folder. Start JupyterLab in {course.root}.")
        progress = ProgressFile(progress_path()).load()
        found = standing(course, progress).to_json(course.root)
    except RustcellError as error:
        return _none(f"{error.message} {error.mend}".strip())
    folder = course.root.relative_to(root).as_posix()
    return {"course": {**found, "folder": "" if folder == "." else folder}, "problem": None}


def _none(problem: str) -> dict[str, Any]:
    return {"course": None, "problem": problem}
