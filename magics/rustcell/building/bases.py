"""Bases: target folders with finished dependencies, built once and never built in again."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from rustcell.building import cache
from rustcell.building.dependencies import (
    OnProgress,
    Progress,
    cargo_rustc,
    probe_manifest,
    python_configuration,
    write_probe,
)
from rustcell.building.key import Words, key_of
from rustcell.building.tool_failures import failure_of_a_tool
from rustcell.crates.crate import CrateSpec
from rustcell.errors import BuildError, plain_text
from rustcell.messages.diagnostics import Diagnostic
from rustcell.tools import process
from rustcell.tools.toolchain import Toolchain, build_environment

_SIZES = "sizes.json"
_CRATES = {"PyO3", "crates", "Cargo.lock"}
"""The words of a base that say which crates are in it."""
_UNREADABLE = "E0786"
"""rustc's code for a library whose metadata is damaged."""


def ensure_base(
    spec: CrateSpec,
    toolchain: Toolchain,
    root: Path,
    words: Words,
    lock: str,
    support: Path,
    on_progress: OnProgress,
    *,
    alone: bool = False,
) -> Path:
    """Return the base of these words, built first if nobody did so yet.

    Parameters
    ----------
    alone:
        Build it from nothing, whatever other bases have.

    Raises
    ------
    BuildError
        When a dependency does not compile.
    """
    base = root / "bases" / key_of(words)[:16]
    if (base / "done").exists():
        return base
    with cache.exclusive(
        base.with_name(base.name + ".lock"),
        waiting=lambda: on_progress(
            Progress(0, 0, "waiting: another notebook builds the same crates")
        ),
    ):
        if not (base / "done").exists():
            shutil.rmtree(base, ignore_errors=True)
            with cache.scratch(root / "bases") as fresh:
                alike = None if alone else _likest(root, words)
                _fill(spec, toolchain, root, fresh, alike, lock, support, on_progress)
                (fresh / "words.json").write_text(json.dumps(words, indent=1), encoding="utf-8")
                (fresh / _SIZES).write_text(json.dumps(_sizes(fresh / "target")), encoding="utf-8")
                (fresh / "done").touch()
                cache.rename_new(fresh, base)
    return base


def _fill(
    spec: CrateSpec,
    toolchain: Toolchain,
    root: Path,
    folder: Path,
    alike: Path | None,
    lock: str,
    support: Path,
    on_progress: OnProgress,
) -> None:
    """Build the dependencies in `folder`, on top of those of another base, if there is one.

    Cargo knows by its fingerprints what of them it can use: with another crate beside PyO3 all of
    PyO3, with another feature of PyO3 still its macros, which take longest.
    """
    if alike is not None:
        try:
            with cache.exclusive(alike.with_name(f"{alike.name}.lock")):
                cache.link_tree(alike / "target", folder / "target")
            _build_base(spec, toolchain, root, folder, lock, support, on_progress)
        # It was removed meanwhile, or is damaged. Anything else comes again without it.
        except (OSError, BuildError):
            shutil.rmtree(folder / "target", ignore_errors=True)
        else:
            return
    _build_base(spec, toolchain, root, folder, lock, support, on_progress)


def _likest(root: Path, words: Words) -> Path | None:
    """Return a finished base that differs in its crates only, or best in those beside PyO3."""
    found = []
    for done in (root / "bases").glob("*/done"):
        with contextlib.suppress(OSError, ValueError):
            theirs = json.loads((done.parent / "words.json").read_text(encoding="utf-8"))
            differing = {name for name, word in words.items() if theirs.get(name) != word}
            if differing <= _CRATES and not _has_other_sizes(done.parent, done.parent / "target"):
                found.append(("PyO3" in differing, done.parent.name))
    return root / "bases" / min(found)[1] if found else None


def _build_base(
    spec: CrateSpec,
    toolchain: Toolchain,
    root: Path,
    folder: Path,
    lock: str,
    support: Path,
    on_progress: OnProgress,
) -> None:
    crate = folder / "crate"
    write_probe(crate, probe_manifest(spec.dependencies, support), lock)
    target = folder / "target"
    env = build_environment(toolchain, target, spec.env, extension=spec.kind == "extension")
    env.update(python_configuration(spec.dependencies, root))
    total = lock.count("[[package]]")
    compiling: list[str] = []

    def on_line(stream: str, line: str) -> None:
        words = plain_text(line).split()
        if stream == "stderr" and words[:1] == ["Compiling"]:
            compiling.append(words[1])
            on_progress(Progress(len(compiling), total, words[1]))

    done = process.run(
        [*cargo_rustc(toolchain, crate, spec.profile)],
        cwd=crate,
        env=env,
        on_line=on_line,
        idle=lambda: on_progress(Progress(len(compiling), total, (compiling or ["cargo"])[-1])),
    )
    if done.status != 0:
        said = _rendered(done.stdout)
        names = ", ".join(name for name, _ in spec.dependencies.crates) or "PyO3"
        raise failure_of_a_tool(done, said) or BuildError(
            f"the dependencies do not compile ({names})",
            "Read the compiler's text above. `rustcell doctor` checks compiler and linker.",
            details=f"{said}\n{done.log}".strip()[-6000:],
        )
    _remove_probe(target)
    shutil.rmtree(crate)


def _remove_probe(target: Path) -> None:
    """Leave only finished dependencies, which a hard link may share.

    Cargo rewrites the fingerprints of a path crate in place and locks `.cargo-lock`:
    linked, one kernel's build would wait for, or be taken for, another's.
    """
    for path in sorted(target.rglob("*"), reverse=True):
        own = "rustcell_base" in path.name or "rustcell-base" in path.name
        if path.name in (".cargo-lock", "incremental") or own:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def _rendered(messages: Sequence[str]) -> str:
    """Return what rustc said, out of cargo's JSON lines."""
    found = [json.loads(line) for line in messages if line.startswith("{")]
    return "\n".join(m["message"]["rendered"] for m in found if m["reason"] == "compiler-message")


def _sizes(target: Path) -> dict[str, int]:
    """Return the sizes of the compiled dependencies, by path in the target folder."""
    return {
        path.relative_to(target).as_posix(): path.stat().st_size
        for path in target.glob("*/deps/*")
        if path.suffix in (".rlib", ".rmeta", ".so", ".dylib", ".dll")
    }


def is_damaged(base: Path, target: Path, messages: Sequence[Diagnostic]) -> bool:
    """Tell whether a build failed because finished dependencies are not what they were.

    Looked at only after a failure, because it reads the state of a hundred files.

    Parameters
    ----------
    target:
        The slot's target folder, which shares its files with the base or has copies.
    messages:
        What rustc said.
    """
    if any(message.code == _UNREADABLE for message in messages):
        return True
    return _has_other_sizes(base, target)


def _has_other_sizes(base: Path, target: Path) -> bool:
    try:
        sizes: dict[str, int] = json.loads((base / _SIZES).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return any(_size(target / relative) != size for relative, size in sizes.items())


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
