"""The further files of a crate: what `%%rust_file NAME PATH` cells gave, and where they may lie."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from rustcell.errors import OptionsError

HEAD = "Written by rustcell from a notebook cell: edit the cell, not this file."
MERGED = ("Cargo.toml", "pyproject.toml")
"""Files that rustcell writes itself; what a cell gives of them is merged into its own."""

NATIVE = "_native"
"""The name of the Rust part inside a Python package (maturin's mixed layout)."""

_COMMENTS = {".rs": "//", ".py": "#", ".pyi": "#", ".toml": "#"}
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
_CELLS_OWN = {"src/lib.rs": "%%rust_module", "src/main.rs": "%%rust_main"}
_FOLDERS = ("src", "python", "tests", "examples", "benches")


def numbered(body: str, lines_above: int, comment: str = "//") -> str:
    """Return a text in which line N is line N of the editor's cell."""
    head = [f"{comment} {HEAD}", *[comment] * (lines_above - 1)][:lines_above]
    return "\n".join([*head, body.removeprefix("\ufeff")])


@dataclass(frozen=True)
class CellFile:
    """A file that a cell gave: `body` as in the cell, `lines_above` lines stand above it there."""

    module: str
    path: str
    body: str
    lines_above: int = 1

    @property
    def label(self) -> str:
        """What messages, panics and tracebacks call the file."""
        return f"%%rust_file {self.module} {self.path}"

    @property
    def text(self) -> str:
        """The file's content. Where a line can be a comment, line N is the cell's line N."""
        comment = _COMMENTS.get(PurePosixPath(self.path).suffix)
        return self.body if comment is None else numbered(self.body, self.lines_above, comment)


@dataclass(frozen=True)
class FileSet:
    """The files that cells gave for one module, in the order of their paths."""

    module: str
    files: tuple[CellFile, ...] = ()

    def __iter__(self) -> Iterator[CellFile]:
        return iter(self.files)

    def get(self, path: str) -> CellFile | None:
        return next((file for file in self.files if file.path == path), None)

    def having(self, file: CellFile) -> FileSet:
        """Return the set with `file`, in place of an earlier one at its path.

        Raises
        ------
        OptionsError
            When one path would be a file and a folder.
        """
        for other in self.files:
            shorter, longer = sorted((other.path, file.path), key=len)
            if longer.startswith(f"{shorter}/"):
                raise OptionsError(
                    f"{file.path!r} and {other.path!r} cannot both be there: "
                    f"{shorter!r} would be a file and a folder",
                    f"Choose another path, or take the other file away: "
                    f"%%rust_file {self.module} {other.path} --remove",
                )
        kept = self.without(file.path).files
        return replace(self, files=tuple(sorted((*kept, file), key=lambda one: one.path)))

    def without(self, path: str) -> FileSet:
        """Return the set without the file at `path`."""
        return replace(self, files=tuple(file for file in self.files if file.path != path))

    @property
    def mixed(self) -> bool:
        """Whether the module is a Python package around its Rust part."""
        return any(file.path.startswith(f"python/{self.module}/") for file in self.files)

    @property
    def library(self) -> str:
        """The dotted name by which Python imports the Rust part."""
        return f"{self.module}.{NATIVE}" if self.mixed else self.module

    def texts(self) -> dict[str, str]:
        """Return the contents by path, without those that are merged."""
        return {file.path: file.text for file in self.files if file.path not in MERGED}


NO_FILES = FileSet("")


def checked_path(module: str, path: str) -> str:
    """Return `path` if a cell may write this file of the module's crate.

    Raises
    ------
    OptionsError
        When it leads out of the crate, is no file's, or belongs to cargo or another magic.
    """
    example = f"%%rust_file {module} src/shapes.rs"
    parts = path.split("/")
    if not path:
        raise OptionsError("the file has no path", f"Write it after the module: {example}")
    if "\\" in path:
        raise OptionsError(
            f"{path!r} has backslashes", f"Write /, on Windows too: {path.replace(chr(92), '/')}"
        )
    if path.startswith(("/", "~")) or ".." in parts or re.match("[A-Za-z]:", path):
        raise OptionsError(
            f"{path!r} leads out of the crate", f"Write a path inside of it, as in {example}"
        )
    if path.endswith("/") or path in (*_FOLDERS, f"python/{module}"):
        raise OptionsError(f"{path!r} is a folder", f"Name a file in it, as in {example}")
    if not all(_PART.fullmatch(part) for part in parts):
        raise OptionsError(
            f"{path!r} cannot be a file of the crate: each part begins with a letter, a digit or _ "
            "and goes on with those and with . + -",
            f"Write for example: {example}",
        )
    _refuse_taken(module, path)
    return path


def _refuse_taken(module: str, path: str) -> None:
    # On macOS and Windows, SRC/LIB.RS is src/lib.rs.
    lower = path.lower()
    if lower in _CELLS_OWN:
        magic = _CELLS_OWN[lower]
        raise OptionsError(
            f"{path!r} is written by {magic}", f"Put this text into a cell of {magic} {module}."
        )
    if lower == "cargo.lock":
        raise OptionsError(
            "'Cargo.lock' is cargo's own",
            f"Choose versions with --dep, or in %%rust_file {module} Cargo.toml.",
        )
    if lower == "target" or lower.startswith("target/"):
        raise OptionsError(
            "'target' is the folder that cargo builds in",
            f"Choose another one, as in %%rust_file {module} data/table.csv",
        )


def write(files: Mapping[str, str], folder: Path) -> None:
    """Write a crate's files into `folder`: only what differs, and nothing else stays there.

    Cargo goes by modification times, so an equal file must not be touched. Links go first: a
    build script may have made one that leads out of the crate.
    """
    for path in sorted(folder.glob("**/*"), reverse=True):
        relative = path.relative_to(folder).as_posix()
        if path.is_symlink() or (path.is_file() and relative not in files):
            if relative != "Cargo.lock":
                path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    for relative, text in files.items():
        write_if_changed(folder / relative, text)


def write_if_changed(path: Path, text: str) -> None:
    data = text.encode("utf-8")
    if path.exists() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
