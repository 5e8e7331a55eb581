"""Where tools work on a module beside this kernel's own builds, on the same dependencies.

cargo's notes on a crate belong to one command. A tool that asks cargo for something else in the
slot's target folder would make the next build of the cell start over. So each purpose has a
target folder of its own in the slot, filled from the base: dependencies are not compiled again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rustcell.building import bases, cache, dependencies
from rustcell.building.cache import Slot
from rustcell.building.compiling import crate_environment
from rustcell.building.dependencies import OnProgress, Progress
from rustcell.building.key import base_words
from rustcell.building.tool_failures import failure_of_a_tool
from rustcell.crates.crate import CrateSpec, write
from rustcell.errors import CratesGoneError
from rustcell.live.session import Session
from rustcell.tools import process
from rustcell.tools.environment import refuse_outside_environments
from rustcell.tools.toolchain import Toolchain, find_toolchain, this_interpreter


@dataclass(frozen=True)
class Workshop:
    """A crate, written to its folder and ready for tools.

    `place` holds its target folder; `env` is the environment of cargo and maturin. `download`
    fetches the crates of the lock again.
    """

    spec: CrateSpec
    toolchain: Toolchain
    place: Slot
    env: dict[str, str]
    idle: Callable[[], None]
    download: Callable[[], None]

    @property
    def crate(self) -> Path:
        return self.place.crate(self.spec.name)

    def run(self, command: list[str], **more: str) -> process.Finished:
        """Run a tool in the crate's folder, once more when crates had to be downloaded first.

        Parameters
        ----------
        more:
            Variables beside the usual ones.

        Raises
        ------
        DependencyError
            When crates are missing and the network cannot be reached.
        """
        env = {**self.env, **more}
        done = process.run(command, cwd=self.crate, env=env, idle=self.idle)
        if done.status != 0 and isinstance(failure_of_a_tool(done, ""), CratesGoneError):
            self.download()
            done = process.run(command, cwd=self.crate, env=env, idle=self.idle)
        return done


@contextmanager
def workshop(
    spec: CrateSpec, session: Session, purpose: str, on_progress: OnProgress
) -> Iterator[Workshop]:
    """Write a crate to where tools may work on it, once its dependencies are built.

    Parameters
    ----------
    purpose:
        Names the target folder; "" is the slot itself, where this kernel builds and installs:
        background installs are held back meanwhile.

    Raises
    ------
    RustcellError
        When the dependencies cannot be fetched or built.
    """
    refuse_outside_environments(this_interpreter())
    toolchain = find_toolchain(session.root)
    lock = session.lock_of(spec, toolchain, Path(spec.support), on_progress)
    words = base_words(spec, toolchain, lock, session.root, os.environ)
    support = dependencies.support_crate(session.root)
    base = bases.ensure_base(spec, toolchain, session.root, words, lock, support, on_progress)
    slot = session.slot(base)
    place = _beside(slot, base, purpose) if purpose else slot
    env = crate_environment(spec, place, toolchain, session.root)

    def idle() -> None:
        on_progress(Progress(0, 0, spec.name))

    def download() -> None:
        dependencies.fetch_again(spec, toolchain, session.root, lock, on_progress)

    if not purpose:
        session.installer.pause()
    try:
        write(spec, place.crate(spec.name), lock)
        yield Workshop(spec, toolchain, place, env, idle, download)
    finally:
        if not purpose:
            session.installer.resume()


def _beside(slot: Slot, base: Path, purpose: str) -> Slot:
    """Return a place with a target folder of its own, filled once from the base."""
    place = Slot(slot.folder / purpose, slot.lock)
    if not place.target.exists():
        with cache.scratch(slot.folder) as fresh:
            cache.link_tree(base / "target", fresh / "target")
            place.folder.mkdir(exist_ok=True)
            (fresh / "target").rename(place.target)
    return place
