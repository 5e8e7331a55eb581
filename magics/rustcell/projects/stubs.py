"""Type stubs of a built module, made by PyO3's introspection through maturin.

PyO3 writes what it knows of types into the library when its feature `experimental-inspect` is on.
A cell's own build need not have it, so the module is compiled once more with it, and the stubs
are laid beside the library that this kernel has loaded.
"""

from __future__ import annotations

import shutil
import sysconfig
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import tomlkit

from rustcell.building import builds, cache
from rustcell.building.builds import Build, file_hash
from rustcell.building.dependencies import OnProgress
from rustcell.building.tool_failures import failure_of_a_tool
from rustcell.crates.crate import CrateSpec
from rustcell.errors import BuildError, plain_text
from rustcell.live.installed import installed
from rustcell.live.pipeline import install_job
from rustcell.live.session import Session
from rustcell.live.workshop import Workshop, workshop

FEATURE = "experimental-inspect"
_TYPED = "py.typed"
"""The file by which a package says that its types may be relied on."""


def add_stubs(name: str, session: Session, on_progress: OnProgress) -> Build:
    """Give the module that this kernel shows as `name` its stubs; return the build that has them.

    Children of the kernel and its completion see them at once, the environment after the
    install in the background.

    Raises
    ------
    OptionsError
        When this kernel has built no such module.
    BuildError
        When PyO3 and maturin cannot make stubs of it.
    """
    build, spec = session.shown(name)
    if build.stubs:
        return build
    known = builds.with_stubs(session.root, build)
    if known is None or not _is_installed(known):
        inspected = with_introspection(spec)
        with workshop(inspected, session, "", on_progress) as shop:
            if known is None:
                known = _laid_out(build, stub_files(shop), session.root)
            job = install_job(inspected, shop.toolchain, shop.place, session, build.key)
            where = job.command.index("--")
            command = [*job.command[:where], "--generate-stubs", *job.command[where:]]
            session.installer.submit(replace(job, command=command))
    session.enrich(known)
    return known


def _is_installed(build: Build) -> bool:
    """Tell whether the environment has this build with its stubs."""
    site = Path(sysconfig.get_path("platlib"))
    here = any(found.name == build.name and found.key == build.key for found in installed())
    return here and all((site / path).is_file() for path in build.stubs)


def with_introspection(spec: CrateSpec) -> CrateSpec:
    """Return the crate with PyO3's introspection on."""
    if FEATURE in spec.dependencies.pyo3_features:
        return spec
    features = tuple(sorted({*spec.dependencies.pyo3_features, FEATURE}))
    files = dict(spec.files)
    manifest: Any = tomlkit.parse(files["Cargo.toml"])
    manifest["dependencies"]["pyo3"]["features"] = [
        *manifest["dependencies"]["pyo3"].get("features", []),
        FEATURE,
    ]
    files["Cargo.toml"] = tomlkit.dumps(manifest)
    return replace(
        spec,
        dependencies=replace(spec.dependencies, pyo3_features=features),
        files=tuple(sorted(files.items())),
    )


def stub_files(shop: Workshop) -> dict[str, str]:
    """Return the stubs, and `py.typed`, by their paths in site-packages.

    They are taken out of a wheel, so they are where an install puts them.

    Raises
    ------
    BuildError
        When maturin makes none.
    """
    spec = shop.spec
    command = [shop.toolchain.maturin, "build", "--offline", "--generate-stubs"]
    command += ["--auditwheel", "skip", "--interpreter", shop.toolchain.interpreter.for_build]
    if spec.profile != "dev":
        command += ["--profile", spec.profile]
    with cache.scratch(shop.place.folder) as out:
        done = shop.run([*command, "--out", str(out), "--", *spec.rustc_arguments])
        if done.status != 0:
            raise failure_of_a_tool(done, "") or BuildError(
                f"maturin makes no type stub of {spec.name}",
                "Read its text above. The introspection needs PyO3 0.29 or newer; with an older "
                "one, write a .pyi by hand: %%rust_file.",
                details=plain_text(done.log)[-4000:],
            )
        (wheel,) = out.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            return {
                path: archive.read(path).decode("utf-8")
                for path in sorted(archive.namelist())
                if path.endswith((".pyi", f"/{_TYPED}"))
            }


def _laid_out(build: Build, stubs: dict[str, str], root: Path) -> Build:
    """Return a build with the same library and the stubs, in a folder of its own."""
    with cache.scratch(root / "builds") as fresh:
        for relative in build.files:
            (fresh / relative).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(build.folder / relative, fresh / relative)
        for relative, text in stubs.items():
            (fresh / relative).write_text(text, encoding="utf-8")
        hashes = {relative: file_hash(fresh / relative) for relative in stubs}
        folder = builds.place(root, build.key, fresh, build.outside, forced=True)
    return replace(
        build,
        folder=folder,
        files={**build.files, **hashes},
        stubs=tuple(path for path in stubs if path.endswith(".pyi")),
    ).seal()


def stub_texts(build: Build) -> dict[str, str]:
    """Return the texts of a build's stubs by their paths in site-packages."""
    return {path: (build.folder / path).read_text(encoding="utf-8") for path in build.stubs}


def shipped(build: Build) -> dict[str, str]:
    """Return the stubs of a build, and `py.typed` if it has one, as they go with a package."""
    typed = {f"{build.name}/{_TYPED}": ""} if is_typed(build) else {}
    return {**stub_texts(build), **typed}


def is_typed(build: Build) -> bool:
    """Tell whether the module's package asks type checkers to rely on its types."""
    return f"{build.name}/{_TYPED}" in build.files
