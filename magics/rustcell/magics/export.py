"""Line magics that look inside a built module, or take it out of the notebook."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from IPython.core.magic import Magics, line_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments
from IPython.display import display

from rustcell.crates.options import check_name
from rustcell.live.names import public_names
from rustcell.magics.front import Front, not_installed
from rustcell.magics.line import declares, parse_any
from rustcell.notebook.highlight import bundle
from rustcell.notebook.progress import ProgressBar

if TYPE_CHECKING:
    from rustcell.projects.export import Exported

_NAME = argument("name", metavar="NAME", help="A module that this kernel has built.")
_ITEM = argument(
    "item", nargs="?", metavar="ITEM", help="A function, type, module or method of it."
)

_DEV = argument("--dev", action="store_true", help="Not optimised, but built in a moment.")
_OUT = argument("--out", metavar="DIR", help="Where to (default: dist beside the notebook).")
_DIR = argument("folder", metavar="DIR", help="A new or empty folder.")
_FORCE = argument("--force", action="store_true", help="Take the place of an earlier export.")
_NOTEBOOK = argument(
    "--notebook",
    metavar="PATH",
    help="The saved notebook whose check cells become tests (default: this one, where Jupyter "
    "tells its name).",
)


@magics_class
class ExportMagics(Magics):
    """`%rust_expand`, `%rust_stubs`, `%rust_wheel`, `%rust_export`."""

    def __init__(self, front: Front) -> None:
        super().__init__(front.shell)
        self._front = front

    @magic_arguments()  # type: ignore[untyped-decorator]
    @declares((_NAME, _ITEM))
    @no_var_expand
    @line_magic
    def rust_expand(self, line: str) -> None:
        """Show what the macros of a built module expand to.

            %rust_expand geometry area

        ITEM narrows it to a function, type, module or method: area, Point, Point::new, Point.new.
        The compiler's unstable printing is used, so the text is for reading.
        """
        from rustcell.projects.expand import expanded, narrowed

        chosen = parse_any(self.rust_expand.parser, line)
        name = check_name(chosen.name)
        session = self._front.session()
        _, spec = session.shown(name)
        with self._working(name) as bar:
            text = expanded(spec, session, bar)
        self._show(narrowed(text, chosen.item, name) if chosen.item else text, "rust")

    @magic_arguments()  # type: ignore[untyped-decorator]
    @declares((_NAME,))
    @no_var_expand
    @line_magic
    def rust_stubs(self, line: str) -> None:
        """Make type stubs of a built module, show them, and put them beside it.

        Completion and type checkers see them from then on. What PyO3 cannot tell is listed below.
        """
        from rustcell.projects.stub_gaps import gaps
        from rustcell.projects.stubs import add_stubs, is_typed, stub_texts

        name = check_name(parse_any(self.rust_stubs.parser, line).name)
        session = self._front.session()
        with self._working(name) as bar:
            build = add_stubs(name, session, bar)
        texts = stub_texts(build)
        self._show(
            "\n".join(f"# {path}\n{text.strip()}\n" for path, text in texts.items()), "python"
        )
        module = session.show(*session.shown(name))
        found = gaps(texts, module, typed=is_typed(build))
        if found:
            print("Not complete:", *found, sep="\n- ")

    @magic_arguments()  # type: ignore[untyped-decorator]
    @declares((_NAME, _DEV, _OUT))
    @no_var_expand
    @line_magic
    def rust_wheel(self, line: str) -> None:
        """Build a release wheel of a module, for others to install.

        It is the wheel of the project that %rust_export writes: nothing of rustcell is in it.
        """
        from rustcell.projects.wheel import make_wheel

        chosen = parse_any(self.rust_wheel.parser, line)
        name = check_name(chosen.name)
        notebook = _this_notebook()
        out = Path(chosen.out or "dist").expanduser()
        if not chosen.out and notebook:
            out = notebook.parent / out
        session = self._front.session()
        session.shown(name)
        self._front.notices += map(not_installed, session.installer.join())
        with self._working(name) as bar:
            wheel = make_wheel(name, out, session, bar, dev=chosen.dev)
        shown = Path(os.path.relpath(wheel.path))
        python, abi, platform = wheel.tags
        print(f"{wheel.path.name}\n  Python: {python}, ABI: {abi}, platform: {platform}")
        print(f"To install it: pip install {shown}")

    @magic_arguments()  # type: ignore[untyped-decorator]
    @declares((_NAME, _DIR, _NOTEBOOK, _FORCE))
    @no_var_expand
    @line_magic
    def rust_export(self, line: str) -> None:
        """Write a module as a maturin project of its own, for life after the notebook.

        The project has the code, its dependencies in the same versions, type stubs, tests, a
        README and a workflow for GitHub's CI. Check cells of the notebook that use the module
        become its tests.
        """
        from rustcell.projects.export import export

        chosen = parse_any(self.rust_export.parser, line)
        name = check_name(chosen.name)
        notebook = Path(chosen.notebook).expanduser() if chosen.notebook else _this_notebook()
        session = self._front.session()
        module = session.show(*session.shown(name))
        with self._working(name) as bar:
            exported = export(
                name,
                Path(chosen.folder).expanduser(),
                session,
                bar,
                members=public_names(module),
                notebook=notebook,
                force=chosen.force,
            )
        print(_told(exported, notebook))

    @contextmanager
    def _working(self, name: str) -> Iterator[ProgressBar]:
        front = self._front
        front.notices += map(not_installed, front.session().installer.failures())
        with (
            front.notices_at_the_end(),
            ProgressBar(name, notebook=front.in_own_cell) as bar,
            front.interruptible(),
        ):
            yield bar

    def _show(self, code: str, language: str) -> None:
        if self._front.in_kernel:
            display(bundle(code, language), raw=True)
        else:
            print(code)


def _this_notebook() -> Path | None:
    """Return the file of the running notebook, where a Jupyter server has told its name."""
    path = Path(os.environ.get("JPY_SESSION_NAME", ""))
    return path if path.suffix == ".ipynb" and path.is_file() else None


def _told(exported: Exported, notebook: Path | None) -> str:
    """Return what a person wants to know of an export."""
    tests = exported.tests
    if tests.cells:
        source = f"from {tests.cells} check cells of {notebook.name}" if notebook else ""
    elif notebook is not None:
        source = f"of the public names only: no check cell of {notebook.name} can be used"
    else:
        source = "of the public names only: give the notebook with --notebook PATH for more"
    lines = [
        f"{exported.folder}: {len(exported.files)} files",
        *(f"  {path}" for path in exported.files),
        f"Tests: {source}.",
        *(f"Left out: {reason}." for reason in tests.left_out),
    ]
    if exported.no_stubs:
        lines.append(f"No type stub: {exported.no_stubs}.")
    lines += [f"Reads a file outside of the project: {path}" for path in exported.outside]
    return "\n".join([*lines, "Its README.md says how to build and test it."])
