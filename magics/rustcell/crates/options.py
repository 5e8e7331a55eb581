"""What the line of a Rust cell asks for, as values, and how each value is checked.

`magic_line.py` declares the options and splits the line.
"""

from __future__ import annotations

import keyword
import re
import signal
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from rustcell.errors import OptionsError

ANY = ""
"""An expectation without a code or text: any error (or warning) will do."""

DEP_FORMS = (
    "Write --dep rayon, --dep rayon@1.10, or TOML in single quotes: "
    '--dep \'serde = { version = "1", features = ["derive"] }\''
)
"""The mend of every --dep that cannot be read."""

PROFILES = ("dev", "release", "test", "bench")
EDITIONS = ("2015", "2018", "2021", "2024")
_PROFILE_OF_RELEASE = "release"
RUST_KEYWORDS = frozenset(
    (
        "as break const continue crate else enum extern false fn for if impl in let loop match "
        "mod move mut pub ref return self Self static struct super trait true type unsafe use "
        "where while async await dyn abstract become box do final macro override priv typeof "
        "unsized virtual yield try gen"
    ).split()
)


@dataclass(frozen=True)
class CellOptions:
    """What the lines of all Rust cells may ask for.

    `dependencies` maps a crate's name to the TOML value of its line, in canonical text.
    `expected_errors` and `expected_warnings` hold codes, lint names or pieces of text;
    `ANY` stands for "some error".
    """

    name: str | None = None
    profile: str = "dev"
    dependencies: tuple[tuple[str, str], ...] = ()
    features: tuple[str, ...] = ()
    pyo3: str | None = None
    edition: str = "2024"
    expected_errors: tuple[str, ...] = ()
    expected_warnings: tuple[str, ...] = ()
    expect_only: bool = False
    env: tuple[tuple[str, str], ...] = ()
    backtrace: bool = False
    plain: bool = False
    force: bool = False
    verbosity: int = 0
    show: bool = False


@dataclass(frozen=True)
class ModuleOptions(CellOptions):
    """The line of `%%rust_module`."""

    star: bool = False


@dataclass(frozen=True)
class ProgramOptions(CellOptions):
    """The line of `%%rust_main`.

    `expected_exit` is an exit status or the name of a signal, None when none was asked for:
    then 0 is. `timeout` is in seconds.
    """

    arguments: tuple[str, ...] = ()
    expected_exit: int | str | None = None
    timeout: float = 60


@dataclass(frozen=True)
class HarnessOptions(CellOptions):
    """The line of `%%rust_test`. `timeout` is in seconds, for all tests together."""

    expected_failures: tuple[str, ...] = ()
    include_ignored: bool = False
    timeout: float = 60


def profile(chosen: str | None, *, release: bool, magic: str) -> str:
    """Return the cargo profile of a cell of `magic`.

    Raises
    ------
    OptionsError
        For an unknown one, two that differ, or one that builds something else than the cell.
    """
    if release and chosen not in (None, _PROFILE_OF_RELEASE):
        raise OptionsError(
            f"--release and --profile {chosen} exclude each other", "Keep one of the two."
        )
    found = _PROFILE_OF_RELEASE if release else (chosen or "dev")
    if found not in PROFILES:
        raise OptionsError(
            f"unknown profile {found!r}", "The profiles are dev, release, test and bench."
        )
    # `cargo rustc` and maturin take these two for an order to build the harness of the tests.
    if found in ("test", "bench") and magic != "rust_test":
        raise OptionsError(
            f"--profile {found} builds tests, and %%{magic} builds none",
            "Write --profile dev or --profile release; tests go into a cell of %%rust_test.",
        )
    return found


def edition(chosen: str) -> str:
    """Return the Rust edition, or raise `OptionsError` for one that there is not."""
    if chosen not in EDITIONS:
        raise OptionsError(
            f"unknown edition {chosen!r}", "The editions are 2015, 2018, 2021 and 2024."
        )
    return chosen


def pyo3_version(chosen: str | None) -> str | None:
    """Return a version of PyO3, or raise `OptionsError` for what cannot be one."""
    if chosen is not None and not re.fullmatch(r"\d+(\.\d+){0,2}", chosen):
        raise OptionsError(f"{chosen!r} is not a version of PyO3", "Write it like --pyo3 0.29.0.")
    return chosen


def features(chosen: str) -> tuple[str, ...]:
    """Return the features of a list with commas, each once and in order."""
    return tuple(sorted({f for f in re.split(r"[,\s]+", chosen) if f}))


