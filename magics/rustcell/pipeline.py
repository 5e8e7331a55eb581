"""One cell's way: text → options → crate → build → load → namespace."""

from __future__ import annotations

import os
import shutil
from collections.abc import MutableMapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from rustcell import bases, builds, cache, dependencies, expect
from rustcell.build import Compiled, compile_crate, crate_environment, lay_out
from rustcell.builds import Build
from rustcell.crate import CrateSpec, crate_spec, module_name
from rustcell.dependencies import OnProgress, Progress
from rustcell.environment import refuse_outside_environments, refuse_unusable_environment
from rustcell.errors import CratesGoneError, OptionsError
from rustcell.install import Job
from rustcell.installed import environment_lock
from rustcell.key import Words, base_words, cell_words, key_of, reason
from rustcell.names import Renewed, refuse_shadowing, renew
from rustcell.options import CellOptions
from rustcell.session import Session
from rustcell.source import Source, parse
from rustcell.toolchain import Toolchain, find_toolchain, this_interpreter


@dataclass(frozen=True)
class Cell:
    """The body of a Rust cell and how many lines of the editor's cell stand above it."""

    options: CellOptions
    body: str
    lines_above: int = 1


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
class Outcome:
    """What became of a cell. `module` is None for an expected failure and for --show.

    `built` tells a fresh build from one out of memory or the cache; `why` is the reason.
    """

    spec: CrateSpec
    build: Build | None = None
    module: ModuleType | None = None
    renewed: Renewed = field(default_factory=Renewed)
    built: bool = False
    why: str = "unchanged"
    command: tuple[str, ...] = ()
    log: str = ""


@cache.explained()
def run_cell(
    cell: Cell,
    session: Session,
    namespace: MutableMapping[str, Any],
    on_progress: OnProgress = lambda _progress: None,
) -> Outcome:
    """Build, load and bind one Rust cell; or nothing of it, when anything fails.

    Raises
    ------
    RustcellError
        Saying what happened, why, and what to do.
    """
    options = cell.options
    source, spec = _read(cell, session)
    if options.show:
        return Outcome(spec)
    plan = _plan(options, source, spec, session, on_progress)
    build = _known(plan, session)
    if build is None or spec.name not in session.current():
        refuse_shadowing(spec.name, {str(folder) for folder in session.overlay.folders()})
    if build is not None:
        expect.check(options, spec, build.diagnostics, failed=build.failed)
        outcome = Outcome(spec, build)
    else:
        why = "--force" if options.force else _reason(plan, session)
        build, compiled = _make(plan, session, on_progress)
        outcome = Outcome(
            spec, build, built=True, why=why, command=tuple(compiled.command), log=compiled.log
        )
    if build.failed:
        return outcome
    module, renewed = _bind(plan, build, session, namespace)
    return replace(outcome, module=module, renewed=renewed)


def _read(cell: Cell, session: Session) -> tuple[Source, CrateSpec]:
    if not cell.body.strip():
        raise OptionsError("the cell is empty", "Write Rust code below the %%rust_module line.")
    source = parse(cell.body)
    name = module_name(cell.options, source, cell.lines_above)
    support = dependencies.support_folder(session.root)
    return source, crate_spec(cell.body, cell.lines_above, cell.options, source, name, support)


def _plan(
    options: CellOptions,
    source: Source,
    spec: CrateSpec,
    session: Session,
    on_progress: OnProgress,
) -> Plan:
    refuse_outside_environments(this_interpreter())
    toolchain = find_toolchain(session.root)
    lock = session.lock_of(spec, toolchain, Path(spec.support), on_progress)
    base = base_words(spec, toolchain, lock, session.root, os.environ)
    words = cell_words(base, spec, bool(options.expected_errors))
    return Plan(options, source, spec, toolchain, lock, base, words)


def _known(plan: Plan, session: Session) -> Build | None:
    if plan.options.force:
        return None
    key = key_of(plan.words)
    return session.remembered(key) or builds.find(session.root, key, os.environ)


def _reason(plan: Plan, session: Session) -> str:
    shown = session.current().get(plan.spec.name)
    old = shown.words if shown else builds.latest_words(session.root, plan.spec.name)
    return reason(old, plan.words)


