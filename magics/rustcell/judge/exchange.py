"""What crosses the channel but not by value: objects, classes, errors and modules."""

from __future__ import annotations

import builtins
import sys
import types
import weakref
from collections.abc import Callable, Sequence
from typing import Any

from rustcell.judge.borrowed import (
    Asking,
    make_class,
    make_error,
    make_instance,
    make_module,
    number_of,
)
from rustcell.judge.loans import Loans, specials_of
from rustcell.judge.wire import Node

# What import, name and attribute errors know beside their `args`: the import system reads it.
_SLOTS = ("name", "path")


class Exchange:
    """Lends this side's objects and makes stand-ins for the other's.

    Parameters
    ----------
    loans:
        What this side lends.
    asking:
        Whom the stand-ins ask.
    """

    def __init__(self, loans: Loans, asking: Asking) -> None:
        self._loans, self._asking = loans, asking
        self._classes: dict[int, type] = {}
        self._stand_ins: dict[type, type] = {}
        self._modules: dict[int, types.ModuleType] = {}
        self._objects: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
        self._times: dict[int, list[int]] = {}
        self._forgotten: list[tuple[int, int]] = []

    def forgotten(self) -> list[tuple[int, int]]:
        """Return the loans that nobody here knows any more, and how often each had come; once."""
        told, self._forgotten = self._forgotten, []
        return told

    def lend(self, value: Any, ref: Callable[[Any], Any]) -> Node:
        """Return the node of an object, calling `ref` for the values that it refers to."""
        number = number_of(value)
        if number is not None:
            return ["yours", [], [], number]
        if isinstance(value, type):
            return self._lend_class(value, ref)
        if isinstance(value, BaseException):
            first = [ref(type(value)), ref(_arguments(value))]
            then: list[Any] = [value.__cause__, value.__context__, value.__suppress_context__]
            slots = [(name, getattr(value, name)) for name in _SLOTS if _has_slot(value, name)]
            then += [part for pair in (*slots, *value.__dict__.items()) for part in pair]
            # Of an error of the answer's own class, attributes can be asked for.
            number = None if _is_builtin(type(value)) else self._loans.number(value)
            return ["error", first, [ref(part) for part in then], number]
        if isinstance(value, types.ModuleType):
            return ["module", [], [], [self._loans.number(value), value.__name__]]
        return ["object", [ref(type(value))], [], self._loans.number(value)]

    def _lend_class(self, value: type, ref: Callable[[Any], Any]) -> Node:
        about = _description(value)
        # The other side may not have imported an error of the standard library.
        bases: Sequence[type] = () if _is_builtin(value) else value.__bases__
        return ["class", [ref(base) for base in bases], [], [self._loans.number(value), about]]

    def borrow(self, kind: str, first: Sequence[Any], extra: Any) -> Any:
        """Return the object that a node of this kind stands for."""
        if kind == "yours":
            return self._loans[extra]
        if kind == "module":
            number, name = extra
            if number not in self._modules:
                self._modules[number] = make_module(self._asking, number, name)
            return self._modules[number]
        if kind == "class":
            return self._class(extra[0], extra[1], first)
        if kind == "error":
            error = make_error(first[0], first[1], extra)
            if number_of(error) is not None:
                self._return_at_end(error, extra, [1])
            elif extra is not None:  # it is known here, and nothing will be asked of it
                self._forgotten.append((extra, 1))
            return error
        if kind == "object":
            return self._object(first[0], extra)
        raise ValueError(f"a page with a node {kind!r}")

    def complete(self, value: Any, kind: str, then: Sequence[Any]) -> None:
        """Give a borrowed error its causes and attributes."""
        if kind != "error":
            raise ValueError(f"nothing can be added to a node {kind!r}")
        value.__cause__, value.__context__, value.__suppress_context__, *attributes = then
        for name, attribute in zip(attributes[::2], attributes[1::2], strict=True):
            if name in _SLOTS and _has_slot(value, name):
                setattr(value, name, attribute)
            else:
                value.__dict__[name] = attribute

    def _class(self, number: int, about: dict[str, Any], bases: Sequence[type]) -> type:
        if number not in self._classes:
            usable = tuple(b for b in bases if number_of(b) is not None or _is_error(b))
            standard = _standard(about["module"], about["qualname"]) if about["standard"] else None
            self._classes[number] = standard or make_class(self._asking, number, about, usable)
        return self._classes[number]

    def _object(self, kind: type, number: int) -> Any:
        known = self._objects.get(number)
        if known is None:
            if number_of(kind) is None:
                kind = self._stand_in(kind)
            known = self._objects[number] = make_instance(kind, number)
            times = self._times[number] = [0]
            self._return_at_end(known, number, times)
        self._times[number][0] += 1
        return known

    def _stand_in(self, kind: type) -> type:
        """Return a class for objects of a standard type that do not cross by value."""
        if kind not in self._stand_ins:
            self._stand_ins[kind] = make_class(self._asking, -1, _description(kind), ())
        return self._stand_ins[kind]

    def _return_at_end(self, value: Any, number: int, times: list[int]) -> None:
        def forget() -> None:
            self._forgotten.append((number, times[0]))

        weakref.finalize(value, forget).atexit = False


def _arguments(error: BaseException) -> tuple[Any, ...]:
    """Return what an error is made of; some keep a part of it outside of `args`."""
    if isinstance(error, BaseExceptionGroup):
        return (error.message, error.exceptions)
    if isinstance(error, OSError) and len(error.args) == 2 and error.filename is not None:
        return (*error.args, error.filename)
    return error.args


def _has_slot(error: BaseException, name: str) -> bool:
    return isinstance(error, ImportError | NameError | AttributeError) and hasattr(
        type(error), name
    )


def _is_error(kind: type) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseException)


def _is_own(kind: type, name: str) -> bool:
    """Whether a special method of an error class is written for it, and not BaseException's."""
    return not any(
        getattr(kind, name, None) is getattr(standard, name, None)
        for standard in kind.__mro__
        if _is_builtin(standard)
    )


def _standard(module: str, name: str) -> type | None:
    """Return the class of this name if Python itself has it and knows it on this side.

    Errors of the standard library only where they are imported already; unittest's tell a test
    runner to skip.
    """
    if module == "builtins":
        found = getattr(builtins, name, None)
        return found if isinstance(found, type) else None
    top = module.partition(".")[0]
    if top not in sys.stdlib_module_names or top in ("unittest", "__main__"):
        return None
    found = getattr(sys.modules.get(module), name, None)
    return found if isinstance(found, type) and _is_error(found) else None


def _is_standard(kind: type) -> bool:
    return _standard(str(kind.__module__), kind.__qualname__) is kind


def _is_builtin(kind: type) -> bool:
    """Whether it is Python's own, and not a PyO3 class that says no module and so claims this."""
    return kind.__module__ == "builtins" and _is_standard(kind)


def _description(kind: type) -> dict[str, Any]:
    specials = specials_of(kind)
    return {
        "name": kind.__name__,
        "qualname": kind.__qualname__,
        "module": kind.__module__ if isinstance(kind.__module__, str) else "",
        "doc": kind.__doc__ if isinstance(kind.__doc__, str) else None,
        "standard": _is_standard(kind),
        "specials": specials,
        "own": [name for name in specials if _is_own(kind, name)],
        "hashable": kind.__hash__ is not None,
    }
