"""The line of a Rust cell: text in, options out.

The parsers are declared by IPython's `magic_arguments`, so `%%rust_module?` shows them. What
several magics take is declared once.
"""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable, Sequence
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic_arguments import MagicArgumentParser, argument, construct_parser

from rustcell.crates import options
from rustcell.crates.options import ANY, HarnessOptions, ModuleOptions, ProgramOptions
from rustcell.errors import OptionsError

Magic = Callable[..., Any]
Declaration = Callable[[Magic], Magic]

_CELL_MAGICS = ("rust_module", "rust_main", "rust_test", "rust_file")

_ALL_KINDS: tuple[Declaration, ...] = (
    argument("--release", action="store_true", help="Optimise: the same as --profile release."),
    argument("--profile", metavar="P", help="The cargo profile (default: dev, quick to build)."),
    argument(
        "--dep",
        action="append",
        default=[],
        metavar="SPEC",
        help="A crate: rayon, rayon@1.10, or a line of TOML in quotes. Repeatable.",
    ),
    argument("--features", default="", metavar="F,G", help="Features of PyO3, e.g. num-bigint."),
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
    argument("--plain", action="store_true", help="Compiler text without colours (also NO_COLOR)."),
    argument("--force", action="store_true", help="Build although nothing changed."),
    argument("-q", "--quiet", action="store_true", help="Show nothing of ours when all went well."),
    argument(
        "-v", "--verbose", action="store_true", help="Show the reason, the commands, the log."
    ),
    argument("--show", action="store_true", help="Show the generated crate, build nothing."),
)

_RUNS: tuple[Declaration, ...] = (
    argument(
        "--env",
        action="append",
        default=[],
        metavar="K=V",
        help="Environment of the build and of the run. Repeatable.",
    ),
    argument("--backtrace", action="store_true", help="A panic shows its stack."),
    argument(
        "--timeout",
        default="60",
        metavar="SECONDS",
        help="End what still runs after this time (default: 60).",
    ),
)

MODULE: tuple[Declaration, ...] = (
    argument(
        "name",
        nargs="?",
        metavar="NAME",
        help="The Python module. May be left out when the cell has a #[pymodule].",
    ),
    *_ALL_KINDS,
    argument("--env", action="append", default=[], metavar="K=V", help="Environment of the build."),
    argument("--backtrace", action="store_true", help="A panic of this module shows its stack."),
    argument(
        "--star",
        action="store_true",
        help="Also bind the module's public names, like `import *`.",
    ),
)
"""The options of `%%rust_module`."""

PROGRAM: tuple[Declaration, ...] = (
    argument("name", nargs="?", metavar="NAME", help="The program's name."),
    *_ALL_KINDS,
    *_RUNS,
    argument(
        "--expect-exit",
        metavar="N",
        help="The program must end with this exit status, or by this signal: 3, SIGABRT "
        "(default: 0).",
    ),
)
"""The options of `%%rust_main`; what stands behind ` -- ` is the program's."""

TEST: tuple[Declaration, ...] = (
    argument(
        "name",
        nargs="?",
        metavar="NAME",
        help="The crate, with the files that %%%%rust_file gave it (default: cell).",
    ),
    *_ALL_KINDS,
    *_RUNS,
    argument(
        "--expect-fail",
        action="append",
        default=[],
        metavar="TEST",
        help="The cell is a lesson: this test must fail, all others must pass. Repeatable.",
    ),
    argument("--include-ignored", action="store_true", help="Run tests with #[ignore] too."),
)
"""The options of `%%rust_test`."""


def declares(declarations: Sequence[Declaration]) -> Declaration:
    """Decorate a magic with options: `MODULE`, `PROGRAM` or `TEST`."""

    def decorate(magic: Magic) -> Magic:
        for declaration in reversed(declarations):
            magic = declaration(magic)
        return magic

    return decorate


def parser_of(magic: str, declarations: Sequence[Declaration]) -> MagicArgumentParser:
    """Return a parser for lines read outside a notebook; `magic` is a name like rust_module."""

    def declared(line: str) -> None: ...

    declared.__name__ = magic
    magic_function = declares(declarations)(declared)
    magic_function.has_arguments = True  # type: ignore[attr-defined]
    parser: MagicArgumentParser = construct_parser(magic_function)
    return parser


def parse_module(parser: MagicArgumentParser, line: str) -> ModuleOptions:
    """Parse the text that follows `%%rust_module`.

    Raises
    ------
    OptionsError
        For an unknown option, a malformed value or options that exclude each other.
    """
    found = _parsed(parser, _words(line))
    return ModuleOptions(**_of_all_kinds(found, "rust_module"), star=found.star)


def parse_program(parser: MagicArgumentParser, line: str) -> ProgramOptions:
    """Parse the text that follows `%%rust_main`.

    Raises
    ------
    OptionsError
        As `parse_module`; also without a NAME.
    """
    words = _words(line)
    end = words.index("--") if "--" in words else len(words)
    found = _parsed(parser, words[:end])
    if found.name is None:
        raise OptionsError("the program has no name", "Write it after the magic: %%rust_main hello")
    return ProgramOptions(
        **_of_all_kinds(found, "rust_main"),
        timeout=options.seconds(found.timeout),
        expected_exit=options.exit_status(found.expect_exit),
        arguments=tuple(words[end + 1 :]),
    )


def parse_test(parser: MagicArgumentParser, line: str) -> HarnessOptions:
    """Parse the text that follows `%%rust_test`.

    Raises
    ------
    OptionsError
        As `parse_module`.
    """
    found = _parsed(parser, _words(line))
    found.name = found.name or "cell"
    return HarnessOptions(
        **_of_all_kinds(found, "rust_test"),
        timeout=options.seconds(found.timeout),
        expected_failures=tuple(found.expect_fail),
        include_ignored=found.include_ignored,
    )


def parse_any(parser: MagicArgumentParser, line: str) -> argparse.Namespace:
    """Parse the line of a magic that has options of its own.

    Raises
    ------
    OptionsError
        For an unknown option or a missing value.
    """
    return _parsed(parser, _words(line))


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError as error:
        raise OptionsError(
            f"the magic line cannot be split into words: {error}",
            "Close the quote. TOML goes into single quotes: --dep 'serde = \"1\"'.",
        ) from error


def _parsed(parser: MagicArgumentParser, words: list[str]) -> argparse.Namespace:
    try:
        found: argparse.Namespace = parser.parse_args(words)
    except UsageError as error:
        text = str(error).split("error: ")[-1].strip()
        name = str(parser.prog)
        sign = "%%" if name in _CELL_MAGICS else "%"
        raise OptionsError(text, f"`{sign}{name}?` lists the options.") from error
    return found


def _of_all_kinds(found: argparse.Namespace, magic: str) -> dict[str, Any]:
    """Return the fields of `CellOptions`, checked."""
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
    return {
        "name": None if found.name is None else options.check_name(found.name, magic),
        "profile": options.profile(found.profile, release=found.release, magic=magic),
        "dependencies": options.dependencies(found.dep),
        "features": options.features(found.features),
        "pyo3": options.pyo3_version(found.pyo3),
        "edition": options.edition(found.edition),
        "expected_errors": tuple(found.expect_error),
        "expected_warnings": tuple(found.expect_warning),
        "expect_only": found.expect_only,
        "env": tuple(options.environment_pair(pair) for pair in found.env),
        "backtrace": found.backtrace,
        "plain": found.plain,
        "force": found.force,
        "verbosity": int(found.verbose) - int(found.quiet),
        "show": found.show,
    }