def seconds(chosen: str) -> float:
    """Return a time limit, or raise `OptionsError` for what is no positive number."""
    if not re.fullmatch(r"\d+(\.\d*)?|\.\d+", chosen) or float(chosen) == 0:
        raise OptionsError(
            f"--timeout {chosen!r} is no number of seconds", "Write it like --timeout 10."
        )
    return float(chosen)


def exit_status(chosen: str | None) -> int | str | None:
    """Return the exit status or the signal's name that a program is to end with.

    Raises
    ------
    OptionsError
        For what can be neither.
    """
    if chosen is None or (chosen.isascii() and chosen.isdigit()):
        return None if chosen is None else int(chosen)
    name = chosen.upper() if chosen.upper().startswith("SIG") else f"SIG{chosen.upper()}"
    if name not in signal.Signals.__members__:
        raise OptionsError(
            f"--expect-exit {chosen!r} is neither an exit status nor a signal",
            "Write a number, as in --expect-exit 3, or a name, as in --expect-exit SIGABRT.",
        )
    return name


def check_name(name: str, magic: str = "rust_module") -> str:
    """Return `name` if it can be both a Python module and a Rust crate.

    `magic` is the one to write it after.

    Raises
    ------
    OptionsError
        If it is no identifier, or a keyword of one of the two languages.
    """
    # The installed distribution is rustcell-NAME, and a distribution cannot end in "_".
    if not re.fullmatch(r"_*[A-Za-z]([A-Za-z0-9_]*[A-Za-z0-9])?", name):
        raise OptionsError(
            f"{name!r} cannot name a module: use letters a-z, digits and _ between them, "
            "and start with a letter",
            f"Write for example: %%{magic} {_similar_name(name)}",
        )
    for language, words in (("Python", frozenset(keyword.kwlist)), ("Rust", RUST_KEYWORDS)):
        if name in words:
            raise OptionsError(
                f"{name!r} is a keyword of {language} and cannot name a module",
                f"Write for example: %%{magic} {name}_rs",
            )
    return name


def _similar_name(name: str) -> str:
    """Return a valid module name that looks like `name`."""
    letters = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    similar = re.sub(r"\W+", "_", letters).strip("_")
    if similar[:1].isdigit():
        return f"m{similar}"
    return similar or "my_module"


def environment_pair(text: str) -> tuple[str, str]:
    """Split K=V, or raise `OptionsError`."""
    key, equals, value = text.partition("=")
    if not equals or not re.fullmatch(r"[A-Za-z_]\w*", key):
        raise OptionsError(f"--env {text!r} is not of the form K=V", "Write --env NAME=value.")
    return key, value


def dependencies(specs: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return the crates that --dep names with their TOML values, in order.

    Raises
    ------
    OptionsError
        For one that cannot be read, is there anyway, or is given twice with two meanings.
    """
    found: dict[str, str] = {}
    for spec in specs:
        crate, requirement = _dependency(spec)
        if crate in ("pyo3", "rustcell_support"):
            raise OptionsError(
                f"--dep {crate} is already there",
                "Choose PyO3's version with --pyo3 and its features with --features.",
            )
        if found.setdefault(crate, requirement) != requirement:
            raise OptionsError(
                f"--dep {crate} is given twice with different requirements", "Keep one of them."
            )
    return tuple(sorted(found.items()))


def _dependency(spec: str) -> tuple[str, str]:
    """Return (crate, TOML value) of `rayon`, `rayon@1.10` or `serde = { … }`."""
    if "=" not in spec.partition("@")[0]:
        crate, _, version = spec.partition("@")
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", crate) or '"' in version:
            raise _malformed(spec, "that is no crate's name")
        return crate, f'"{version.strip() or "*"}"'
    try:
        table = tomllib.loads(spec)
    except tomllib.TOMLDecodeError as error:
        raise _malformed(spec, str(error)) from error
    if len(table) != 1 or "\n" in spec.strip():
        raise _malformed(spec, "one crate a --dep")
    crate, value = next(iter(table.items()))
    if not isinstance(value, str | dict):
        raise _malformed(spec, "a version in quotes or a { table } is wanted")
    return crate, spec.partition("=")[2].strip()


def _malformed(spec: str, why: str) -> OptionsError:
    return OptionsError(
        f"--dep {spec!r} cannot be read: {why}",
        DEP_FORMS,
    )
