"""How long from an edit to live code: rustcell beside its peers.

The peers: bare `cargo build`, `maturin develop` by hand with uv and with pip, `%%rustimport`,
and evcxr's Rust kernel (`cargo install --locked evcxr_jupyter`; left out where it is missing).

Everything is measured alternating in one run, so that a busy machine is busy for all. The
cells' times are taken inside the kernel, from `pre_run_cell` to `post_run_cell`. Ratios are
the result; seconds differ from machine to machine.

    python benchmarks/edit_to_live.py [-n 20] [--out benchmarks/results]
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib.util
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from jupyter_client.manager import KernelManager

from kernels import Kernel, kernel

TIMER = """
import time as _time
_marks = []
get_ipython().events.register("pre_run_cell", lambda info: _marks.append(_time.perf_counter()))
get_ipython().events.register("post_run_cell", lambda result: _marks.append(_time.perf_counter()))
get_ipython().register_magic_function(lambda line, cell: None, "cell", "nothing")
"""

SMALL = """use pyo3::prelude::*;

#[pyfunction]
fn area(width: f64, height: f64) -> f64 {
    width * height + EDIT.0
}

#[pyfunction]
fn perimeter(width: f64, height: f64) -> f64 {
    2.0 * (width + height)
}
"""


def large() -> str:
    """Return about 300 lines with ten classes."""
    parts = ["use pyo3::prelude::*;\n"]
    parts += [
        f"""
/// Account number {i}.
#[pyclass]
struct Account{i} {{
    #[pyo3(get, set)]
    balance: i64,
    history: Vec<i64>,
}}

#[pymethods]
impl Account{i} {{
    #[new]
    #[pyo3(signature = (balance=0))]
    fn new(balance: i64) -> Self {{
        Account{i} {{ balance, history: vec![balance] }}
    }}

    fn deposit(&mut self, amount: i64) -> PyResult<i64> {{
        self.balance = self.balance.checked_add(amount).ok_or_else(|| {{
            pyo3::exceptions::PyOverflowError::new_err("too much money")
        }})?;
        self.history.push(self.balance);
        Ok(self.balance + EDIT)
    }}

    fn __len__(&self) -> usize {{ self.history.len() }}
}}
"""
        for i in range(10)
    ]
    return "".join(parts)


class Edits:
    """Gives the same code with another number each time, so that no build is known."""

    def __init__(self) -> None:
        self._count = time.time_ns() % 1_000_000

    def __call__(self, code: str) -> str:
        self._count += 1
        return code.replace("EDIT", str(self._count))


class Stopwatch:
    """Seconds by contestant; `table` gives medians and ratios."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}

    def add(self, name: str, seconds: float) -> None:
        self.seconds.setdefault(name, []).append(seconds)

    def time(self, name: str, act: Callable[[], object]) -> None:
        start = time.perf_counter()
        act()
        self.add(name, time.perf_counter() - start)

    def medians(self) -> dict[str, float]:
        return {name: statistics.median(values) for name, values in self.seconds.items()}


def cell_seconds(running: Kernel, code: str) -> float:
    """Run a cell and return its time as the kernel saw it."""
    result = running.run(code)
    assert result.ok, result.text
    # The cell that asks has left its own first mark already.
    return float(running.value("_marks[-2] - _marks[-3]"))


def settle(running: Kernel) -> None:
    """Let the background install finish, as it does while a person reads the result."""
    assert running.run("%rust_status").ok


