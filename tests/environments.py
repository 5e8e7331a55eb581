"""Virtual environments and caches of a test's own, ready in a moment.

An environment here is a real venv with its own interpreter path and site-packages; what it
needs to run comes from the environment of the tests, so nothing is downloaded. They are kept
under `.cache`: a base belongs to an interpreter's path, and building one costs 12 s.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import time
import venv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

import rustcell

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / ".cache" / "environments"
SHARED_CACHE = ROOT / ".cache" / "tests" / "v1"
ELSEWHERE = ("VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONHOME", "PYTHONPATH")
SLOW = "\n".join(
    f"""
#[pyclass]
struct Filler{n} {{ #[pyo3(get, set)] value: i64 }}
#[pymethods]
impl Filler{n} {{
    #[new]
    fn new(value: i64) -> Self {{ Self {{ value }} }}
    fn sum(&self, other: &Filler{n}) -> i64 {{ self.value + other.value }}
}}"""
    for n in range(250)
)
"""Code that rustc needs some seconds for."""

MARK = "RUSTCELL_TEST_MARK"


@dataclass(frozen=True)
class Environment:
    """A virtual environment: where it is, its interpreter, its site-packages."""

    folder: Path

    @property
    def python(self) -> str:
        return str(self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))

    @property
    def site(self) -> Path:
        if os.name == "nt":
            return self.folder / "Lib" / "site-packages"
        return next((self.folder / "lib").glob("python3*")) / "site-packages"

    def run(self, *arguments: str, cwd: Path | None = None, **more: str) -> str:
        """Run its interpreter as a terminal would, outside of any kernel; return its output."""
        done = subprocess.run(
            [self.python, *arguments],
            env={**terminal_variables(), **more},
            cwd=cwd,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    def listed(self) -> list[str]:
        """Return the rustcell-… distributions that pip lists."""
        only = ["--path", str(self.site), "--format", "json"]
        found = json.loads(self.run("-m", "pip", "list", *only))
        return sorted(p["name"] for p in found if p["name"].startswith("rustcell-"))

    def owner(self, name: str) -> dict[str, str]:
        """Return what an installed module's distribution says about who installed it."""
        (signed,) = self.site.glob(f"rustcell_{name}-*.dist-info/rustcell.json")
        return dict(json.loads(signed.read_text()))

    def traces(self, *names: str) -> list[str]:
        """Return what site-packages holds of these modules, or of all built by rustcell."""
        wanted = names or ("",)
        return sorted(
            entry.name
            for entry in self.site.iterdir()
            if entry.name.startswith(tuple(f"rustcell_{name}" for name in wanted))
            or entry.name in names
        )


def terminal_variables() -> dict[str, str]:
    """Return the environment of a terminal: nothing points to any Python."""
    return {k: v for k, v in os.environ.items() if k not in ELSEWHERE}


def environment(name: str, python: str = sys.executable) -> Environment:
    """Return the kept environment `name`, made first if need be."""
    made = Environment(KEPT / name)
    if not (made.folder / "ready").exists():
        shutil.rmtree(made.folder, ignore_errors=True)
        if python == sys.executable:
            venv.create(made.folder, symlinks=os.name != "nt")
        else:
            subprocess.run([python, "-m", "venv", "--without-pip", made.folder], check=True)
        ours = ascii(sysconfig.get_path("platlib"))
        line = f"import site; site.addsitedir({ours})\n"
        (made.site / "of_the_tests.pth").write_text(line, encoding="utf-8")
        tools = Path(sysconfig.get_path("scripts"))
        for tool in ("maturin", "uv"):
            found = next(tools.glob(f"{tool}{'.exe' if os.name == 'nt' else ''}"), None)
            if found is not None:
                shutil.copy2(found, Path(made.python).parent)
        (made.folder / "ready").touch()
    return made


def empty(made: Environment) -> Environment:
    """Remove what earlier tests, perhaps cut short, have left installed."""
    for entry in made.site.iterdir():
        if entry.name != "of_the_tests.pth":
            shutil.rmtree(entry)
    return made


def empty_of_ours(made: Environment) -> Environment:
    """Remove what rustcell has installed into an environment with packages of its own."""
    for record in made.site.glob("rustcell_*.dist-info"):
        name = record.name.partition("-")[0].removeprefix("rustcell_")
        shutil.rmtree(made.site / name, ignore_errors=True)
        shutil.rmtree(record)
    return made


def warm(made: Environment, **more: str) -> None:
    """Build the default base of an environment in the shared cache, unless it is there."""
    ours = str(Path(rustcell.__path__[0]).parent)
    shared = str(SHARED_CACHE.parent)
    made.run("-m", "rustcell", "warm", PYTHONPATH=ours, RUSTCELL_CACHE_DIR=shared, **more)


def link_base(
    made: Environment, cache: Path, copy: Callable[..., object] = os.link, **more: str
) -> Path:
    """Give a new cache the finished base of an environment, so that it starts warm.

    `more` are variables that the kernels will have and that belong to a base.
    """
    warm(made, **more)
    root = cache / "v1"
    root.mkdir(parents=True, mode=0o700)
    for words in (SHARED_CACHE / "bases").glob("*/words.json"):
        said = json.loads(words.read_text(encoding="utf-8"))
        plain = said["profile"] == "dev" and said["crates"] == "[]" and said["PyO3"].endswith(" ")
        if plain and said["interpreter"].startswith(made.python + " "):
            base = words.parent
            shutil.copytree(base, root / "bases" / base.name, copy_function=copy)
    for part in ("locks", "support"):
        shutil.copytree(SHARED_CACHE / part, root / part, copy_function=copy)
    assert list((root / "bases").iterdir()), "no base of this environment was built"
    return root


def marked(mark: str) -> list[psutil.Process]:
    """Return the living processes that a kernel with this mark in its variables has started."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def names(processes: list[psutil.Process]) -> list[str]:
    """Return the processes' names, of those that still live."""
    found = []
    for process in processes:
        try:
            if process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.name())
        except psutil.Error:
            continue
    return sorted(found)


def until(true: Callable[[], bool], timeout: float = 60, every: float = 0.02) -> float:
    """Wait until something is true; return the seconds it took.

    Raises
    ------
    TimeoutError
        When it did not become true.
    """
    begin = time.monotonic()
    while not true():
        if time.monotonic() - begin > timeout:
            raise TimeoutError(f"not within {timeout} s")
        time.sleep(every)
    return time.monotonic() - begin


def cell(name: str, value: object, options: str = "", more: str = "") -> str:
    """Return a Rust cell whose module's `value()` is this number."""
    return f"""%%rust_module {name} {options}
use pyo3::prelude::*;

#[pyfunction]
fn value() -> i64 {{
    {value}
}}
{more}"""


def compiled(text: str) -> list[str]:
    """Return the crates that were compiled, from the text of a cell with -v.

    Cargo names them; rustc alone compiles the cell's own crate.
    """
    words: Iterator[list[str]] = (line.split() for line in text.splitlines())
    return [
        line[1] if line[0] == "Compiling" else f"rustcell-{line[2]}"
        for line in words
        if line[:1] == ["Compiling"] or line[:2] == ["rustc", "--crate-name"]
    ]
