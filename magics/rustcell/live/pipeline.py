"""One cell's way: text → options → crate → build → load → namespace."""

from __future__ import annotations

import shutil
from collections.abc import MutableMapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from rustcell.building import builds, cache, dependencies
from rustcell.building.build import lay_out
from rustcell.building.builds import Build
from rustcell.building.compiling import Compiled, crate_environment
from rustcell.building.dependencies import OnProgress
from rustcell.building.key import reason
from rustcell.crates.crate import CrateSpec
from rustcell.crates.extension import crate_spec, module_name
from rustcell.crates.options import ModuleOptions
from rustcell.crates.source import Source, parse
from rustcell.errors import OptionsError
from rustcell.live.install import Job
from rustcell.live.installed import environment_lock
from rustcell.live.making import Made, Plan, compile_plan, judge_and_place, known, make_plan
from rustcell.live.names import Renewed, public_names, refuse_shadowing, renew
from rustcell.live.session import Session
from rustcell.messages import expect
from rustcell.tools.environment import refuse_unusable_environment
from rustcell.tools.toolchain import Toolchain


@dataclass(frozen=True)
class Cell:
    """The body of a Rust cell and how many lines of the editor's cell stand above it."""

    options: ModuleOptions
    body: str
    lines_above: int = 1


@dataclass(frozen=True)
class Outcome(Made):
    """What became of a module's cell. `module` is None for an expected failure and for --show."""

    module: ModuleType | None = None
    renewed: Renewed = field(default_factory=Renewed)


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
    plan = make_plan(options, source, spec, session, on_progress)
    build = known(plan, session)
    if build is None or spec.name not in session.current():
        refuse_shadowing(spec.name, {str(folder) for folder in session.overlay.folders()})
    if build is not None:
        session.on_messages(spec, build.diagnostics)
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
    module, renewed = _bind(plan, build, session, namespace, star=options.star)
    return replace(outcome, module=module, renewed=renewed)


def _read(cell: Cell, session: Session) -> tuple[Source, CrateSpec]:
    if not cell.body.strip():
        raise OptionsError("the cell is empty", "Write Rust code below the %%rust_module line.")
    source = parse(cell.body)
    name = module_name(cell.options, source, cell.lines_above, session.packages())
    support = dependencies.support_folder(session.root)
    return source, crate_spec(
        cell.body, cell.lines_above, cell.options, source, name, support, session.given(name)
    )


def _reason(plan: Plan, session: Session) -> str:
    name, kind = plan.spec.name, plan.spec.kind
    shown = session.current().get(name)
    old = shown.words if shown else builds.latest_words(session.root, name, kind)
    return reason(old, plan.words)


def _make(plan: Plan, session: Session, on_progress: OnProgress) -> tuple[Build, Compiled]:
    """Compile, judge, lay out, load and seal: a build is usable by others only in the end."""
    refuse_unusable_environment(plan.toolchain)
    try:
        slot, compiled = compile_plan(plan, session, on_progress)
        build = _finish(plan, session, compiled)
        if not build.failed:
            job = install_job(plan.spec, plan.toolchain, slot, session, build.key)
            session.installer.submit(job)
    finally:
        session.installer.resume()
    session.tidy_once()
    return build, compiled


def _finish(plan: Plan, session: Session, compiled: Compiled) -> Build:
    spec, library = plan.spec, compiled.library

    def files_into(folder: Path) -> dict[str, str]:
        assert library is not None
        return lay_out(spec, library, plan.toolchain.interpreter, folder)

    build = judge_and_place(plan, session, compiled, files_into)
    previous = session.current().get(spec.name)
    try:
        if not build.failed:
            session.show(build, spec)
        return build.seal()
    except BaseException:
        if previous:
            session.show(previous, spec)
        shutil.rmtree(build.folder, ignore_errors=True)
        raise


def install_job(
    spec: CrateSpec, toolchain: Toolchain, slot: cache.Slot, session: Session, key: str
) -> Job:
    """Return what brings the environment up to date with the build of this key."""
    wheels: str = ""
    then: tuple[str, ...] = ()
    if spec.given.mixed:
        wheels = str(slot.folder / "wheels" / spec.name)
        command, then = _by_wheel(spec, toolchain, wheels)
    else:
        command = [toolchain.maturin, "develop", "--offline"]
        command += ["--uv"] if toolchain.uv else []
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
        key=key,
        wheels=wheels,
        then=then,
    )


def _by_wheel(
    spec: CrateSpec, toolchain: Toolchain, wheels: str
) -> tuple[list[str], tuple[str, ...]]:
    """Return the commands that make a wheel and install it.

    `maturin develop` would install a mixed layout as a link to its sources, and those lie in
    this kernel's slot.
    """
    python = toolchain.interpreter
    build = [toolchain.maturin, "build", "--offline", "--auditwheel", "skip", "--out", wheels]
    build += ["--interpreter", python.for_build]
    module = (python.executable, "-m")
    if not toolchain.uv:
        return build, (*module, "pip", "install", "--force-reinstall", "--no-deps")
    install = ("uv", "pip", "install", "--python", python.for_build)
    return build, (*module, *install, "--reinstall-package", spec.distribution)


def _bind(
    plan: Plan,
    build: Build,
    session: Session,
    namespace: MutableMapping[str, Any],
    *,
    star: bool,
) -> tuple[ModuleType, Renewed]:
    """Show the module under its name and let the user's names follow."""
    name = plan.spec.name
    before = session.bound(name)
    module = session.show(build, plan.spec)
    renewed = Renewed()
    if before is not None and before is not module:
        renewed = renew(namespace, before, module)
    namespace[name] = module
    if star:
        namespace.update({member: getattr(module, member) for member in public_names(module)})
    session.bound(name, module)
    return module, renewed
