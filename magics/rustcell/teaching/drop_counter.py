"""Shows when objects end that were handed to Rust code."""

from __future__ import annotations

import threading
import weakref
from typing import Any


class Token:
    """An object that its counter hears of when it ends. It takes any attributes.

    Made by `DropCounter.new`.
    """

    def __init__(self, label: str) -> None:
        self._label = label

    def __repr__(self) -> str:
        return f"<token {self._label}>"


class DropCounter:
    """Counts how many of its objects have ended.

    In use::

        counter = DropCounter()
        module.keep(counter.new())    # a #[pyfunction] that stores a Py<PyAny>
        counter.dropped               # 0
        module.forget()
        counter.dropped               # 1

    An object ends when its last reference goes. A `Py<T>` that is dropped while its thread is
    detached from Python keeps its reference until a thread attaches again, in the same module:
    the counter shows 0 until then. Objects in a cycle end when the garbage collector finds
    the cycle (`gc.collect()`), or never, if it leads through a Rust struct without
    `__traverse__`.

    Reading the counter calls no Rust code, so it changes nothing.
    """

    def __init__(self) -> None:
        self._watched: dict[int, weakref.ref[Any]] = {}
        self._order: list[str] = []
        self._made = 0
        self._lock = threading.Lock()

    def new(self, label: str = "") -> Token:
        """Return a new object to hand to Rust; without a label it is "1", "2" and so on."""
        token = Token(label or str(self._made + 1))
        self.watch(token, label)
        return token

    def watch(self, obj: Any, label: str = "") -> None:
        """Count the end of an object of any class that allows weak references.

        Raises
        ------
        TypeError
            When the class does not: a Rust class must say `#[pyclass(weakref)]`.
        """
        order, watched = self._order, self._watched
        with self._lock:
            name = label or str(self._made + 1)

            def ended(reference: weakref.ref[Any]) -> None:
                # May run in any thread and in the middle of anything: single steps, no lock.
                order.append(name)
                watched.pop(id(reference), None)

            try:
                reference = weakref.ref(obj, ended)
            except TypeError as error:
                raise TypeError(
                    f"{type(obj).__name__} objects cannot be watched: their class allows no weak "
                    "references. Write #[pyclass(weakref)], or let the object hold a token "
                    "(counter.new())."
                ) from error
            watched[id(reference)] = reference
            self._made += 1

    @property
    def made(self) -> int:
        """How many objects the counter has made or watches."""
        return self._made

    @property
    def dropped(self) -> int:
        """How many of them have ended."""
        return len(self._order)

    @property
    def alive(self) -> int:
        """How many of them have not."""
        return self._made - len(self._order)

    @property
    def order(self) -> list[str]:
        """The labels of those that have ended, in that order."""
        return list(self._order)

    def __repr__(self) -> str:
        return f"{self.dropped} of {self.made} dropped"
