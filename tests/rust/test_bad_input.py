"""Bad input, as a user sees it: our error with its mend, and the module from before still live."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from conftest import ROOT
from kernels import CellResult, Kernel, kernel
from rustcell.live.installed import installed, uninstall

pytestmark = [pytest.mark.rust, pytest.mark.alone]

SHARED = ROOT / ".cache" / "tests"


def answer(number: int, *, name: str = "bad_live", options: str = "") -> str:
    """Return a cell whose module says `number`."""
    return (
        f"%%rust_module {name} {options}\n"
        "use pyo3::prelude::*;\n"
        "#[pyfunction]\n"
        f"fn answer() -> u64 {{ {number} }}\n"
    )


STILL_LIVE = "import importlib; (bad_live.answer(), importlib.import_module('bad_live').answer())"


def do(running: Kernel, code: str) -> None:
    """Run a Python cell that must go well."""
    result = running.run(code)
    assert result.ok, result.text[-500:]


def build(running: Kernel, number: int, **more: str) -> None:
    """Build and call a module; all must go well."""
    result = running.run(answer(number, **more), timeout=300)
    assert result.ok, result.text
    assert running.value(f"{more.get('name', 'bad_live')}.answer()") == str(number)


def refused(
    running: Kernel, cell: str, kind: str, *words: str, mend: str, timeout: float = 300
) -> CellResult:
    """Run a cell that must fail with our own error, its words and its mend."""
    result = running.run(cell, timeout=timeout)
    assert result.ename == kind, result.text or "the cell went well"
    for word in words:
        assert word in result.evalue
    assert "What to do:" in result.text
    assert mend in result.text.partition("What to do:")[2]
    return result


@contextmanager
def variables(running: Kernel, **changes: str) -> Iterator[None]:
    """Change the kernel's own environment for a while."""
    do(running, "import os; saved = [*globals().get('saved', []), dict(os.environ)]")
    do(running, f"os.environ.update({changes!r})")
    try:
        yield
    finally:
        do(running, "os.environ.clear(); os.environ.update(saved.pop())")


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel in a notebook's folder, with the module `bad_live` built and called."""
    folder = tmp_path_factory.mktemp("notebook")
    (folder / "beside_it.py").write_text("raise SystemExit('nobody may run me')\n")
    (folder / "a_package").mkdir()
    (folder / "a_package" / "__init__.py").touch()
    with kernel(cwd=folder) as running:
        build(running, 42)
        yield running
    uninstall([m.name for m in installed() if m.name.startswith("bad_")], SHARED / "v1")


@dataclass(frozen=True)
class Row:
    """One way to get it wrong."""

    what: str
    cell: str
    kind: str
    words: str
    mend: str


BODY = answer(1).partition("\n")[2]
EMPTY_MODULE = "#[pyo3::pymodule]\nmod {name} {{}}\n"


def init(code: str) -> str:
    return (
        "%%rust_module bad_live\n"
        "use pyo3::prelude::*;\n"
        "#[pymodule]\n"
        "mod bad_live {\n"
        "    use pyo3::prelude::*;\n"
        "    #[pymodule_init]\n"
        f"    fn init(_m: &Bound<'_, PyModule>) -> PyResult<()> {{ {code} }}\n"
        "}\n"
    )