def _make(plan: Plan, session: Session, on_progress: OnProgress) -> tuple[Build, Compiled]:
    """Compile, judge, lay out, load and seal: a build is usable by others only in the end."""
    refuse_unusable_environment(plan.toolchain)
    try:
        try:
            folder, slot, compiled = _attempt(plan, session, on_progress)
        except CratesGoneError:
            dependencies.fetch_again(
                plan.spec, plan.toolchain, session.root, plan.lock, on_progress
            )
            folder, slot, compiled = _attempt(plan, session, on_progress)
        if compiled.library is None and bases.is_damaged(folder, slot.target, compiled.diagnostics):
            session.discard(folder)
            folder, slot, compiled = _attempt(plan, session, on_progress)
        build = _finish(plan, session, compiled)
        if not build.failed:
            session.installer.submit(_install_job(plan, slot, session, build))
    finally:
        session.installer.resume()
    session.tidy_once()
    return build, compiled


def _attempt(
    plan: Plan, session: Session, on_progress: OnProgress
) -> tuple[Path, cache.Slot, Compiled]:
    """Compile in this kernel's slot.

    Text that ends inside a block or string goes to rustc alone: it would name our lines
    behind it. Should rustc see an end all the same, the whole crate follows.
    """
    spec, toolchain, lock = plan.spec, plan.toolchain, plan.lock
    support = dependencies.support_crate(session.root)
    base = bases.ensure_base(spec, toolchain, session.root, plan.base, lock, support, on_progress)
    slot = session.slot(base)
    session.installer.pause()

    def compiled_from(crate: CrateSpec) -> Compiled:
        def idle() -> None:
            on_progress(Progress(0, 0, spec.name))

        return compile_crate(crate, slot, toolchain, session.root, lock, idle)

    open_end = plan.source.open_end
    compiled = compiled_from(spec.without_tail() if open_end else spec)
    if open_end and compiled.library is not None:
        compiled = compiled_from(spec)
    return base, slot, compiled


def _finish(plan: Plan, session: Session, compiled: Compiled) -> Build:
    options, spec, key = plan.options, plan.spec, key_of(plan.words)
    failed = compiled.library is None
    expect.check(options, spec, compiled.diagnostics, failed=failed)
    with cache.scratch(session.root / "builds") as fresh:
        files: dict[str, str] = {}
        if compiled.library is not None:
            files = lay_out(spec, compiled.library, plan.toolchain.interpreter, fresh)
        folder = builds.place(session.root, key, fresh, compiled.outside, forced=options.force)
    build = Build(
        folder=folder,
        name=spec.name,
        key=key,
        words=plan.words,
        files=files,
        diagnostics=compiled.diagnostics,
        outside=compiled.outside,
        failed=failed,
        source=spec.body(),
        lines_above=spec.lines_above,
    )
    previous = session.current().get(spec.name)
    try:
        if not build.failed:
            session.show(build, spec)
        return build.seal()
    except BaseException:
        if previous:
            session.show(previous, spec)
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _install_job(plan: Plan, slot: cache.Slot, session: Session, build: Build) -> Job:
    spec, toolchain = plan.spec, plan.toolchain
    command = [toolchain.maturin, "develop", "--offline"]
    if toolchain.uv:
        command.append("--uv")
    if spec.profile != "dev":
        command += ["--profile", spec.profile]
    return Job(
        name=spec.name,
        crate=str(slot.crate(spec.name)),
        files=dict(spec.files),
        command=[*command, "--", *spec.rustc_arguments],
        env=crate_environment(spec, slot, toolchain, session.root),
        lock=str(environment_lock(session.root, toolchain.interpreter.prefix)),
        owner=session.owner,
        key=build.key,
    )


def _bind(
    plan: Plan, build: Build, session: Session, namespace: MutableMapping[str, Any]
) -> tuple[ModuleType, Renewed]:
    """Show the module under its name and let the user's names follow."""
    name = plan.spec.name
    before = session.bound(name)
    module = session.show(build, plan.spec)
    renewed = Renewed()
    if before is not None and before is not module:
        renewed = renew(namespace, before, module)
    namespace[name] = module
    if plan.options.star:
        public = getattr(module, "__all__", [n for n in vars(module) if not n.startswith("_")])
        namespace.update({member: getattr(module, member) for member in public})
    session.bound(name, module)
    return module, renewed
