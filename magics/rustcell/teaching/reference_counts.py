"""Reference counts without the references that the counting itself makes."""

from __future__ import annotations

import sys

_IMMORTAL = 1 << 29
"""No object has as many owners; CPython's marks of immortal objects are all above it."""


def refcount(obj: object) -> int:
    """Return how many references the object's owners hold, the question itself not counted.

    A name, an item of a list, a field of a Rust struct (`Py<T>`) is one owner each; a
    `Bound<'py, T>` counts while it lives, a `&Bound<'py, T>` does not. An object that was made
    for the call only has 0.

    `sys.getrefcount` also counts its own argument, and how many references a call makes depends
    on the version of Python. Here the argument is put into a list and its name deleted, so that
    exactly two references are known not to be the caller's: the list's, and the one that
    `getrefcount` gets.

    Objects that are never freed (Python 3.12 and later: None, True, small integers, interned
    strings…) have no count but a mark, a huge number: see `is_immortal`. On a free-threaded build
    threads count apart and some objects are counted by the garbage collector only, so a number
    may be too high.
    """
    box = [obj]
    del obj
    return sys.getrefcount(box[0]) - 2


def is_immortal(obj: object) -> bool:
    """Tell whether the interpreter never frees this object, whatever its count says."""
    return sys.getrefcount(obj) >= _IMMORTAL
