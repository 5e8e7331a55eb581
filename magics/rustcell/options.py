"""The magic line: text in, `CellOptions` out.

The parser is declared by IPython's `magic_arguments`, so `%%rust_module?` shows it.
"""

from __future__ import annotations

import argparse
import keyword
import re
import shlex
import tomllib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from IPython.core.error import UsageError
from IPython.core.magic_arguments import MagicArgumentParser, argument, construct_parser

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
    """What one magic line asks for.

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
    star: bool = False
    force: bool = False
    verbosity: int = 0
    show: bool = False


def _arguments() -> list[Callable[[Callable[..., object]], Callable[..., object]]]:
    return [
        argument(
            "name",
            nargs="?",
            metavar="NAME",
            help="The Python module. May be left out when the cell has a #[pymodule].",
        ),
        argument("--release", action="store_true", help="Optimise: the same as --profile release."),
        argument(
            "--profile", metavar="P", help="The cargo profile (default: dev, quick to build)."
        ),
        argument(
            "--dep",
            action="append",
            default=[],
            metavar="SPEC",
            help="A crate: rayon, rayon@1.10, or a line of TOML in quotes. Repeatable.",
        ),
        argument(
            "--features", default="", metavar="F,G", help="Features of PyO3, e.g. num-bigint."
        ),
        argument("--pyo3", metavar="VERSION", help="Another version of PyO3."),
        argument("--edition", default="2024", metavar="E", help="Rust edition (default: 2024)."),
        argument(
            "--expect-error",
            action="append",
            nargs="?",
            const=ANY,
            default=[],
            metavar="CODE",
            help="The cell is a lesson: it succeeds only if the build fails, with this code or "
            "text when given. Repeatable.",
        ),
        argument(
            "--expect-warning",
            action="append",
            nargs="?",
            const=ANY,
            default=[],
            metavar="LINT",
            help="The build must succeed and warn, with this lint or text when given. Repeatable.",
        ),
        argument(
            "--expect-only",
            action="store_true",
            help="No other errors or warnings than the expected ones.",
        ),
        argument(
            "--env", action="append", default=[], metavar="K=V", help="Environment of the build."
        ),
        argument(
            "--backtrace", action="store_true", help="A panic of this module shows its stack."
        ),
        argument(
            "--plain", action="store_true", help="Compiler text without colours (also NO_COLOR)."
        ),
        argument(
            "--star",
            action="store_true",
            help="Also bind the module's public names, like `import *`.",
        ),
        argument("--force", action="store_true", help="Build although nothing changed."),
        argument("-q", "--quiet", action="store_true", help="Show nothing when all went well."),
        argument(
            "-v", "--verbose", action="store_true", help="Show the reason, the commands, the log."
        ),
        argument("--show", action="store_true", help="Show the generated crate."),
    ]


def declares_options(magic: Callable[..., object]) -> Callable[..., object]:
    """Decorate a magic with the options of `%%rust_module`."""
    for decorate in reversed(_arguments()):
        magic = decorate(magic)
    return magic


def line_parser() -> MagicArgumentParser:
    """Return a parser of the options alone, for lines read outside a notebook."""

    def rust_module(line: str) -> None: ...

    declared = declares_options(rust_module)
    declared.has_arguments = True  # type: ignore[attr-defined]
    parser: MagicArgumentParser = construct_parser(declared)
    return parser


def parse_line(parser: MagicArgumentParser, line: str) -> CellOptions:
    """Parse the text that follows `%%rust_module`.

    Raises
    ------
    OptionsError
        For an unknown option, a malformed value or options that exclude each other.
    """
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise OptionsError(
            f"the magic line cannot be split into words: {error}",
            "Close the quote. TOML goes into single quotes: --dep 'serde = \"1\"'.",
        ) from error
    try:
        found = parser.parse_args(words)
    except UsageError as error:
        text = str(error).split("error: ")[-1].strip()
        raise OptionsError(text, "`%%rust_module?` lists the options.") from error
    return _checked(found)


def _checked(found: argparse.Namespace) -> CellOptions:
    if found.release and found.profile not in (None, _PROFILE_OF_RELEASE):
        raise OptionsError(
            f"--release and --profile {found.profile} exclude each other", "Keep one of the two."
        )
    if found.expect_error and found.expect_warning:
        raise OptionsError(
            "--expect-error and --expect-warning exclude each other: a build either fails or warns",
            "Keep one of the two.",
        )
    if found.expect_only and not (found.expect_error or found.expect_warning):
        raise OptionsError(
            "--expect-only needs an --expect-error or --expect-warning",
            "Add the expectation, or leave --expect-only out.",
        )
    if found.quiet and found.verbose:
        raise OptionsError("-q and -v exclude each other", "Keep one of the two.")
    profile = _PROFILE_OF_RELEASE if found.release else (found.profile or "dev")
    if profile not in PROFILES:
        raise OptionsError(
            f"unknown profile {profile!r}", "The profiles are dev, release, test and bench."
        )
    if found.edition not in EDITIONS:
        raise OptionsError(
            f"unknown edition {found.edition!r}", "The editions are 2015, 2018, 2021 and 2024."
        )
    if found.pyo3 is not None and not re.fullmatch(r"\d+(\.\d+){0,2}", found.pyo3):
        raise OptionsError(
            f"{found.pyo3!r} is not a version of PyO3", "Write it like --pyo3 0.29.0."
        )
    return CellOptions(
        name=None if found.name is None else check_name(found.name),
        profile=profile,
        dependencies=_dependencies(found.dep),
        features=tuple(sorted({f for f in re.split(r"[,\s]+", found.features) if f})),
        pyo3=found.pyo3,
        edition=found.edition,
        expected_errors=tuple(found.expect_error),
        expected_warnings=tuple(found.expect_warning),
        expect_only=found.expect_only,
        env=tuple(_environment_pair(pair) for pair in found.env),
        backtrace=found.backtrace,
        plain=found.plain,
        star=found.star,
        force=found.force,
        verbosity=int(found.verbose) - int(found.quiet),
        show=found.show,
    )


def check_name(name: str) -> str:
    """Return `name` if it can be both a Python module and a Rust crate.

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
            f"Write for example: %%rust_module {_similar_name(name)}",
        )
    for language, words in (("Python", frozenset(keyword.kwlist)), ("Rust", RUST_KEYWORDS)):
        if name in words:
            raise OptionsError(
                f"{name!r} is a keyword of {language} and cannot name a module",
                f"Write for example: %%rust_module {name}_rs",
            )
    return name


def _similar_name(name: str) -> str:
    """Return a valid module name that looks like `name`."""
    letters = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    similar = re.sub(r"\W+", "_", letters).strip("_")
    if similar[:1].isdigit():
        return f"m{similar}"
    return similar or "my_module"


def _environment_pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not re.fullmatch(r"[A-Za-z_]\w*", key):
        raise OptionsError(f"--env {text!r} is not of the form K=V", "Write --env NAME=value.")
    return key, value


def _dependencies(specs: list[str]) -> tuple[tuple[str, str], ...]:
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
