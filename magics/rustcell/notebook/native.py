"""The support functions inside a built library, called from Python.

Every module links the crate `rustcell_support` (folder `support/`), because each extension module
has its own copy of Rust's standard library: its own buffer of standard output, its own panic hook.
"""

from __future__ import annotations

import ctypes
import re
from dataclasses import dataclass, field
from pathlib import Path

_PATIENCE_US = 1_000
"""How long the flushing thread is waited for with the interpreter held, in microseconds."""

_LIMIT_US = 100_000
"""How long it is waited for in all when a module's output is locked, in microseconds."""


@dataclass(frozen=True)
class NativeHooks:
    """The support functions of one loaded library."""

    path: Path
    flush_address: int
    library: ctypes.CDLL = field(repr=False)

    def flush(self) -> None:
        """Flush what `print!` left in this library's buffer.

        Waits, without the interpreter lock, until no Rust thread holds the library's stdout; for
        a wait with a limit use :class:`Flusher`.
        """
        self.library.rustcell_flush()

    def panic_hook(self, *, backtrace: bool) -> None:
        """Print panics without the changing thread number, with the Rust stack when asked.

        The hook is set by the first call; later calls change only `backtrace`. The variable
        RUST_BACKTRACE no longer matters. Call it before the module is imported, so that a hook
        that the module's own code sets stays.
        """
        self.library.rustcell_panic_hook(int(backtrace))


def native_hooks(library: Path) -> NativeHooks | None:
    """Find the support functions of a built library, loading it if it is not loaded yet.

    Returns None when the file cannot be loaded (its import will say why) or was built without
    the support crate.
    """
    try:
        loaded = ctypes.CDLL(str(library))
        flush, panic_hook = loaded.rustcell_flush, loaded.rustcell_panic_hook
    except (OSError, AttributeError):
        return None
    flush.argtypes, flush.restype = [], None
    panic_hook.argtypes, panic_hook.restype = [ctypes.c_uint8], None
    address = ctypes.cast(flush, ctypes.c_void_p).value
    return None if address is None else NativeHooks(library, address, loaded)


def may_keep_text(source: str) -> bool:
    """Whether Rust source can leave text in the buffer of stdout: only `println!` never does.

    A library of which no source (its dependencies' neither) says so need not be flushed.
    """
    return re.search(r"\bprint!|\bstdout\b|\bStdout", source) is not None


class Flusher:
    """Flushes the standard output of many libraries, and never hangs on one of them.

    The work is done by one Rust thread in the library that was added first (a loaded extension
    is never unloaded). In a loop of prints a flush takes about 10 microseconds on a quiet machine
    and 100 where the processors are busy, whether one library was added or twenty.
    """

    def __init__(self) -> None:
        self._driver: NativeHooks | None = None
        self._driver_holding_gil: ctypes.PyDLL | None = None
        self._newest: dict[str, int] = {}
        self._all: dict[int, None] = {}
        self._lists: tuple[ctypes.Array[ctypes.c_size_t], ctypes.Array[ctypes.c_size_t]] | None
        self._lists = None

    def add(self, key: str, hooks: NativeHooks) -> None:
        """Flush this library too; it takes the place of the one added with the same key.

        The older one is flushed by ``flush(everything=True)`` only: its objects may still live.
        """
        if self._driver is None:
            self._drive_with(hooks)
        self._newest[key] = hooks.flush_address
        self._all[hooks.flush_address] = None
        newest = dict.fromkeys(self._newest.values())
        self._lists = (_addresses(newest), _addresses(self._all))

    def flush(self, *, everything: bool = False) -> None:
        """Flush the newest library of each key, or all; waits 0.1 s at most.

        A library whose stdout is held by another thread for longer is left out until that thread
        lets go.
        """
        if self._lists is None or self._driver is None or self._driver_holding_gil is None:
            return
        addresses = self._lists[everything]
        # Giving the interpreter lock away before each print would let any busy Python thread take
        # it for 5 ms. It must be given away when the flush has to wait: the thread that holds the
        # library's stdout may be waiting for the interpreter.
        pending: int = self._driver_holding_gil.rustcell_flush_all(
            addresses, len(addresses), _PATIENCE_US
        )
        if pending:
            self._driver.library.rustcell_flush_wait(pending, _LIMIT_US)

    def _drive_with(self, hooks: NativeHooks) -> None:
        holding = ctypes.PyDLL(str(hooks.path))
        flush_all = holding.rustcell_flush_all
        flush_all.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_uint64]
        flush_all.restype = ctypes.c_uint64
        wait = hooks.library.rustcell_flush_wait
        wait.argtypes, wait.restype = [ctypes.c_uint64, ctypes.c_uint64], None
        self._driver, self._driver_holding_gil = hooks, holding


def _addresses(addresses: dict[int, None]) -> ctypes.Array[ctypes.c_size_t]:
    return (ctypes.c_size_t * len(addresses))(*addresses)
