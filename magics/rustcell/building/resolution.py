"""Why cargo could not find or fetch the crates of a cell, in our words."""

from __future__ import annotations

import re

from rustcell.crates.manifest import DependencySet
from rustcell.crates.options import DEP_FORMS
from rustcell.errors import DependencyError

_NO_CRATE = re.compile(r"no matching package named `([^`]+)` found")
_NO_VERSION = re.compile(r"failed to select a version for the requirement `(\S+) = \"([^`]+)\"`")
_VERSIONS = re.compile(r"candidate versions found which didn't match: (.+)")
_NO_FEATURE = re.compile(r"with feature `([^`]+)` but `([^`]+)` does not have that feature")
_FEATURES = re.compile(r"available features: (.+)")
_CAUSE = re.compile(r"Caused by:\n\s*(.+)")
_NO_NETWORK = re.compile(
    r"resolve host|failed to (?:connect|download|get 200|query)|download of|network|timed? ?out|"
    r"Connection|spurious|SSL|proxy|offline",
    re.IGNORECASE,
)


def resolution_error(dependencies: DependencySet, log: str) -> DependencyError:
    """Return the error for a dependency set of which `cargo fetch` said `log`."""
    message, mend = _in_our_words(dependencies, log)
    # Cargo names the folder of the attempt, which is gone when this is read.
    lines = [x for x in log.splitlines() if x.strip() and "required by package" not in x]
    return DependencyError(message, mend, details="\n".join(lines)[-3000:])


def _in_our_words(dependencies: DependencySet, log: str) -> tuple[str, str]:
    names = ", ".join([f"pyo3 {dependencies.pyo3}", *(f"{n} {v}" for n, v in dependencies.crates)])
    if unknown := _NO_FEATURE.search(log):
        feature, crate = unknown.groups()
        option = "--features" if crate == "pyo3" else "--dep"
        mend = f"Correct it after {option}.{_listed('It has', _FEATURES, log)}"
        return f"{crate} has no feature {feature!r}", mend
    if "failed to parse manifest" in log:
        causes = ": ".join(_CAUSE.findall(log))
        return f"cargo does not understand a --dep: {causes or names}", DEP_FORMS
    if _NO_NETWORK.search(_NO_CRATE.sub("", _NO_VERSION.sub("", log))):
        mend = "Connect once and run the cell again; later it works offline."
        if not dependencies.crates:
            mend += " `rustcell warm` fetches and builds ahead what cells need."
        return f"not on this machine yet, and the network cannot be reached: {names}", mend
    if missing := _NO_CRATE.search(log):
        crate = missing[1]
        return f"there is no crate named {crate!r}", f"Check its spelling: --dep {crate}"
    if wanted := _NO_VERSION.search(log):
        crate, version = wanted[1], wanted[2].lstrip("=^")
        option = "--pyo3 VERSION" if crate == "pyo3" else f"--dep {crate}@VERSION"
        mend = f"Choose another one: {option}.{_listed('There are', _VERSIONS, log)}"
        return f"there is no version {version} of {crate}", mend
    return f"cargo cannot resolve {names}", "Read cargo's text above; it names the conflict."


def _listed(introduction: str, pattern: re.Pattern[str], log: str) -> str:
    found = pattern.search(log)
    return f" {introduction}: {found[1]}" if found else ""
