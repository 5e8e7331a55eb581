"""The rustc command with which cargo compiled a crate, to be run again after an edit.

After an edit of a cell's code nothing else has changed, and cargo spends a quarter of the rebuild
on finding that out. So its own command is read from what it says (`-vv`) and used again, as long
as all that could change the command is the same. Anything else is left to cargo: the first build
of a crate in a kernel, a changed manifest or environment, a build script, and every failure that
is not an error in the cell.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rustcell.crates.crate import CrateSpec
from rustcell.errors import plain_text

_RUNNING = re.compile(r"^\s*Running `(.*)`$")
_CARGO_SAYS = re.compile(r"^\s*(Running `|Fresh |Dirty )")
_VARIABLE = re.compile(r"[A-Za-z_]\w*=")


@dataclass(frozen=True)
class Recipe:
    """A command of cargo's for one crate, and what it was made from.

    `command` runs in the crate's folder with `env`; it writes `library`. `fixed` holds the files
    that decide on the command.
    """

    command: tuple[str, ...]
    env: Mapping[str, str]
    library: Path
    fixed: Mapping[str, str]
    given: Mapping[str, str]

    def fits(self, spec: CrateSpec, env: Mapping[str, str]) -> bool:
        """Tell whether cargo would compile this crate with the same command."""
        return self.fixed == _fixed(spec) and self.given == env


def recipe_of(
    spec: CrateSpec, env: Mapping[str, str], stderr: Iterable[str], library: Path
) -> Recipe | None:
    """Return the command that cargo said it ran for the crate, None where it can't be used again.

    Parameters
    ----------
    env :
        The environment that cargo was given.
    stderr :
        What cargo said with `-vv`.
    library :
        The library that it made. Cargo links it to its place from the folder `deps` beside it.
    """
    # A build script may say more than rustc's command; on Windows cargo quotes in another way.
    if os.name == "nt" or "build.rs" in dict(spec.files):
        return None
    for line in stderr:
        said = _RUNNING.match(plain_text(line))
        if said is None or f" --crate-name {spec.name} " not in said[1]:
            continue
        words = shlex.split(said[1])
        variables = {}
        while _VARIABLE.match(words[0]):
            name, _, value = words.pop(0).partition("=")
            variables[name] = value
        made = library.parent / "deps" / library.name
        return Recipe(tuple(words), {**env, **variables}, made, _fixed(spec), dict(env))
    return None


def without_commands(stderr: Iterable[str]) -> str:
    """Return cargo's text without the lines that only `-vv` adds."""
    return "\n".join(line for line in stderr if not _CARGO_SAYS.match(plain_text(line)))


def _fixed(spec: CrateSpec) -> dict[str, str]:
    files = {path: text for path, text in spec.files if not path.startswith(("src/", "python/"))}
    return {**files, "rustc": " ".join(spec.rustc_arguments), "profile": spec.profile}
