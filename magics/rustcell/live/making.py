"""From a cell's crate to a finished build: the way that modules, programs and tests share."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rustcell.building import bases, builds, cache, dependencies
from rustcell.building.build import compile_crate
from rustcell.building.builds import Build
from rustcell.building.compiling import Compiled
from rustcell.building.dependencies import OnProgress, Progress
from rustcell.building.embedding import refuse_unembeddable
from rustcell.building.executables import compile_executables, lay_out_executables
from rustcell.building.key import Words, base_words, cell_words, key_of, reason
from rustcell.crates.crate import MAGICS, CrateSpec, write
from rustcell.crates.executable import executable_spec
from rustcell.crates.options import CellOptions
from rustcell.crates.source import Source, parse
from rustcell.errors import CratesGoneError, OptionsError
from rustcell.live.session import Session
from rustcell.messages import expect
from rustcell.tools.environment import refuse_outside_environments
from rustcell.tools.toolchain import Toolchain, find_toolchain, this_interpreter


@dataclass(frozen=True)
class Plan:
    """All that is known of a cell before anything is built.

    `base` and `words` are the words of the dependencies' and of the whole build's key.
    """

    options: CellOptions
    source: Source
    spec: CrateSpec
    toolchain: Toolchain
    lock: str
    base: Words
    words: Words


@dataclass(frozen=True)
class Made:
    """What became of a cell's crate. `build` is None for --show.

    `built` tells a fresh build from one out of memory or the cache; `why` is the reason.
    """

    spec: CrateSpec
    build: Build | None = None
    built: bool = False
    why: str = "unchanged"
    command: tuple[str, ...] = ()
    log: str = ""
    plan: Plan | None = None


@cache.explained()
def make_executables(
    kind: Literal["program", "test"],
    body: str,
    lines_above: int,
    options: CellOptions,
    session: Session,
    on_progress: OnProgress,
) -> Made:
    """Return the build of a program or of tests, made now or known from before.

    Raises
    ------
    RustcellError
        Saying what happened, why, and what to do.
    """
    if not body.strip():
        raise OptionsError("the cell is empty", f"Write Rust code below the {MAGICS[kind]} line.")
    assert options.name is not None
    given = session.given(options.name)
    support = dependencies.support_folder(session.root)
    spec = executable_spec(kind, body, lines_above, options, support, given)
    if options.show:
        return Made(spec)
    if spec.dependencies.embeds:
        refuse_unembeddable()
    plan = make_plan(options, parse(body), spec, session, on_progress)
    build = known(plan, session)
    if build is not None:
        session.on_messages(spec, build.diagnostics)
        expect.check(options, spec, build.diagnostics, failed=build.failed)
        return Made(spec, build, plan=plan)
    old = builds.latest_words(session.root, spec.name, kind)
    why = "--force" if options.force else reason(old, plan.words)
    _, compiled = compile_plan(plan, session, on_progress)
    build = judge_and_place(
        plan,
        session,
        compiled,
        lambda folder: lay_out_executables(spec, compiled.executables, folder),
    ).seal()
    session.tidy_once()
    return Made(spec, build, True, why, tuple(compiled.command), compiled.log, plan)


def make_plan(
    options: CellOptions,
    source: Source,
    spec: CrateSpec,
    session: Session,
    on_progress: OnProgress,
) -> Plan:
    """Find the tools, resolve the dependencies and put the key into words.

    Raises
    ------
    RustcellError
        When a tool is missing or a crate cannot be found or fetched.
    """
    refuse_outside_environments(this_interpreter())
    toolchain = find_toolchain(session.root)
    lock = session.lock_of(spec, toolchain, Path(spec.support), on_progress)
    base = base_words(spec, toolchain, lock, session.root, os.environ)
    words = cell_words(base, spec, bool(options.expected_errors))
    return Plan(options, source, spec, toolchain, lock, base, words)


def known(plan: Plan, session: Session) -> Build | None:
    """Return the finished build of this plan, from memory or the cache, None if there is none."""
    if plan.options.force:
        return None
    key = key_of(plan.words)
    return session.remembered(key) or builds.find(session.root, key, os.environ)


def compile_plan(
    plan: Plan, session: Session, on_progress: OnProgress
) -> tuple[cache.Slot, Compiled]:
    """Compile in this kernel's slot, mending first what is gone or damaged below it.

    Raises
    ------
    RustcellError
        When no compiler's message about the cell came of it.
    """
    try:
        base, slot, compiled = _attempt(plan, session, on_progress)
    except CratesGoneError:
        dependencies.fetch_again(plan.spec, plan.toolchain, session.root, plan.lock, on_progress)
        base, slot, compiled = _attempt(plan, session, on_progress)
    if compiled.failed and bases.is_damaged(base, slot.target, compiled.diagnostics):
        session.discard(base)
        base, slot, compiled = _attempt(plan, session, on_progress, alone=True)
    return slot, compiled


def _attempt(
    plan: Plan, session: Session, on_progress: OnProgress, *, alone: bool = False
) -> tuple[Path, cache.Slot, Compiled]:
    """Compile once; `alone` as `ensure_base` has it.

    Text that ends inside a block or string goes to rustc alone: it would name our lines
    behind it. Should rustc see an end all the same, the whole crate follows.
    """
    spec, toolchain, lock = plan.spec, plan.toolchain, plan.lock
    base, slot = _slot(plan, session, on_progress, alone=alone)

    def idle() -> None:
        on_progress(Progress(0, 0, spec.name))

    if spec.kind != "extension":
        return base, slot, compile_executables(spec, slot, toolchain, session.root, lock, idle)
    session.installer.pause()

    def compiled_from(crate: CrateSpec) -> Compiled:
        return compile_crate(crate, slot, toolchain, session.root, lock, idle, session.recipes)

    open_end = plan.source.open_end
    compiled = compiled_from(spec.without_tail() if open_end else spec)
    if open_end and not compiled.failed:
        compiled = compiled_from(spec)
    return base, slot, compiled


def _slot(
    plan: Plan, session: Session, on_progress: OnProgress, *, alone: bool = False
) -> tuple[Path, cache.Slot]:
    """Return the base of a plan and this kernel's slot on it."""
    root, support = session.root, dependencies.support_crate(session.root)
    base = bases.ensure_base(
        plan.spec, plan.toolchain, root, plan.base, plan.lock, support, on_progress, alone=alone
    )
    return base, session.slot(base)


