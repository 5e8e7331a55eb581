"""All beside a chapter's own text that can change how it runs, in words."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from importlib import metadata, resources
from pathlib import Path

from rustcell.building.cache import cache_root
from rustcell.building.key import build_variables, configuration_files
from rustcell.errors import RustcellError
from rustcell.tools.toolchain import find_toolchain

# What cells install is made by the chapters, not something that they stand on.
_MADE_BY_CELLS = "rustcell-"


def surroundings() -> str:
    """Return the interpreter, packages, tools, variables and our own code, as JSON.

    Equal text, equal surroundings. Any installed package counts, because any cell may import it.
    """
    root = cache_root()
    words = {
        "interpreter": [sys.executable, sys.version],
        "packages": sorted(_packages()),
        "rustcell": _own_files(),
        "tools": _tools(root),
        "variables": build_variables(os.environ),
        "cargo configuration": {
            str(path): _digest(path) for path in configuration_files(root, os.environ)
        },
    }
    return json.dumps(words, sort_keys=True)


def _packages() -> Iterator[str]:
    for found in metadata.distributions():
        if not found.name.startswith(_MADE_BY_CELLS):
            yield f"{found.name} {found.version}"


def _own_files() -> str:
    """Return a hash of the package: in a checkout its code changes without its version."""
    package = Path(str(resources.files("rustcell")))
    paths = (path for path in sorted(package.rglob("*")) if path.is_file())
    ours = [path for path in paths if not {"target", "__pycache__"} & set(path.parts)]
    return hashlib.sha256("".join(map(_digest, ours)).encode()).hexdigest()


def _tools(root: Path) -> list[str]:
    try:
        found = find_toolchain(root)
    except RustcellError as error:
        return [error.message]
    return [found.rustc_version, found.maturin_version]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
