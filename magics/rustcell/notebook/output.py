"""What Rust, C code and child processes print appears in the cell, in order with Python's text.

File descriptors 1 and 2 lead into files (`capture.py`). Their new bytes are passed on to
`sys.stdout` and `sys.stderr` before each write and flush of Python's, at the end of the cell, and
ten times a second while a cell runs. IPykernel's own thread, which reads a pipe behind the
descriptors, sleeps meanwhile: the pipe's write end stays open, and it is put back at the end of
the process, because the streams' `close` wakes that thread by writing to the descriptor.
"""

from __future__ import annotations

import atexit
import contextvars
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rustcell.live.capture import CapturedDescriptor, last_words, unbuffer_c_stdout
from rustcell.notebook.native import Flusher, NativeHooks, native_hooks

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionResult, InteractiveShell

__all__ = ["CellOutput", "NativeHooks", "last_words", "native_hooks"]

LIMIT = 10_000_000
"""How many bytes of one cell are shown."""

_NOTE = "[rustcell: output beyond 10 MB of this cell is not shown]\n"
_LOOK_IN_CELL = 0.1
_LOOK_BETWEEN_CELLS = 0.5
_NAMES = ("stdout", "stderr")


class CellOutput:
    """The output of one kernel.

    Parameters
    ----------
    folder
        A folder of this kernel's own. The files `stdout` and `stderr` in it hold what has not
        been shown yet; when the kernel dies they keep its last words, see :func:`last_words`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._flusher = Flusher()
        self._shell: InteractiveShell | None = None
        self._process = os.getpid()
        self._captured: tuple[CapturedDescriptor, ...] = ()
        self._pending = ["", ""]
        # One entry for each running cell: %%capture and the like run a cell within a cell.
        self._cells: list[tuple[_StreamHook, _StreamHook]] = []
        self._left = LIMIT
        self._lock = threading.RLock()
        self._draining = False
        self._cell_began = threading.Event()
        self._stopped = threading.Event()
        self._watcher: threading.Thread | None = None

    def install(self, shell: InteractiveShell) -> None:
        """Capture descriptors 1 and 2 of this process from now on; a second call does nothing.

        Cells that start after this show their output in order; in the cell that calls it, it
        comes at the end.

        Raises
        ------
        OSError
            The folder cannot be written to, or the process has no standard output or error.
        """
        if self._shell is not None:
            return
        for stream in (sys.__stdout__, sys.__stderr__):
            if stream is not None:
                stream.flush()
        self._process = os.getpid()
        first = CapturedDescriptor(1, self._folder / "stdout")
        try:
            self._captured = (first, CapturedDescriptor(2, self._folder / "stderr"))
        except OSError:
            first.close()
            raise
        unbuffer_c_stdout()
        self._shell = shell
        shell.events.register("pre_run_cell", self._before_cell)
        shell.events.register("post_run_cell", self._after_cell)
        atexit.register(self.uninstall)
        if sys.platform != "win32":
            # A child must not inherit half a line in a Rust buffer: both would print it.
            os.register_at_fork(before=self.drain)
        self._stopped.clear()
        self._watcher = threading.Thread(target=self._watch, name="rustcell output", daemon=True)
        self._watcher.start()

    def uninstall(self) -> None:
        """Pass on what is left, put descriptors and streams back, delete the files."""
        if self._shell is None or os.getpid() != self._process:
            return
        self._shell.events.unregister("pre_run_cell", self._before_cell)
        self._shell.events.unregister("post_run_cell", self._after_cell)
        atexit.unregister(self.uninstall)
        self._stopped.set()
        self._cell_began.set()
        if self._watcher is not None:
            self._watcher.join(timeout=1)
        self.drain()
        while self._cells:
            self._unhook()
        with self._lock:
            for captured in self._captured:
                captured.close()
            self._captured = ()
            self._shell = None

    def add_flush(self, key: str, hooks: NativeHooks) -> None:
        """Flush this library's own stdout buffer before each drain (`print!` leaves text there).

        `key` is the module's name: a newer build takes the place of the older one, which from
        then on is flushed at the end of each cell only.
        """
        self._flusher.add(key, hooks)

    def drain(self) -> None:
        """Pass on what has been written to the descriptors since the last time.

        Does nothing in a forked child: what it writes is read here, in the kernel.
        """
        self._drain(everything=False)

    def _drain(self, *, everything: bool) -> None:
        if not self._captured or os.getpid() != self._process:
            return
        # Outside our lock: a thread that holds a library's stdout may print in Python as well.
        self._flusher.flush(everything=everything)
        with self._lock:
            # A signal handler or finalizer that prints in the middle of this one comes by again.
            if self._draining:
                return
            self._draining = True
            try:
                for index, captured in enumerate(self._captured):
                    self._pass_on(index, captured)
            finally:
                self._draining = False

    def _pass_on(self, index: int, captured: CapturedDescriptor) -> None:
        if captured.has_new():
            self._pending[index] += self._read(captured)
        # Kept until the stream has taken it, so that an interrupt here loses nothing.
        if self._pending[index]:
            if self._cells:
                self._cells[-1][index].write(self._pending[index])
            else:
                getattr(sys, _NAMES[index]).write(self._pending[index])
            self._pending[index] = ""

    def _read(self, captured: CapturedDescriptor) -> str:
        text, size = captured.read(self._left)
        if size > self._left >= 0:
            text += _NOTE if text.endswith("\n") or not text else f"\n{_NOTE}"
            self._left = -1
        elif self._left >= 0:
            self._left -= size
        return text

    def _before_cell(self, _info: object = None) -> None:
        self._drain(everything=True)
        if not self._cells:
            self._left = LIMIT
        # IPython exchanges each stream's `write` for the length of a cell, so this is done anew
        # for each cell, on top of IPython's.
        self._cells.append((_StreamHook(sys.stdout, self), _StreamHook(sys.stderr, self)))
        self._cell_began.set()

    def _after_cell(self, result: ExecutionResult | None = None) -> None:
        self._drain(everything=True)
        # An empty cell ends without having begun.
        source = result.info.raw_cell if result is not None and result.info else None
        if self._cells and (source is None or source.strip()):
            self._unhook()

    def _unhook(self) -> None:
        for hook in self._cells.pop():
            hook.undo()

    def _watch(self) -> None:
        """Show what comes while a call without the interpreter lock, or a child, is at work."""
        while not self._stopped.is_set():
            if self._cells:
                self._stopped.wait(_LOOK_IN_CELL)
                everything = True
            else:
                self._cell_began.clear()
                self._cell_began.wait(_LOOK_BETWEEN_CELLS)
                everything = False
            # In an empty context IPykernel's streams take the cell that runs now as the owner.
            contextvars.Context().run(self._drain, everything=everything)


class _StreamHook:
    """A drain before each `write` and `flush` of a stream, until it is undone.

    `flush` belongs to it because IPython calls it before it shows a result, a display or a
    traceback.
    """

    def __init__(self, stream: Any, output: CellOutput) -> None:
        self._stream = stream
        self.write = write = stream.write
        self._flush = flush = stream.flush

        def drain_and_write(*args: Any, **kwargs: Any) -> Any:
            output.drain()
            return write(*args, **kwargs)

        def drain_and_flush(*args: Any, **kwargs: Any) -> Any:
            output.drain()
            return flush(*args, **kwargs)

        self._drain_and_write, self._drain_and_flush = drain_and_write, drain_and_flush
        stream.write, stream.flush = drain_and_write, drain_and_flush

    def undo(self) -> None:
        """Put the methods back, unless somebody has put others in their place since."""
        if self._stream.write is self._drain_and_write:
            self._stream.write = self.write
        if self._stream.flush is self._drain_and_flush:
            self._stream.flush = self._flush
