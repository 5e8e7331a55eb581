"""Line magics about what is there: the tools' explanations, the modules, the cache."""

from __future__ import annotations

import subprocess

from IPython.core.magic import Magics, line_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments

from rustcell.errors import OptionsError
from rustcell.live import installed, kernel
from rustcell.live.status import status
from rustcell.magics.front import Front, not_installed
from rustcell.magics.line import declares, parse_any
from rustcell.tools.toolchain import find_toolchain

_CLEAN = (
    argument("names", nargs="*", metavar="NAME", help="Modules that this kernel installed."),
    argument("--all", action="store_true", help="The modules of all kernels and runs."),
)


@magics_class
class ManageMagics(Magics):
    """`%rust_explain`, `%rust_plain`, `%rust_status`, `%rust_clean`."""

    def __init__(self, front: Front) -> None:
        super().__init__(front.shell)
        self._front = front

    @line_magic
    def rust_explain(self, line: str) -> None:
        """Show rustc's own explanation of an error code: `%rust_explain E0382`."""
        code = line.strip().upper()
        toolchain = find_toolchain(self._front.session().root)
        done = subprocess.run(
            [toolchain.rustc, "--explain", code], capture_output=True, text=True, check=False
        )
        if done.returncode != 0 or not code:
            raise OptionsError(
                f"rustc has no explanation of {code or 'nothing'!r}",
                "Give the code of an error, as in %rust_explain E0382. Many errors of PyO3 "
                "have no code: their text says it all.",
            )
        print(done.stdout.strip())

    @line_magic
    def rust_plain(self, line: str) -> None:
        """Compiler text without colours from now on: `%rust_plain on`, `%rust_plain off`."""
        choice = line.strip().lower()
        if choice not in ("on", "off"):
            raise OptionsError(
                f"%rust_plain {choice or '(nothing)'} is not understood", "Write on or off."
            )
        self._front.plain = choice == "on"

    @line_magic
    def rust_status(self, _line: str) -> None:
        """List this kernel's Rust modules and objects of earlier builds, and the cache's size.

        All background installs are done then.
        """
        session = self._front.session()
        with self._front.notices_at_the_end():
            self._front.notices += map(not_installed, session.installer.join())
            print(status(session, self._front.shell.user_ns))

    @magic_arguments()  # type: ignore[untyped-decorator]
    @declares(_CLEAN)
    @line_magic
    def rust_clean(self, line: str) -> None:
        """Uninstall modules: those named, or all that this kernel installed.

        What is loaded stays loaded: objects live on.
        """
        chosen = parse_any(self.rust_clean.parser, line)
        if chosen.all and chosen.names:
            raise OptionsError("--all and names exclude each other", "Keep one of the two.")
        session = self._front.session()
        session.installer.join()
        owners = {found.name: found.owner for found in installed.installed()}
        mine = {name for name, owner in owners.items() if owner == session.owner}
        # A module out of the cache is here without being installed.
        here = mine | set(session.current())
        left = {name for name, owner in owners.items() if kernel.is_over(session.root, owner)}
        names = sorted(owners.keys() | here if chosen.all else here)
        foreign = [name for name in chosen.names if name not in here | left]
        if foreign:
            raise OptionsError(
                f"not installed by this kernel: {', '.join(foreign)}",
                "`%rust_status` lists this kernel's modules; `%rust_clean --all` removes "
                "those of other kernels that run, too.",
            )
        names = chosen.names or names
        removable = owners.keys() if chosen.all else mine | (left & set(chosen.names))
        installed.uninstall([name for name in names if name in removable], session.root)
        for name in names:
            session.forget(name)
            theirs = name in removable - mine and kernel.lives(session.root, owners[name])
            print(f"removed {name}{' (of another kernel that runs: live there)' * theirs}")
        if not names:
            print("nothing to remove")
