"""One file descriptor of this process, led into a file and read from there.

A file and not a pipe: a pipe holds about 64 kB, and code that prints more while it holds the
interpreter would wait for a reader that waits for the interpreter.
"""

from __future__ import annotations

import codecs
import ctypes
import os
import sys
from collections.abc import Callable
from pathlib import Path

_CHUNK = 1 << 20
_BINARY = getattr(os, "O_BINARY", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


class CapturedDescriptor:
    """A descriptor whose bytes go to a file opened for append.

    Children inherit it, so what they write is read too.

    Parameters
    ----------
    descriptor
        1 for standard output, 2 for standard error.
    path
        The file, mode 0600. What stood in it is lost.
    """

    def __init__(self, descriptor: int, path: Path) -> None:
        self.path = path
        self._descriptor = descriptor
        self._offset = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        write_flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | _BINARY | _NO_LINK
        writer = os.open(path, write_flags, 0o600)
        try:
            self._reader = os.open(path, os.O_RDWR | _BINARY)
            self._original = os.dup(descriptor)
            os.dup2(writer, descriptor)
        finally:
            os.close(writer)

    def has_new(self) -> bool:
        """Whether anything was written since the last read."""
        return os.fstat(self._reader).st_size != self._offset

    def read(self, limit: int) -> tuple[str, int]:
        """Take what was written since the last read.

        Returns the text of the first `limit` bytes and the number of all bytes; the rest is
        dropped. A character whose last bytes are still to come is kept for the next read.
        """
        size = os.fstat(self._reader).st_size
        start = self._offset
        end = min(size, start + limit)
        text = ""
        while self._offset < end:
            os.lseek(self._reader, self._offset, os.SEEK_SET)
            data = os.read(self._reader, min(_CHUNK, end - self._offset))
            if not data:
                break
            text += self._decoder.decode(data)
            self._offset += len(data)
        if end < size:
            self._decoder.reset()
            self._offset = size
        self._forget(start)
        return text, size - start

    def close(self) -> None:
        """Put the descriptor back and delete the file."""
        os.dup2(self._original, self._descriptor)
        os.close(self._original)
        os.close(self._reader)
        try:
            self.path.unlink(missing_ok=True)
        except OSError:
            # Windows keeps a file that a child still holds open.
            self._empty_by_name()

    def _empty_by_name(self) -> None:
        try:
            os.truncate(self.path, 0)
        except OSError:
            return

    def _forget(self, start: int) -> None:
        """Free the bytes from `start` to what has been read: the file keeps what nobody has seen.

        A hole loses nothing that another thread or a child appends at this moment; cutting the
        file to zero does, when it falls between our last look and the cut. Where there are no
        holes, the cut it is, and only when nothing more was there at the last look.
        """
        if self._offset == start or _punch_hole(self._reader, start, self._offset - start):
            return
        if os.fstat(self._reader).st_size == self._offset:
            os.ftruncate(self._reader, 0)
            self._offset = 0


def last_words(folder: Path, limit: int = 4000) -> str:
    """What a kernel that died had written to its descriptors and nobody had read.

    Standard output first, then standard error (where a panic stands), the last `limit`
    characters in all. An empty string when there is nothing.
    """
    parts = [_tail(folder / name, 4 * limit) for name in ("stdout", "stderr")]
    return "\n".join(part.rstrip("\n") for part in parts if part.strip())[-limit:]


def _tail(path: Path, size: int) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - size))
            data = file.read()
    except OSError:
        return ""
    # What has been shown is a hole, which reads as zero bytes.
    return data.replace(b"\0", b"").decode("utf-8", errors="replace")


def _find_punch_hole() -> Callable[[int, int, int], bool]:
    if sys.platform != "linux":
        return lambda *_: False
    libc = ctypes.CDLL(None)
    # In the 64-bit form file offsets have 64 bits on 32-bit machines too.
    fallocate = getattr(libc, "fallocate64", None) or libc.fallocate
    fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64]
    keep_size_and_punch_hole = 0x01 | 0x02  # linux/falloc.h

    def punch_hole(descriptor: int, start: int, length: int) -> bool:
        return bool(fallocate(descriptor, keep_size_and_punch_hole, start, length) == 0)

    return punch_hole


_punch_hole = _find_punch_hole()


def unbuffer_c_stdout() -> None:
    """Make C's `stdout` write at once: on a file it would keep the text until 4 kB are full."""
    if sys.platform == "win32":
        return
    libc = ctypes.CDLL(None)
    name = "__stdoutp" if sys.platform == "darwin" else "stdout"
    try:
        stdout = ctypes.c_void_p.in_dll(libc, name)
        setvbuf = libc.setvbuf
    except (ValueError, AttributeError):
        return
    setvbuf.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_size_t]
    unbuffered = 2  # _IONBF in glibc, musl and macOS
    setvbuf(stdout, None, unbuffered, 0)
