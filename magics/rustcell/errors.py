"""Every refusal and failure that rustcell raises.

Each error says what happened and why (`message`) and what to do (`mend`). In a
notebook the traceback is replaced by these words alone, because a learner's
mistake is in the cell and not in our stack.
"""

from __future__ import annotations

import re
import textwrap

_BOLD_RED = "\x1b[1;31m"
_BOLD = "\x1b[1m"
_RESET = "\x1b[0m"
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def plain_text(text: str) -> str:
    """Return `text` without terminal colour codes."""
    return _ANSI.sub("", text)


class RustcellError(Exception):
    """Root of all errors of this package.

    Parameters
    ----------
    message:
        What happened and why, short and the same in every run: graders compare it.
    mend:
        The command or edit that mends it.
    details:
        Longer text for people (compiler output, a log), shown but never compared.
    plain:
        Leave colour codes out of what is shown.
    """

    def __init__(
        self, message: str, mend: str = "", *, details: str = "", plain: bool = False
    ) -> None:
        super().__init__(message, mend)
        self.message = message
        self.mend = mend
        self.details = details
        self.plain = plain

    def __str__(self) -> str:
        return self.message

    def shown(self) -> str:
        """Return the whole text for a person: details, message, mend."""
        parts = [self.details.rstrip()] if self.details.strip() else []
        parts.append(f"{_BOLD_RED}{type(self).__name__}{_RESET}: {self.message}")
        if self.mend:
            parts.append(f"{_BOLD}What to do:{_RESET} {textwrap.dedent(self.mend).strip()}")
        text = "\n\n".join(parts) if self.details else "\n".join(parts)
        return plain_text(text) if self.plain else text

    def _render_traceback_(self) -> list[str]:
        """IPython's hook for an error that formats itself."""
        return self.shown().splitlines()


class OptionsError(RustcellError):
    """The magic line or the cell cannot be understood."""


class NameRefusedError(RustcellError):
    """The module would shadow something that rustcell did not create."""


class ToolchainError(RustcellError):
    """A tool is missing, too old or unusable."""


class CacheError(RustcellError):
    """The cache folder cannot be used."""


class DependencyError(RustcellError):
    """A crate or version cannot be found or fetched."""


class CratesGoneError(DependencyError):
    """Crates that were downloaded before are no longer on this machine."""


class BuildError(RustcellError):
    """The Rust code does not compile, or does so against an expectation."""


class EmbeddingError(RustcellError):
    """The kernel's Python cannot be started inside a program."""


class ProgramError(RustcellError):
    """A program ended otherwise than the cell expects."""


class FailedTestsError(RustcellError):
    """Tests failed, or passed, against what the cell expects."""


class LoadError(RustcellError):
    """The library was built, but importing it failed."""


class InstallError(RustcellError):
    """The module is live in this kernel, but could not be installed."""


class CourseError(RustcellError):
    """A notebook or the course's files are not as they must be."""


class CheckFailedError(RustcellError):
    """An answer fails tests of its exercise."""
