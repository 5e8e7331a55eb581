"""Taking out of rustc's text what differs between two builds of the same cell.

That is where the crates, the standard library and the build folder are, where rustc
wrote a long type's name, the linker's command line, and how many further types a list
leaves unnamed (PyO3 has more of them on some Pythons). A crate's path is shortened to
``pyo3-0.30.1/src/marker.rs``, the library's to ``core/src/option.rs``.
"""

from __future__ import annotations

import re
from functools import partial

from rustcell.errors import plain_text

_SEP = r"[/\\]"
# Each pattern begins at the root of an absolute path; what is kept names the crate.
_PATHS = (
    (rf"registry{_SEP}src{_SEP}[^/\\]+{_SEP}(?=[^/\\]+-\d)", ""),
    (rf"git{_SEP}checkouts{_SEP}([^/\\]+?)-[0-9a-f]{{16}}{_SEP}[0-9a-f]+(?={_SEP})", r"\1"),
    (rf"vendor{_SEP}", ""),
    (rf"rustc{_SEP}[0-9a-f]{{40}}{_SEP}library{_SEP}", ""),
    (rf"lib{_SEP}rustlib{_SEP}src{_SEP}rust{_SEP}library{_SEP}", ""),
    (rf"build{_SEP}([^/\\]+?)[-/\\][0-9a-f]{{16}}(?={_SEP}out{_SEP})", r"\1"),
    (rf"deps{_SEP}(?:rustc\w{{6}}{_SEP})?", ""),
)
_ROOT = rf"(?:[A-Za-z]:)?{_SEP}"
_WHOLE = tuple((re.compile(rf"^{_ROOT}(?:.*{_SEP})?{kept}"), put) for kept, put in _PATHS)
# Inside a sentence a path ends at the first blank, quote or bracket.
_INNER = rf"(?:[^\s\"'`<>|\x1b]*{_SEP})?"
_TAIL = r"[^\s\"'`<>|:;,)\x1b]*"
_WITHIN = tuple(
    (re.compile(rf"(?<![\w.>]){_ROOT}{_INNER}{kept}(?P<tail>{_TAIL})"), put) for kept, put in _PATHS
)

_GAP = r"(?:\s|\x1b\[[0-9;]*m)*"
_LOCATION = re.compile(rf"^({_GAP}(?:-->|:::|╭▸|⸬){_GAP})(\S.*)$")
_OWN = ("%%", "src/", "src\\", "tests/", "tests\\", "build.rs:")
"""How the places in a cell's own crate begin."""
_LIBRARY = re.compile(r"(?:core|alloc|std|proc_macro)/src/")
_NOTE = re.compile(r"(?:note|help): ")
_ARROW = re.compile(r"( *)(?:-->| ╭▸)")
_NUMBERED = re.compile(r" *(\d+) +[|│+~-]")
_GUTTER = re.compile(r"\s*\d*\s*[|│]|\s*\.\.\.")
_SOURCE_LINE = re.compile(r"\s*\d+\s+[|│+~-]")
_NOISE = re.compile(
    r"the full (name for the type|type name|name for the type) has been written to '"
    r"|consider using `--verbose` to print the full type name"
    # the linker's command line
    r"|^(?:\W*note:)?\s+(?:\w+=\"[^\"]*\" )*\"[^\"]+\" \"[-/].*\"$"
    r"|some arguments are omitted. use `--verbose` to show all linker arguments"
)
_OTHERS = re.compile(r"\band \d+ others\b")


def shortened(path: str) -> str:
    """Return the path of a crate's, the library's or a generated file without its root.

    Any other path comes back as it is.
    """
    for pattern, put in _WHOLE:
        short, found = pattern.subn(put, path, count=1)
        if found:
            return short.replace("\\", "/")
    return path


def tidy(text: str) -> str:
    """Return a message of rustc as every machine would write it."""
    lines = [line for line in text.split("\n") if not _NOISE.search(plain_text(line))]
    return _OTHERS.sub("and others", "\n".join(_tidy_line(line) for line in lines))


def tidy_rendering(text: str) -> str:
    """Return what rustc drew, with or without colours, as every machine would draw it.

    Excerpts from other crates are left out, and notes about the standard library's own
    lines: rustc has those only where the library's sources are installed. Both make the
    margin wider, so it is drawn anew for the line numbers that are left.
    """
    return _narrowed(_without_foreign_code(tidy(text)))


def _without_foreign_code(text: str) -> list[str]:
    kept: list[str] = []
    foreign = False
    for line in text.split("\n"):
        plain = plain_text(line)
        location = _LOCATION.match(plain)
        if location:
            foreign = not location[2].startswith(_OWN)
        elif not _GUTTER.match(plain):
            foreign = False
        if location and _LIBRARY.match(location[2]) and kept and _NOTE.match(plain_text(kept[-1])):
            kept.pop()
        elif location or not foreign:
            kept.append(line)
    return kept


def _narrowed(lines: list[str]) -> str:
    """Draw the margin no wider than the line numbers in it."""
    plain = [plain_text(line) for line in lines]
    drawn = [len(m[1]) for line in plain if (m := _ARROW.match(line))]
    numbers = [len(m[1]) for line in plain if (m := _NUMBERED.match(line))]
    surplus = max(drawn, default=0) - max(numbers, default=1)
    if surplus > 0:
        lines = [re.sub(rf"^((?:\x1b\[[0-9;]*m)*) {{{surplus}}}", r"\1", line) for line in lines]
    return "\n".join(lines)


def _tidy_line(line: str) -> str:
    if location := _LOCATION.match(line):
        return location[1] + shortened(location[2])
    if _SOURCE_LINE.match(plain_text(line)):
        return line
    for pattern, put in _WITHIN:
        line = pattern.sub(partial(_without_root, put), line)
    return line


def _without_root(put: str, path: re.Match[str]) -> str:
    return (path.expand(put) + path["tail"]).replace("\\", "/")
