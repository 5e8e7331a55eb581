"""What `%rust_status` tells: the modules of a kernel, its old objects, and the cache."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from rustcell.building.builds import Build
from rustcell.building.cache import size_limit, tree_size
from rustcell.live.installed import installed
from rustcell.live.names import HISTORY
from rustcell.live.origins import Generation, members
from rustcell.live.report import badge
from rustcell.live.session import Session

_UNITS = ((24 * 3600, "d"), (3600, "h"), (60, "min"), (1, "s"))


def status(session: Session, namespace: Mapping[str, Any]) -> str:
    """Return a line for each module of this kernel, for each old object, and for the cache.

    Parameters
    ----------
    namespace :
        The user's names; objects inside lists and the like are not looked for.
    """
    generations = session.generations()
    installed_keys = {found.name: found.key for found in installed()}
    lines = []
    for name, build in session.current().items():
        here = installed_keys.get(name) == build.key
        facts = (
            "installed" if here else "in this kernel only (--force installs it)",
            f"generation {_numbers(generations)[str(build.folder)]}",
            f"{tree_size(build.folder) / 1e6:.1f} MB",
            f"built {age(time.time() - build.created)} ago",
        )
        lines.append(f"{name} [{badge(build.words['profile'])}] {', '.join(facts)}")
    lines += old_objects(namespace, generations, session.current())
    size, limit = tree_size(session.root) / 1e6, size_limit() / 1e6
    lines.append(f"cache: {size:.0f} of {limit:.0f} MB in {session.root}")
    return "\n".join(lines)


def age(seconds: float) -> str:
    """Return a length of time in its largest unit: "5 s", "3 min", "2 h", "4 d"."""
    for length, unit in _UNITS:
        if seconds >= length:
            return f"{seconds // length:.0f} {unit}"
    return "0 s"


def old_objects(
    namespace: Mapping[str, Any],
    generations: Iterable[Generation],
    current: Mapping[str, Build],
) -> list[str]:
    """Return a line for each name that holds an object of an earlier build, in their order."""
    generations = list(generations)
    numbers = _numbers(generations)
    live = {name: str(build.folder) for name, build in current.items()}
    owners = {
        id(value): (build, f"{build.name}.{path}")
        for build, module in generations
        for path, value in members(module)
        if path and live.get(build.name) != str(build.folder)
    }
    lines = []
    for name, value in namespace.items():
        found = owners.get(id(value)) or owners.get(id(type(value)))
        if found is None or HISTORY.fullmatch(name):
            continue
        build, path = found
        itself = path if id(value) in owners else f"a {path}"
        now = numbers.get(live.get(build.name, ""))
        since = f"the module is at generation {now}" if now else "the module was removed"
        lines.append(f"{name}: {itself} of generation {numbers[str(build.folder)]}; {since}")
    return lines


def _numbers(generations: Iterable[Generation]) -> dict[str, int]:
    """Return each build's number among the loaded builds of its name, from 1, by its folder."""
    counts: dict[str, int] = {}
    numbers = {}
    for build, _module in generations:
        counts[build.name] = counts.get(build.name, 0) + 1
        numbers[str(build.folder)] = counts[build.name]
    return numbers