class ByHand:
    """A crate in a folder, built as a terminal user would."""

    def __init__(self, folder: Path, name: str, target: Path) -> None:
        self.folder, self.name = folder / name, name
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("PYO3", "CARGO_T"))}
        self.env |= {"VIRTUAL_ENV": sys.prefix, "CARGO_TARGET_DIR": str(target)}
        (self.folder / "src").mkdir(parents=True)
        (self.folder / "Cargo.toml").write_text(
            f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2024"\n'
            f'[lib]\ncrate-type = ["cdylib"]\n[dependencies]\npyo3 = "=0.30.1"\n'
            '[profile.dev]\ndebug = "none"\n[workspace]\n'
        )
        (self.folder / "pyproject.toml").write_text(
            '[build-system]\nrequires = ["maturin>=1.16,<2"]\nbuild-backend = "maturin"\n'
            f'[project]\nname = "{name}"\nversion = "0.1.0"\n'
        )

    def write(self, code: str) -> None:
        exports = [
            line.split()[1].split("(")[0].split("{")[0]
            for line in code.splitlines()
            if line.startswith(("fn ", "struct "))
        ]
        uses = "".join(f"    #[pymodule_export]\n    use super::{e};\n" for e in exports)
        module = f"\n#[pymodule]\nmod {self.name} {{\n{uses}}}\n"
        (self.folder / "src" / "lib.rs").write_text(code + module)

    def run(self, *command: str) -> None:
        done = subprocess.run(
            command, cwd=self.folder, env=self.env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def develop(self, *options: str) -> None:
        self.run(str(Path(sys.executable).with_name("maturin")), "develop", *options)


def changed_cells(watch: Stopwatch, n: int, scratch: Path, running: Kernel) -> None:
    edits = Edits()
    rustimport = importlib.util.find_spec("rustimport") is not None
    if rustimport:
        assert running.run("%load_ext rustimport").ok
    for size, code in (("10 lines", SMALL), ("300 lines", large())):
        label = size.split()[0]
        uv = ByHand(scratch, f"uv_{label}", scratch / f"target-uv-{label}")
        pip = ByHand(scratch, f"pip_{label}", scratch / f"target-pip-{label}")
        cargo = ByHand(scratch, f"cargo_{label}", scratch / f"target-cargo-{label}")
        for i in range(n + 1):
            warm_up = Stopwatch()
            into = watch if i else warm_up
            cell = edits(code)
            head = f"%%rust_module bench_{label}\n"
            into.add(f"{size}: rustcell, changed cell", cell_seconds(running, head + cell))
            settle(running)
            into.add(f"{size}: rustcell, unchanged cell", cell_seconds(running, head + cell))
            into.add(f"{size}: an empty magic", cell_seconds(running, f"%%nothing\n{cell}"))
            uv.write(edits(code))
            into.time(f"{size}: maturin develop --uv", lambda uv=uv: uv.develop("--uv"))
            cargo.write(edits(code))
            cargo.env["PYO3_BUILD_EXTENSION_MODULE"] = "1"
            into.time(f"{size}: cargo build", lambda c=cargo: c.run("cargo", "build", "--lib"))
            if i < 4:
                pip.write(edits(code))
                into.time(f"{size}: maturin develop (pip)", lambda pip=pip: pip.develop())
            if rustimport and i < 2 and size == "10 lines":
                imported = f"%%rustimport\n{edits(code)}"
                into.add(f"{size}: %%rustimport", cell_seconds(running, imported))
        for crate in (uv, pip):
            subprocess.run(
                [sys.executable, "-m", "uv", "pip", "uninstall", "-q", crate.name], check=False
            )


def new_modules(watch: Stopwatch, n: int, scratch: Path, running: Kernel) -> None:
    edits, target = Edits(), scratch / "target-new"
    names = []
    for i in range(n + 1):
        into = watch if i else Stopwatch()
        name = f"bench_new_{i}"
        into.add(
            "new module: rustcell", cell_seconds(running, f"%%rust_module {name}\n{edits(SMALL)}")
        )
        settle(running)
        crate = ByHand(scratch, f"hand_new_{i}", target)
        crate.write(edits(SMALL))
        into.time("new module: maturin develop --uv", lambda crate=crate: crate.develop("--uv"))
        names.append(crate.name)
    subprocess.run([sys.executable, "-m", "uv", "pip", "uninstall", "-q", *names], check=False)


def new_kernels(watch: Stopwatch, n: int, running: Kernel) -> None:
    code = f"%%rust_module bench_again\n{Edits()(SMALL)}"
    assert running.run(code).ok
    settle(running)
    for i in range(n + 1):
        into = watch if i else Stopwatch()
        with timed_kernel() as other:
            into.add("new kernel: rustcell, unchanged cell", cell_seconds(other, code))
        with timed_kernel() as other:
            into.add("new kernel: plain import", cell_seconds(other, "import bench_again"))


@contextmanager
def evcxr_kernel() -> Iterator[Kernel]:
    manager = KernelManager()
    manager.kernel_spec.argv = ["evcxr_jupyter", "--control_file", "{connection_file}"]
    manager.start_kernel()
    try:
        yield Kernel(manager)
    finally:
        manager.shutdown_kernel(now=True)


def beside_evcxr(watch: Stopwatch, n: int, running: Kernel) -> None:
    """One changed function and its call, as the front end waits for both kernels."""
    edits = Edits()
    with evcxr_kernel() as evcxr:
        for i in range(n + 1):
            into = watch if i else Stopwatch()
            code = edits(SMALL)
            rust = "".join(line for line in code.splitlines(True) if "py" not in line)
            into.time(
                "seen by the client: evcxr, changed cell",
                lambda rust=rust: evcxr.run(f'{rust}\nprintln!("{{}}", area(2.0, 3.0));'),
            )
            into.time(
                "seen by the client: rustcell, changed cell",
                lambda code=code: running.run(f"%%rust_module bench_evcxr\n{code}"),
            )
            settle(running)


def kernels_at_once(watch: Stopwatch, n: int, count: int = 4) -> None:
    """`count` kernels build a changed cell at one moment, against their work shared out.

    The least that the cores could need is the sum of the cells' times, built one after the
    other, divided by the number of cores.
    """
    edits, cores = Edits(), min(count, os.cpu_count() or 1)
    with contextlib.ExitStack() as stack:
        kernels = [stack.enter_context(timed_kernel()) for _ in range(count)]
        for i in range(n + 1):
            into = watch if i else Stopwatch()
            alone = 0.0
            for each in kernels:
                alone += cell_seconds(each, f"%%rust_module bench_many\n{edits(SMALL)}")
                settle(each)
            into.add(f"{count} kernels: rustcell, the work shared out", alone / cores)
            start = time.perf_counter()
            sent = [each.send(f"%%rust_module bench_many\n{edits(SMALL)}") for each in kernels]
            results = [e.collect(m) for e, m in zip(kernels, sent, strict=True)]
            into.add(f"{count} kernels: rustcell, at one moment", time.perf_counter() - start)
            assert all(result.ok for result in results)
            for each in kernels:
                settle(each)


def memory_growth(watch: Stopwatch, rebuilds: int) -> dict[str, float]:
    """Rebuild one cell many times in one kernel; return what each rebuild leaves behind."""
    edits = Edits()
    look = (
        "import os, psutil; _p = psutil.Process(); "
        "(_p.memory_full_info().uss, _p.num_fds() if hasattr(_p, 'num_fds') else 0, "
        "len(_p.memory_maps()))"
    )
    with timed_kernel() as running:
        assert running.run(f"%%rust_module bench_memory\n{edits(SMALL)}").ok
        settle(running)
        before = ast.literal_eval(running.value(look))
        for _ in range(rebuilds):
            code = f"%%rust_module bench_memory\n{edits(SMALL)}"
            watch.add(f"memory: {rebuilds} rebuilds", cell_seconds(running, code))
        settle(running)
        after = ast.literal_eval(running.value(look))
    kinds = ("own memory (bytes)", "file descriptors", "mapped files")
    return {k: (b - a) / rebuilds for k, a, b in zip(kinds, before, after, strict=True)}


def cold_starts(watch: Stopwatch, n: int, scratch: Path) -> None:
    for i in range(n):
        with timed_kernel({"RUSTCELL_CACHE_DIR": str(scratch / f"cold-{i}")}) as other:
            code = f"%%rust_module bench_cold\n{Edits()(SMALL)}"
            watch.add("cold: rustcell, first cell", cell_seconds(other, code))
            settle(other)
            assert other.run("%rust_clean").ok
        crate = ByHand(scratch, f"cold_{i}", scratch / f"target-cold-{i}")
        crate.write(Edits()(SMALL))
        crate.env["PYO3_BUILD_EXTENSION_MODULE"] = "1"
        watch.time("cold: cargo build", lambda crate=crate: crate.run("cargo", "build", "--lib"))


@contextmanager
def timed_kernel(env: dict[str, str] | None = None) -> Iterator[Kernel]:
    with kernel(env={"RUSTCELL_PROGRESS": "off", **(env or {})}) as running:
        assert running.run(TIMER).ok
        yield running


BOUNDS = [
    ("10 lines: rustcell, unchanged cell", None, 0.005),
    ("300 lines: rustcell, unchanged cell", None, 0.005),
    ("10 lines: rustcell, changed cell", "10 lines: maturin develop --uv", 1.15),
    ("300 lines: rustcell, changed cell", "300 lines: maturin develop --uv", 1.15),
    ("10 lines: rustcell, changed cell", "10 lines: cargo build", 1.2),
    ("300 lines: rustcell, changed cell", "300 lines: cargo build", None),
    ("10 lines: rustcell, changed cell", "10 lines: maturin develop (pip)", None),
    ("10 lines: rustcell, changed cell", "10 lines: %%rustimport", None),
    ("new module: rustcell", "new module: maturin develop --uv", 0.5),
    ("cold: rustcell, first cell", "cold: cargo build", 1.1),
    ("seen by the client: rustcell, changed cell", "seen by the client: evcxr, changed cell", 1.3),
    ("4 kernels: rustcell, at one moment", "4 kernels: rustcell, the work shared out", 1.3),
]


def verdicts(medians: dict[str, float]) -> list[dict[str, Any]]:
    """Return each comparison with its ratio (or seconds), its bound and whether it holds."""
    rows = []
    for ours, theirs, bound in BOUNDS:
        if ours not in medians or (theirs is not None and theirs not in medians):
            continue
        value = medians[ours] / medians[theirs] if theirs else medians[ours]
        holds = None if bound is None else value <= bound
        rows.append(
            {"ours": ours, "theirs": theirs, "value": value, "bound": bound, "holds": holds}
        )
    again, plain = "new kernel: rustcell, unchanged cell", "new kernel: plain import"
    if again in medians:
        more = medians[again] - medians[plain]
        rows.append(
            {"ours": again, "theirs": plain, "value": more, "bound": 0.05, "holds": more <= 0.05}
        )
    return rows


def machine() -> str:
    release = subprocess.run(["rustc", "-V"], capture_output=True, text=True, check=True).stdout
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, {release.strip()}"
    )


