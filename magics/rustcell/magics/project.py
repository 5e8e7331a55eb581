"""`%%rust_file`: the further files of a module's crate."""

from __future__ import annotations

from IPython.core.magic import Magics, cell_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments

from rustcell.crates.files import MERGED, CellFile, checked_path
from rustcell.crates.options import check_name
from rustcell.errors import OptionsError
from rustcell.magics.front import Front
from rustcell.magics.line import declares, parse_any

_FILE = (
    argument("name", nargs="?", default="", metavar="NAME", help="The module."),
    argument("path", nargs="?", default="", metavar="PATH", help="The file's path in the crate."),
    argument("--remove", action="store_true", help="Take the file out of the crate again."),
)


@magics_class
class ProjectMagics(Magics):
    """`%%rust_file`."""

    def __init__(self, front: Front) -> None:
        super().__init__(front.shell)
        self._front = front

    @magic_arguments()  # type: ignore[untyped-decorator]
    @declares(_FILE)
    @no_var_expand
    @cell_magic
    def rust_file(self, line: str, cell: str) -> None:
        """Give the crate of the module NAME one more file; the next build of NAME uses it.

            %%rust_file geometry src/shapes.rs
            pub fn square(side: f64) -> f64 {
                side * side
            }

        Then `mod shapes;` in the cell of %%rust_module geometry. A file in python/NAME/ makes the
        module a Python package around its Rust part, NAME._native. Cargo.toml and pyproject.toml
        are merged into the generated ones.
        """
        with self._front.receipt() as receipt:
            chosen = parse_any(self.rust_file.parser, line)
            if not chosen.name:
                raise OptionsError(
                    "the file has no module", "Write both: %%rust_file geometry src/shapes.rs"
                )
            name = check_name(chosen.name)
            path = checked_path(name, chosen.path)
            if chosen.remove:
                print(self._remove(name, path, cell))
            else:
                print(self._keep(CellFile(name, path, cell, self._front.lines_above(cell))))
            receipt.status = "nothing to build"

    def _keep(self, file: CellFile) -> str:
        if file.path in MERGED:
            from rustcell.crates import (
                toml_merge,  # parsing TOML with its layout takes time to load
            )

            toml_merge.checked(file)
        session = self._front.session()
        given = session.given(file.module)
        earlier = given.get(file.path)
        session.files[file.module] = given.having(file)
        replaces = earlier is not None and earlier.body != file.body
        note = ", in place of the earlier text" if replaces else ""
        return f"{file.module}: {file.path} is kept for the next build{note}"

    def _remove(self, name: str, path: str, cell: str) -> str:
        session = self._front.session()
        given = session.given(name)
        if given.get(path) is None:
            known = ", ".join(file.path for file in given) or "none"
            raise OptionsError(
                f"no cell has given {path!r} to {name}", f"Files that cells gave: {known}."
            )
        if cell.strip():
            raise OptionsError(
                "--remove takes no text", "Leave the cell empty below its first line."
            )
        session.files[name] = given.without(path)
        return f"{name}: {path} is no longer in the crate"
