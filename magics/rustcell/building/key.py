"""The content key: everything that can change a build's result, in words.

Equal words, equal result: then neither cargo nor maturin runs. The words are kept with
each build, so that the reason of a rebuild can be told.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path, PurePath

from rustcell.building.cache import LAYOUT
from rustcell.crates.crate import CrateSpec
from rustcell.tools.toolchain import Toolchain, ancestors_files

_VARIABLES = frozenset(
    (
        "RUSTFLAGS RUSTUP_TOOLCHAIN RUSTC RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER RUSTC_BOOTSTRAP "
        "CC CXX AR CFLAGS CXXFLAGS LDFLAGS MACOSX_DEPLOYMENT_TARGET SDKROOT"
    ).split()
)
_PREFIXES = ("CARGO_", "PYO3_")
_NOT_OURS = frozenset({"CARGO_TARGET_DIR"})
_NETWORK = ("CARGO_NET_", "CARGO_HTTP_", "CARGO_TERM_")
"""How crates are fetched and progress is shown changes nothing about what is made."""

Words = dict[str, str]


def build_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables that change what a compiler does."""
    return {
        name: value
        for name, value in sorted(environ.items())
        if (name in _VARIABLES or name.startswith(_PREFIXES))
        and name not in _NOT_OURS
        and not name.startswith(_NETWORK)
    }


def configuration_files(root: Path, environ: Mapping[str, str]) -> list[Path]:
    """Return the files outside the crate that cargo and rustup obey, nearest first."""
    home = Path(environ.get("CARGO_HOME") or Path.home() / ".cargo")
    names = [
        os.path.join(".cargo", "config.toml"),
        os.path.join(".cargo", "config"),
        "rust-toolchain.toml",
        "rust-toolchain",
    ]
    found = ancestors_files(root, names)
    found += [home / n for n in ("config.toml", "config") if (home / n).is_file()]
    return list(dict.fromkeys(found))


def _file_words(files: Sequence[Path]) -> str:
    return json.dumps({str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in files})


def _given(spec: CrateSpec) -> dict[str, str]:
    """Return what --env says to the dependencies: PyO3's build script reads known names only."""
    given = dict(spec.env)
    return given if spec.dependencies.crates else build_variables(given)


def base_words(
    spec: CrateSpec, toolchain: Toolchain, lock: str, root: Path, environ: Mapping[str, str]
) -> Words:
    """Return what decides whether finished dependencies can be used again."""
    interpreter = toolchain.interpreter
    return {
        "layout of the cache": LAYOUT,
        "kind": spec.kind,
        "interpreter": f"{interpreter.for_build} {interpreter.signature} "
        f"{interpreter.extension_suffix}",
        "rustc": toolchain.rustc_version,
        "maturin": toolchain.maturin_version,
        "profile": spec.profile,
        "PyO3": f"{spec.dependencies.pyo3} {' '.join(spec.dependencies.pyo3_features)}",
        "crates": json.dumps(spec.dependencies.crates) + spec.dependencies.tables,
        "support crate": PurePath(spec.support).name,
        "Cargo.lock": hashlib.sha256(lock.encode()).hexdigest(),
        "variables": json.dumps({**build_variables(environ), **_given(spec)}),
        "cargo configuration": _file_words(configuration_files(root, environ)),
    }


@functools.cache
def _own_code() -> str:
    """Return a hash of our modules that shape a build and the messages kept with it."""
    package = resources.files("rustcell")
    names = (
        "building/build.py building/build_script.py building/compiling.py building/executables.py "
        "crates/crate.py crates/executable.py crates/extension.py crates/files.py "
        "crates/manifest.py crates/source.py crates/toml_merge.py messages/diagnostics.py "
        "messages/reproducible.py"
    ).split()
    texts = [package.joinpath(name).read_bytes() for name in names]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()


def cell_words(base: Words, spec: CrateSpec, expects_failure: bool) -> Words:
    """Return the words of one cell: its base's and its own."""
    files = dict(spec.files)
    given = [file.path for file in spec.given if file.path in files]
    return {
        **base,
        "name": spec.name,
        "code": hashlib.sha256(files.pop(spec.cell_file).encode()).hexdigest(),
        **{path: hashlib.sha256(files.pop(path).encode()).hexdigest() for path in given},
        "other files": hashlib.sha256(json.dumps(sorted(files.items())).encode()).hexdigest(),
        "edition": spec.edition,
        "--env": json.dumps(spec.env),
        "rustcell": _own_code(),
        "backtrace": str(spec.backtrace),
        "expectation": "fails" if expects_failure else "builds",
    }


def key_of(words: Words) -> str:
    """Return the key: 32 hexadecimal digits."""
    return hashlib.sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()[:32]


def reason(old: Words | None, new: Words) -> str:
    """Say in a few words why a build is needed, given the words of the previous one."""
    if old is None:
        return "first build of this module here"
    changed = [name for name in {**new, **old} if old.get(name) != new.get(name)]
    return f"changed: {', '.join(changed)}" if changed else "no finished build was found"