def table(medians: dict[str, float], rows: list[dict[str, Any]], watch: Stopwatch) -> str:
    """Return medians and ratios as Markdown."""
    lines = [f"# From an edit to live code\n\n{machine()}. Medians of one run, alternating."]
    lines += ["`docs/how-it-works.md` says where the time of a changed cell goes.\n"]
    lines += ["| what | ms | n |", "| --- | ---: | ---: |"]
    lines += [
        f"| {name} | {seconds * 1000:.1f} | {len(watch.seconds[name])} |"
        for name, seconds in medians.items()
    ]
    lines += ["", "| ours | against | value | bound | |", "| --- | --- | ---: | ---: | --- |"]
    for row in rows:
        ratio = row["theirs"] and not row["ours"].startswith("new kernel")
        bound = "" if row["bound"] is None else row["bound"]
        state = {None: "", True: "holds", False: "**does not hold**"}[row["holds"]]
        lines.append(
            f"| {row['ours']} | {row['theirs'] or ''} | "
            f"{row['value']:.3f} {'x' if ratio else 's'} | {bound} | {state} |"
        )
    return "\n".join(lines) + "\n"


def plot(watch: Stopwatch, path: Path) -> None:
    """Draw the medians with their quartiles; the labels carry the meaning, not the colour."""
    from matplotlib.figure import Figure

    chosen = {n: v for n, v in watch.seconds.items() if not n.startswith(("cold", "memory"))}
    figure = Figure(figsize=(9, 0.34 * len(chosen) + 1.2), layout="constrained")
    axes = figure.subplots()
    for place, (name, values) in enumerate(reversed(chosen.items())):
        ours = "rustcell" in name
        middle = statistics.median(values)
        axes.barh(place, middle, color="#a8431a" if ours else "#2f6690", hatch="//" if ours else "")
        if len(values) > 2:
            low, _, high = statistics.quantiles(values, n=4)
            axes.errorbar(middle, place, xerr=[[middle - low], [high - middle]], color="#1f2328")
    axes.set_yticks(range(len(chosen)), list(reversed(chosen)))
    axes.set_xscale("log")
    axes.set_xlabel("seconds (logarithmic); bars: medians, lines: quartiles; hatched: rustcell")
    axes.set_title(machine(), fontsize=9)
    figure.savefig(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", type=int, default=20, help="rounds (default 20)")
    parser.add_argument("--rebuilds", type=int, default=200, help="for the memory (default 200)")
    parser.add_argument("--skip-cold", action="store_true", help="leave the cold starts out")
    parser.add_argument("--out", type=Path, help="write table, plot and numbers to this folder")
    options = parser.parse_args()
    watch = Stopwatch()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        with timed_kernel() as running:
            changed_cells(watch, options.n, scratch, running)
            new_modules(watch, min(options.n, 10), scratch, running)
            new_kernels(watch, min(options.n, 10), running)
            if shutil.which("evcxr_jupyter"):
                beside_evcxr(watch, options.n, running)
            else:
                print("evcxr_jupyter is not installed: left out", file=sys.stderr)
            assert running.run("%rust_clean").ok
        kernels_at_once(watch, min(options.n, 5))
        growth = memory_growth(watch, options.rebuilds) if options.rebuilds else {}
        if not options.skip_cold:
            cold_starts(watch, 3, scratch)
    medians = watch.medians()
    rows = verdicts(medians)
    text = table(medians, rows, watch)
    for kind, value in growth.items():
        text += f"\n- per rebuild, {options.rebuilds} in one kernel: {value:,.1f} {kind}"
    print(text)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "edit_to_live.md").write_text(text + "\n")
        plot(watch, options.out / "edit_to_live.svg")
        content = {
            "machine": machine(),
            "seconds": watch.seconds,
            "ratios": rows,
            "growth per rebuild": growth,
        }
        (options.out / "edit_to_live.json").write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
