"""Looks at everything a build needs, and says in one line each what is there and the mend."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from rustcell.building import cache
from rustcell.errors import RustcellError
from rustcell.live.installed import installed
from rustcell.tools.toolchain import Memory, find_toolchain, this_interpreter, uv_runs


@dataclass(frozen=True)
class Report:
    """One finding: `ok` is False when cells cannot work until it is mended."""

    subject: str
    ok: bool
    found: str
    mend: str = ""

    def to_json(self) -> dict[str, object]:
        return asdict(self)


def examine() -> Iterator[Report]:
    """Yield a report for each thing that a build needs. Changes nothing but the cache."""
    yield _python()
    yield _environment()
    yield from _cache_and_tools()
    yield _linker()
    yield _modules()
    yield from _chapters()


def _python() -> Report:
    version = ".".join(map(str, sys.version_info[:3]))
    free_threaded = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
    kind = " (free-threaded)" if free_threaded else ""
    return Report(
        "Python",
        sys.version_info >= (3, 11),
        f"{version}{kind} {sys.executable}",
        "" if sys.version_info >= (3, 11) else "Use Python 3.11 or newer.",
    )


def _environment() -> Report:
    interpreter = this_interpreter()
    if interpreter.prefix_variable is None:
        return Report(
            "environment",
            False,
            "none: this Python is not in a virtual or conda environment",
            "python -m venv .venv, and install rustcell and Jupyter there",
        )
    kind = "conda" if interpreter.prefix_variable == "CONDA_PREFIX" else "venv"
    site = sysconfig.get_path("platlib")
    if not os.access(site, os.W_OK):
        return Report("environment", False, f"{site} cannot be written", "Use one of your own.")
    return Report("environment", True, f"{kind} {sys.prefix}")


def _cache_and_tools() -> Iterator[Report]:
    try:
        root = cache.cache_root()
    except RustcellError as error:
        yield Report("cache", False, error.message, error.mend)
        return
    size, limit = cache.tree_size(root) / 1e6, cache.size_limit() / 1e6
    yield Report("cache", True, f"{root} ({size:.0f} of at most {limit:.0f} MB)")
    try:
        tools = find_toolchain(root)
    except RustcellError as error:
        yield Report("tools", False, error.message, error.mend)
        return
    yield Report("rustc", True, f"{tools.rust_release} {tools.rustc}")
    yield Report("cargo", True, tools.cargo)
    yield Report("maturin", True, f"{tools.maturin_version.split()[-1]} {tools.maturin}")
    if uv_runs(Memory(root / "tools.json"), root):
        yield Report("uv", True, "installs each module in a fraction of a second")
    else:
        yield Report(
            "uv",
            True,
            "does not run here: pip installs modules, about 1.5 s more for each, in the background",
            f'"{sys.executable}" -m pip install uv',
        )


def _linker() -> Report:
    """Compile and link an empty library: the only sure sign that a linker is there."""
    rustc = shutil.which("rustc")
    if rustc is None:
        return Report("linker", False, "not tried: no rustc", "Install Rust first.")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "probe.rs"
        source.write_text('#[unsafe(no_mangle)]\npub extern "C" fn probe() {}\n', encoding="utf-8")
        done = subprocess.run(
            [rustc, "--edition", "2024", "--crate-type", "cdylib", "probe.rs"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode == 0:
        return Report("linker", True, "links a library")
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    return Report(
        "linker",
        False,
        lines[0] if lines else "rustc fails",
        "Install a C compiler: apt install gcc; conda install c-compiler; "
        "xcode-select --install; on Windows the C++ build tools.",
    )


def _modules() -> Report:
    names = sorted(found.name for found in installed())
    return Report("modules", True, ", ".join(names) or "none installed")


def _chapters() -> Iterator[Report]:
    """Tell what the chapters of the course around us ask for beyond a build."""
    if importlib.util.find_spec("nbformat") is None:
        return
    from rustcell.course.manifest import find_course

    try:
        course = find_course(Path.cwd())
    except RustcellError as error:
        yield Report("course", False, error.message, error.mend)
        return
    for need, (is_there, mend) in _NEEDS.items():
        asking = [c.slug for c in course.chapters if need in c.needs] if course else []
        if asking:
            there = is_there()
            state = "here, for" if there else "not here, so a part is skipped in"
            yield Report(need, True, f"{state} {', '.join(asking)}", "" if there else mend)


def _free_threaded() -> bool:
    ours = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
    return ours or any(shutil.which(f"python3.{minor}t") for minor in (13, 14, 15))


_NEEDS: dict[str, tuple[Callable[[], bool], str]] = {
    "numpy": (
        lambda: importlib.util.find_spec("numpy") is not None,
        f'"{sys.executable}" -m pip install numpy',
    ),
    "gdb": (lambda: shutil.which("gdb") is not None, "apt install gdb; brew install gdb"),
    "free-threading": (_free_threaded, "uv python install 3.14t, and put it on PATH"),
}
"""Of what a chapter may need (`course.manifest.NEEDS`), that which a build does not bring."""


def print_reports(write: Callable[[str], None]) -> bool:
    """Write a line for each report; return whether all is well."""
    fine = True
    for report in examine():
        fine &= report.ok
        write(f"{'ok  ' if report.ok else 'FAIL'}  {report.subject:<12} {report.found}")
        if report.mend:
            write(f"      {'':<12} mend: {report.mend}")
    return fine
