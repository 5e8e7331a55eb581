"""A wheel of a module's own project, for others to install."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from rustcell.building import builds, cache
from rustcell.building.dependencies import OnProgress
from rustcell.building.tool_failures import failure_of_a_tool
from rustcell.errors import BuildError, OptionsError, plain_text
from rustcell.live.session import Session
from rustcell.live.workshop import workshop
from rustcell.projects.project import project_files
from rustcell.projects.stubs import shipped


@dataclass(frozen=True)
class Wheel:
    """A wheel on the disk; `python`, `abi` and `platform` are the tags in its name."""

    path: Path

    @property
    def tags(self) -> tuple[str, str, str]:
        """The tags of Python, ABI and platform."""
        python, abi, platform = self.path.stem.split("-")[-3:]
        return python, abi, platform


def make_wheel(
    name: str, out: Path, session: Session, on_progress: OnProgress, *, dev: bool = False
) -> Wheel:
    """Build the project of the module that this kernel shows as `name` and put its wheel in `out`.

    Parameters
    ----------
    dev:
        Without optimisation, as quick to build as a cell.

    Raises
    ------
    OptionsError
        When this kernel has built no such module, or `out` cannot be a folder.
    BuildError
        When maturin makes no wheel.
    """
    build, spec = session.shown(name)
    known = build if build.stubs else builds.with_stubs(session.root, build)
    files = project_files(spec, shipped(known) if known else {})
    project = replace(
        spec,
        profile="dev" if dev else "release",
        files=tuple(sorted(files.items())),
    )
    with _folder(out) as fresh, workshop(project, session, "wheel", on_progress) as shop:
        command = [shop.toolchain.maturin, "build", "--offline", "--out", str(fresh.absolute())]
        command += ["--interpreter", shop.toolchain.interpreter.for_build]
        # In a cell's dev profile dependencies have no debug information: they are built already.
        more = {"CARGO_PROFILE_DEV_DEBUG": "none"} if dev else {}
        done = shop.run(command if dev else [*command, "--release"], **more)
        if done.status != 0:
            raise failure_of_a_tool(done, "") or BuildError(
                f"maturin makes no wheel of {name}",
                "Read its text above.",
                details=plain_text(done.log)[-4000:],
            )
        (made,) = fresh.glob("*.whl")
        made.replace(out / made.name)
    return Wheel(out / made.name)


@contextmanager
def _folder(out: Path) -> Iterator[Path]:
    """Make sure of a folder and yield one inside of it, gone in the end, from which to move."""
    made = not out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
        with cache.scratch(out) as fresh:
            yield fresh
    except (FileExistsError, NotADirectoryError, PermissionError) as error:
        raise OptionsError(
            f"no wheel can be written to {out}: {error.strerror}",
            "Choose another folder: %rust_wheel NAME --out DIR",
        ) from error
    finally:
        # rmdir takes empty folders only.
        with contextlib.suppress(OSError):
            if made:
                out.rmdir()