def written_crate(plan: Plan, session: Session, on_progress: OnProgress) -> tuple[Path, cache.Slot]:
    """Write a plan's crate into this kernel's slot; return the crate's folder and the slot."""
    _, slot = _slot(plan, session, on_progress)
    folder = slot.crate(plan.spec.name)
    write(plan.spec, folder, plan.lock)
    return folder, slot


def judge_and_place(
    plan: Plan,
    session: Session,
    compiled: Compiled,
    lay_out: Callable[[Path], dict[str, str]],
) -> Build:
    """Compare with what the cell expects, and put what was made into a folder of its own.

    The build is not sealed: others cannot use it yet.

    Parameters
    ----------
    lay_out:
        Puts what was made into an empty folder and returns the files' hashes by path. Not
        called for code that does not compile.

    Raises
    ------
    BuildError
        When the compiler said something else than the cell expects.
    """
    options, spec, key = plan.options, plan.spec, key_of(plan.words)
    session.on_messages(spec, compiled.diagnostics)
    expect.check(options, spec, compiled.diagnostics, failed=compiled.failed)
    with cache.scratch(session.root / "builds") as fresh:
        files = {} if compiled.failed else lay_out(fresh)
        folder = builds.place(session.root, key, fresh, compiled.outside, forced=options.force)
    return Build(
        folder=folder,
        name=spec.name,
        key=key,
        words=plan.words,
        files=files,
        diagnostics=compiled.diagnostics,
        outside=compiled.outside,
        failed=compiled.failed,
        source=spec.body(),
        lines_above=spec.lines_above,
        given=spec.given.files,
    )
