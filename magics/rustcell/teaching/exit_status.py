"""What the number says that a process ended with."""

from __future__ import annotations

import signal

# The exception codes that crashes of Rust, C and Python code end with (Windows' ntstatus.h).
_EXCEPTION_CODES = {
    0x80000003: "STATUS_BREAKPOINT",
    0xC0000005: "STATUS_ACCESS_VIOLATION",
    0xC0000017: "STATUS_NO_MEMORY",
    0xC000001D: "STATUS_ILLEGAL_INSTRUCTION",
    0xC0000094: "STATUS_INTEGER_DIVIDE_BY_ZERO",
    0xC00000FD: "STATUS_STACK_OVERFLOW",
    0xC000013A: "STATUS_CONTROL_C_EXIT",
    0xC0000374: "STATUS_HEAP_CORRUPTION",
    # Also what Rust's abort ends with: it calls __fastfail.
    0xC0000409: "STATUS_STACK_BUFFER_OVERRUN",
}


def signal_of(returncode: int) -> tuple[int | None, str | None]:
    """Return (exit status, None), or (None, name of what killed the process).

    Parameters
    ----------
    returncode:
        As `subprocess.Popen.returncode`: minus the signal's number on POSIX, the exception
        code on Windows.
    """
    if returncode < 0:
        try:
            return None, signal.Signals(-returncode).name
        except ValueError:
            # The real-time signals between SIGRTMIN and SIGRTMAX have no names.
            return None, f"signal {-returncode}"
    if returncode in _EXCEPTION_CODES:
        return None, _EXCEPTION_CODES[returncode]
    return returncode, None
