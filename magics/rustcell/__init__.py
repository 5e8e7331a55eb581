"""rustcell: Rust cells in a Jupyter notebook, live in the same kernel a moment later."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__version__ = "0.1.0"


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register the magics: `%load_ext rustcell`."""
    from rustcell.magics.module import load

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Give the kernel its own output back: `%unload_ext rustcell`."""
    from rustcell.magics.module import unload

    unload(shell)