ROWS = [
    Row("no identifier", f"%%rust_module 2fast\n{BODY}", "OptionsError", "'2fast'", "m2fast"),
    Row("a hyphen", f"%%rust_module my-mod\n{BODY}", "OptionsError", "'my-mod'", "my_mod"),
    Row("a letter of ours", f"%%rust_module größe\n{BODY}", "OptionsError", "'größe'", "grosse"),
    Row("Python's keyword", f"%%rust_module class\n{BODY}", "OptionsError", "Python", "class_rs"),
    Row("Rust's keyword", f"%%rust_module match\n{BODY}", "OptionsError", "Rust", "match_rs"),
    Row(
        "an underscore last", f"%%rust_module a_\n{BODY}", "OptionsError", "'a_'", "%%rust_module a"
    ),
    Row(
        "the standard library",
        f"%%rust_module json\n{BODY}",
        "NameRefusedError",
        "standard library",
        "json_rs",
    ),
    Row(
        "an installed package",
        f"%%rust_module tomlkit\n{BODY}",
        "NameRefusedError",
        "a package that is installed in this environment",
        "tomlkit_rs",
    ),
    Row(
        "a file beside the notebook",
        f"%%rust_module beside_it\n{BODY}",
        "NameRefusedError",
        "beside_it.py beside the notebook",
        "beside_it_rs",
    ),
    Row(
        "a package beside the notebook",
        f"%%rust_module a_package\n{BODY}",
        "NameRefusedError",
        "a_package/__init__.py beside the notebook",
        "a_package_rs",
    ),
    Row(
        "two names",
        "%%rust_module bad_live\n" + EMPTY_MODULE.format(name="other"),
        "OptionsError",
        "the #[pymodule] in line 3 says 'other'",
        "Write %%rust_module other, or rename the #[pymodule] to bad_live",
    ),
    Row(
        "two modules",
        "%%rust_module\n" + EMPTY_MODULE.format(name="one") + EMPTY_MODULE.format(name="two"),
        "OptionsError",
        "one (line 3), two (line 5)",
        "a cell of its own",
    ),
    Row("no name", f"%%rust_module\n{BODY}", "OptionsError", "no name", "%%rust_module my_module"),
    Row(
        "nothing to export",
        "%%rust_module bad_live\nfn area() {}",
        "OptionsError",
        "nothing to export",
        "Put #[pyfunction] above",
    ),
    Row(
        "blank lines alone", "%%rust_module bad_live\n\n \n", "OptionsError", "empty", "Write Rust"
    ),
    Row("a magic line alone", "%%rust_module bad_live", "OptionsError", "empty", "Write Rust"),
    Row(
        "an unknown option",
        f"%%rust_module bad_live --relase\n{BODY}",
        "OptionsError",
        "--relase",
        "%%rust_module?",
    ),
    Row(
        "an open quote",
        f"%%rust_module bad_live --dep 'serde\n{BODY}",
        "OptionsError",
        "No closing quotation",
        "Close the quote",
    ),
    Row(
        "TOML that is none",
        f"%%rust_module bad_live --dep 'serde = {{ version = '\n{BODY}",
        "OptionsError",
        "cannot be read",
        "--dep rayon@1.10",
    ),
    Row(
        "TOML that says nothing to cargo",
        f"%%rust_module bad_live --dep 'serde = {{ versoin = \"1\" }}'\n{BODY}",
        "DependencyError",
        "dependency (serde) specified without providing",
        "--dep rayon@1.10",
    ),
    Row(
        "a version that is none",
        f"%%rust_module bad_live --dep heck@abc\n{BODY}",
        "DependencyError",
        "failed to parse the version requirement `abc`",
        "--dep rayon@1.10",
    ),
    Row(
        "a PyO3 that is none",
        f"%%rust_module bad_live --pyo3 latest\n{BODY}",
        "OptionsError",
        "'latest'",
        "--pyo3 0.",
    ),
    Row(
        "a feature that PyO3 has not",
        f"%%rust_module bad_live --features no-such\n{BODY}",
        "DependencyError",
        "pyo3 has no feature 'no-such'",
        "num-bigint",
    ),
    Row(
        "options that exclude each other",
        f"%%rust_module bad_live --release --profile dev\n{BODY}",
        "OptionsError",
        "--release and --profile dev",
        "Keep one",
    ),
    Row(
        "an initialiser that raises",
        init('Err(pyo3::exceptions::PyValueError::new_err("not today"))'),
        "LoadError",
        "ValueError: not today",
        "#[pymodule_init]",
    ),
    Row(
        "an initialiser that panics",
        init('panic!("not today")'),
        "LoadError",
        "panicked: not today",
        "#[pymodule_init]",
    ),
    Row(
        "code that does not compile",
        "%%rust_module bad_live\nuse pyo3::prelude::*;\n#[pyfunction]\nfn f() -> u8 { 300 + x }\n",
        "BuildError",
        "E0425",
        "",
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what)
def test_a_bad_cell(user: Kernel, row: Row) -> None:
    result = user.run(row.cell)
    assert result.ename == row.kind, result.text or "the cell went well"
    assert row.words in result.evalue
    if row.mend:
        assert row.mend in result.text.partition("What to do:")[2]
    assert "Traceback" not in result.text
    assert user.value(STILL_LIVE) == "(42, 42)"


def test_a_crate_or_version_that_does_not_exist(user: Kernel) -> None:
    """Cargo asks the registry; without network the error says so instead."""
    crate = user.run(answer(1, options="--dep no-such-crate-of-rustcell"))
    if "network cannot be reached" in crate.evalue:
        pytest.skip("no network: the registry cannot be asked")
    assert "there is no crate named 'no-such-crate-of-rustcell'" in crate.evalue
    refused(
        user,
        answer(1, options="--dep heck@99"),
        "DependencyError",
        "there is no version 99 of heck",
        mend="There are: 0.5.0",
    )
    refused(
        user,
        answer(1, options="--pyo3 0.99.0"),
        "DependencyError",
        "there is no version 0.99.0 of pyo3",
        mend="--pyo3 VERSION",
    )
    assert user.value(STILL_LIVE) == "(42, 42)"


@pytest.mark.parametrize(
    ("what", "body", "call", "value"),
    [
        (
            "CRLF and tabs",
            "use pyo3::prelude::*;\r\n\r\n#[pyfunction]\r\nfn f() -> char {\r\n\t'\\t'\r\n}\r\n",
            "f()",
            "'\\t'",
        ),
        (
            "a BOM and inner attributes",
            (
                "\ufeff#![allow(non_snake_case)]\n#![forbid(unsafe_code)]\n"
                "use pyo3::prelude::*;\n#[pyfunction]\nfn F() -> u8 { 1 }\n"
            ),
            "F()",
            "1",
        ),
        (
            "Unicode identifiers and strings",
            (
                "use pyo3::prelude::*;\n#[pyfunction]\nfn größe(höhe: u8) -> String "
                '{ format!("{höhe} 🦀 Ωμέγα\u00a0") }\n'
            ),
            "größe(höhe=2)",
            "'2 🦀 Ωμέγα\\xa0'",
        ),
        (
            "one megabyte",
            "use pyo3::prelude::*;\n"
            + "".join(f"// {'x' * 94}{n:6}\n" for n in range(10_000))
            + "#[pyfunction]\nfn f() -> u8 { 7 }\n",
            "f()",
            "7",
        ),
    ],
)
def test_unusual_text_is_no_bad_input(
    user: Kernel, what: str, body: str, call: str, value: str
) -> None:
    result = user.run(f"%%rust_module bad_text\n{body}")
    assert result.ok, result.text
    assert user.value(f"bad_text.{call}") == value


def test_lines_are_counted_right_in_a_cell_with_crlf(user: Kernel) -> None:
    lines = [
        "%%rust_module bad_text",
        "use pyo3::prelude::*;",
        "#[pyfunction]",
        "",
        "fn f() -> X {}",
    ]
    result = user.run("\r\n".join(lines))
    assert "%%rust_module bad_text:5:11" in result.text


def tools(folder: Path, *names: str) -> Path:
    """Make a folder for PATH that holds these tools and nothing else."""
    folder.mkdir()
    for name in names:
        found = shutil.which(name)
        assert found, name
        (folder / name).symlink_to(found)
    return folder


posix = pytest.mark.skipif(os.name == "nt", reason="PATH is made of symbolic links and scripts")


@posix
def test_missing_and_old_tools(user: Kernel, tmp_path: Path) -> None:
    with variables(user, PATH=str(tmp_path)):
        refused(user, answer(2), "ToolchainError", "no Rust toolchain", mend="Install Rust")
    old = tmp_path / "old"
    old.mkdir()
    (old / "rustc").write_text("#!/bin/sh\necho 'rustc 1.70.0 (90c541806 2023-05-31)'\n")
    (old / "rustc").chmod(0o755)
    with variables(user, PATH=str(old)):
        refused(user, answer(2), "ToolchainError", "1.70.0 is too old", mend="rustup update")
    with variables(user, PATH=str(tools(tmp_path / "no_cc", "rustc", "cargo"))):
        refused(user, answer(2), "ToolchainError", "'cc' was not found", mend="Install a C comp")
    assert user.value(STILL_LIVE) == "(42, 42)"


NO_NETWORK = dict.fromkeys(("https_proxy", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9")


def test_no_network(user: Kernel, tmp_path: Path) -> None:
    cold = {**NO_NETWORK, "CARGO_HOME": str(tmp_path), "CARGO_NET_RETRY": "0"}
    with variables(user, **cold):
        refused(
            user,
            answer(2, options="--dep itoa"),
            "DependencyError",
            "the network cannot be reached",
            "itoa",
            mend="Connect once",
        )
    assert user.value(STILL_LIVE) == "(42, 42)"
    with variables(user, **NO_NETWORK):
        build(user, int(time.time()), name="bad_offline")
        with variables(user, CARGO_HOME=str(tmp_path)):
            refused(
                user,
                answer(int(time.time()), name="bad_offline"),
                "DependencyError",
                "the network cannot be reached",
                mend="Connect once",
            )


def test_cache_folders_that_are_not_ours(tmp_path: Path) -> None:
    with kernel(env={"RUSTCELL_CACHE_DIR": str(tmp_path / "a file")}) as running:
        (tmp_path / "a file").touch()
        refused(running, answer(1), "CacheError", "cannot be written", mend="RUSTCELL_CACHE_DIR")
        if os.name == "posix":
            (tmp_path / "open" / "v1").mkdir(parents=True)
            (tmp_path / "open" / "v1").chmod(0o777)
            with variables(running, RUSTCELL_CACHE_DIR=str(tmp_path / "open")):
                refused(running, answer(1), "CacheError", "by other users", mend="chmod 700")
        if os.name == "posix" and os.getuid() == 0:
            (tmp_path / "theirs" / "v1").mkdir(parents=True, mode=0o700)
            os.chown(tmp_path / "theirs" / "v1", 65534, 65534)
            with variables(running, RUSTCELL_CACHE_DIR=str(tmp_path / "theirs")):
                refused(running, answer(1), "CacheError", "another user", mend="RUSTCELL_CACHE_DIR")
        do(running, f"import os; os.environ['RUSTCELL_CACHE_DIR'] = {str(SHARED)!r}")
        build(running, 42)


def test_python_outside_of_any_environment(tmp_path: Path) -> None:
    base = os.path.realpath(sys.executable)
    env = {"PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    with kernel(python=base, env=env, cwd=tmp_path) as running:
        if running.value("__import__('sys').prefix == __import__('sys').base_prefix") == "False":
            pytest.skip("this Python's base is an environment itself")
        refused(
            running,
            answer(42),
            "ToolchainError",
            "in no virtual or conda environment",
            mend="python -m venv .venv",
        )


def venv_without(folder: Path, *left_out: str) -> Path:
    """Return the interpreter of a venv that sees our packages but for some.

    It stays where it is, because its base of dependencies belongs to its path.
    """
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True, timeout=60
    )
    python = folder / ("Scripts" if os.name == "nt" else "bin") / Path(sys.executable).name
    ask = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('platlib'))"]
    site = Path(subprocess.run(ask, check=True, capture_output=True, text=True).stdout.strip())
    ours = Path(sysconfig.get_path("platlib"))
    for entry in ours.iterdir():
        mine = entry.name.startswith(("rustcell_", "bad_"))
        if not mine and entry.name.split("-")[0] not in left_out:
            (site / entry.name).symlink_to(entry)
    scripts = Path(sysconfig.get_path("scripts"))
    (python.parent / "maturin").symlink_to(scripts / "maturin")
    return python


@posix
def test_without_uv_pip_installs_and_without_pip_nothing_does() -> None:
    python = venv_without(SHARED.parent / "venv-without-uv", "uv", "pip")
    path = {"PYTHONPATH": str(ROOT / "magics")}
    with kernel(python=str(python), env=path) as running:
        refused(
            running,
            answer(int(time.time())),
            "InstallError",
            "neither uv nor pip",
            mend="-m ensurepip",
        )
        pip = Path(sysconfig.get_path("platlib")) / "pip"
        site = Path(running.value("__import__('sysconfig').get_path('platlib')")[1:-1])
        (site / "pip").symlink_to(pip)
        (python.parent / "uv").write_text("#!/bin/sh\nexit 127\n")
        (python.parent / "uv").chmod(0o755)
        build(running, int(time.time()), name="bad_pip")
        status = running.run("%rust_status")
        assert "failed" not in status.text, status.text
        assert (site / "rustcell_bad_pip-0.1.0.dist-info" / "RECORD").exists(), status.text


def namespace_kernel(folder: Path, script: str) -> str:
    """Return a program that starts Python after some mounts that nobody else sees."""
    if sys.platform != "linux" or shutil.which("unshare") is None:
        pytest.skip("needs Linux and unshare")
    tried = subprocess.run(
        ["unshare", "-rm", "mount", "-t", "tmpfs", "-o", "size=1m", "none", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if tried.returncode != 0:
        pytest.skip(f"no mounts here: {tried.stderr.strip()}")
    program = folder / "python"
    program.write_text(
        "#!/bin/sh\nset -e\n"
        'if [ -z "$INSIDE" ]; then INSIDE=1 exec unshare -rm --propagation private "$0" "$@"; fi\n'
        f'{script}\nexec "{sys.executable}" "$@"\n'
    )
    program.chmod(0o755)
    return str(program)


def read_only(folder: Path) -> str:
    return f'mount --bind "{folder}" "{folder}"\nmount -o remount,ro,bind "{folder}"'


def test_read_only_folders(user: Kernel, tmp_path: Path) -> None:
    site = Path(sysconfig.get_path("platlib"))
    own = tmp_path / "own"
    own.mkdir()
    program = namespace_kernel(tmp_path, read_only(site) + "\n" + read_only(own))
    with kernel(python=program) as running:
        with variables(running, RUSTCELL_CACHE_DIR=str(own)):
            refused(
                running,
                answer(1),
                "CacheError",
                "cannot be written: Read-only file system",
                mend="RUSTCELL_CACHE_DIR",
            )
        build(running, 42)
        refused(
            running,
            answer(int(time.time())),
            "InstallError",
            "environment is read-only",
            mend="python -m venv .venv",
        )
        assert running.value(STILL_LIVE) == "(42, 42)"


def seed(cache: Path, copy: Callable[[str, str], object]) -> Path:
    """Give a cache of its own the finished base that the shared one has; return it."""
    finished = [path.parent for path in (SHARED / "v1" / "bases").glob("*/done")]
    # The one that was used last: older ones may belong to another state of the package.
    for base in sorted(finished, key=lambda path: path.stat().st_mtime, reverse=True):
        words = json.loads((base / "words.json").read_text())
        plain = (words["crates"], words["variables"], words["cargo configuration"])
        here = words["interpreter"].startswith(f"{sys.prefix}{os.sep}")
        common = words["profile"] == "dev" and words["PyO3"].endswith(" ")
        if here and common and plain == ("[]", "{}", "{}"):
            mine = cache / "v1" / "bases" / base.name
            shutil.copytree(base, mine, copy_function=copy, dirs_exist_ok=True)
            (cache / "v1").chmod(0o700)
            return mine
    raise AssertionError("the shared cache has no base: is `user` not started?")


def test_a_full_disk(user: Kernel, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    program = namespace_kernel(tmp_path, f'mount -t tmpfs -o size=300m none "{disk}"')
    with kernel(python=program, env={"RUSTCELL_CACHE_DIR": str(disk)}) as running:
        fill = f"""
with open({str(disk / "fill")!r}, "wb", buffering=0) as filling:
    try:
        for size in (1 << 20, 1 << 10, 1):
            try:
                while filling.write(bytes(size)) == size: pass
            except OSError: pass
    except OSError: pass
"""
        do(running, fill)
        refused(running, answer(1), "CacheError", mend="Free some")
        do(running, f"import os; os.remove({str(disk / 'fill')!r})")
        base = seed(tmp_path / "seed", os.link)
        place = disk / "v1" / "bases" / base.name
        do(running, f"import shutil; shutil.copytree({str(base)!r}, {str(place)!r})")
        build(running, 42)
        do(running, fill)
        refused(running, answer(2), "CacheError", "full", mend="Free some")
        assert running.value(STILL_LIVE) == "(42, 42)"
        do(running, f"import os; os.remove({str(disk / 'fill')!r})")
        build(running, 2)


def truncate(path: Path) -> None:
    os.truncate(path, 1000)


def spoil_library(cache: Path) -> None:
    for library in (cache / "v1" / "builds").glob("*/bad_live/bad_live.*"):
        truncate(library)


def spoil_init(cache: Path) -> None:
    for file in (cache / "v1" / "builds").glob("*/bad_live/__init__.py"):
        file.write_text("raise SystemExit('tampered')")


def spoil_notes(cache: Path) -> None:
    for note, text in (
        ("tools.json", "[]"),
        ("builds/*/rustcell-build.json", "[]"),
        ("locks/*/Cargo.lock", "not a lock"),
        ("support/*/src/*.rs", "not Rust"),
    ):
        files = list((cache / "v1").glob(note))
        assert files, note
        for file in files:
            file.write_text(text)


def test_a_damaged_cache_is_mended_by_itself(user: Kernel, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    base = seed(cache, shutil.copy2)
    env = {"RUSTCELL_CACHE_DIR": str(cache)}
    with kernel(env=env) as running:
        build(running, 42)
    for spoil in (spoil_library, spoil_init, spoil_notes):
        spoil(cache)
        with kernel(env=env) as running:
            build(running, 42)
            build(running, 43)
    truncate(next((base / "target").glob("*/deps/libpyo3-*.rlib")))
    with kernel(env=env) as running:
        build(running, 42)
        build(running, int(time.time()))


def kill_cargo(running: Kernel, after: str) -> None:
    """Kill -9 the kernel's cargo once a process of this name works for it."""
    me = psutil.Process(int(running.manager.provisioner.pid))
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        for process in me.children(recursive=True):
            try:
                cargo = process.parent()
                if process.name() == after and cargo and cargo.cmdline()[1:2] == ["rustc"]:
                    cargo.kill()
                    return
            except psutil.NoSuchProcess:
                continue
        time.sleep(0.01)
    raise AssertionError(f"no {after} was started")


@posix
def test_files_above_the_cache_and_a_cargo_that_is_killed(tmp_path: Path) -> None:
    """A base of its own is built here, from nothing: killed once, then to the end."""
    (tmp_path / "Cargo.toml").write_text('[workspace]\nmembers = ["nothing"]\n')
    (tmp_path / ".cargo").mkdir()
    (tmp_path / ".cargo" / "config.toml").write_text('[env]\nABOVE = "seen"\n')
    (tmp_path / "rust-toolchain.toml").write_text(f'[toolchain]\nchannel = "{toolchain()}"\n')
    cell = answer(1).replace("answer() -> u64 { 1 }", 'answer() -> &\'static str { env!("ABOVE") }')
    with kernel(env={"RUSTCELL_CACHE_DIR": str(tmp_path / "cache")}) as running:
        message = running.send(cell)
        kill_cargo(running, after="rustc")
        killed = running.collect(message, timeout=300)
        assert killed.ename == "BuildError", killed.text
        assert "killed from outside" in killed.evalue
        assert "Run the cell again" in killed.text
        again = running.run(cell, timeout=300)
        assert again.ok, again.text
        assert running.value("bad_live.answer()") == "'seen'"

        # With another command cargo is asked again, not rustc alone.
        message = running.send(cell.replace("\n", " --backtrace\n", 1) + "// changed\n" * 40_000)
        kill_cargo(running, after="rustc")
        assert "killed from outside" in running.collect(message).evalue
        assert running.value(STILL_LIVE) == "('seen', 'seen')"
        build(running, 7)

        if shutil.which("rustup"):
            (tmp_path / "rust-toolchain.toml").write_text('[toolchain]\nchannel = "1.2.3"\n')
            refused(
                running,
                answer(8),
                "ToolchainError",
                "1.2.3",
                mend=str(tmp_path / "rust-toolchain.toml"),
            )
            assert running.value(STILL_LIVE) == "(7, 7)"


def toolchain() -> str:
    """Return the name of the toolchain in use, as rust-toolchain.toml would say it."""
    if shutil.which("rustup") is None:
        return "stable"
    show = ["rustup", "show", "active-toolchain"]
    return subprocess.run(show, check=True, capture_output=True, text=True).stdout.split()[0]


def test_an_initialiser_that_aborts_takes_only_its_own_kernel(user: Kernel) -> None:
    with kernel() as running:
        build(running, 42)
        running.send(init("std::process::abort()"))
        deadline = time.monotonic() + 60
        while running.manager.is_alive() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not running.manager.is_alive()
    with kernel() as running:
        build(running, 42)
    assert user.value(STILL_LIVE) == "(42, 42)"
