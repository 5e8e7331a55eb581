"""Stand-ins for objects that live on the other side of the channel.

A class of the other side is a real class here, with the same name and bases, so that `type(p)`,
`isinstance` and `except` work as ever. It has exactly the special methods that the original has.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from typing import Any, Protocol

_COMPARED = {
    "__eq__": "==",
    "__ne__": "!=",
    "__lt__": "<",
    "__le__": "<=",
    "__gt__": ">",
    "__ge__": ">=",
    "__contains__": "in",
}
NUMBER = "rustcell_number"
"""The attribute of a stand-in that holds the original's number."""


class Asking(Protocol):
    """Asks the other side; `strict` on the side of the judge."""

    strict: bool

    def ask(self, verb: str, *values: Any) -> Any:
        """Return what the other side answers, or raise what it raises."""


def number_of(value: Any) -> int | None:
    """Return the number of a borrowed object, class or error; None for one of this side."""
    kind = type(value)
    if not (
        isinstance(kind, BorrowedType) or kind is BorrowedType or isinstance(value, BorrowedModule)
    ):
        return None
    number: int | None = value.__dict__.get(NUMBER)
    return number


class BorrowedType(type):
    """The type of stand-in classes: calls and class attributes go to the original class."""

    rustcell_asking: Asking
    rustcell_number: int

    def __new__(
        cls, name: str, bases: tuple[type, ...], body: dict[str, Any], **given: Any
    ) -> BorrowedType:
        if not given:
            raise TypeError(
                f"a test cannot subclass {bases[0].__name__}, which lives with the answer: define "
                "the subclass there, in the text of student.run(…)"
            )
        made = super().__new__(cls, name, bases, body)
        type.__setattr__(made, "rustcell_asking", given["asking"])
        type.__setattr__(made, NUMBER, given["number"])
        return made

    def __init__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any], **_: Any) -> None:
        super().__init__(name, bases, body)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        return cls.rustcell_asking.ask("special", cls.rustcell_number, "__call__", args, kwargs)

    def __getattr__(cls, name: str) -> Any:
        return cls.rustcell_asking.ask("get", cls.rustcell_number, name)

    def __setattr__(cls, name: str, value: Any) -> None:
        if name.startswith("__") and name.endswith("__"):
            super().__setattr__(name, value)
        else:
            cls.rustcell_asking.ask("set", cls.rustcell_number, name, value)

    def __dir__(cls) -> list[str]:
        names: list[str] = cls.rustcell_asking.ask("names", cls.rustcell_number)
        return names


class _OfTheOriginal:
    """`__doc__` and `__module__`: known for the class, asked for on an instance."""

    def __init__(self, name: str, value: Any) -> None:
        self._name, self._value = name, value

    def __get__(self, instance: Any, owner: type) -> Any:
        return self._value if instance is None else _ask_get(instance, self._name)


def _ask_get(self: Any, name: str) -> Any:
    number = number_of(self)
    if number is None:
        raise AttributeError(name)
    return type(self).rustcell_asking.ask("get", number, name)


def _ask_set(self: Any, name: str, value: Any) -> None:
    type(self).rustcell_asking.ask("set", number_of(self), name, value)


def _ask_del(self: Any, name: str) -> None:
    type(self).rustcell_asking.ask("set", number_of(self), name)


def _ask_dir(self: Any) -> Any:
    return type(self).rustcell_asking.ask("names", number_of(self))


def _forward(name: str) -> Callable[..., Any]:
    def special(self: Any, *args: Any, **kwargs: Any) -> Any:
        return type(self).rustcell_asking.ask("special", number_of(self), name, args, kwargs)

    special.__name__ = name
    return special


def _compare(name: str, forward: Callable[..., Any]) -> Callable[..., Any]:
    """Compare, but never let an answer's object say that it equals plain data."""

    def special(self: Any, other: Any) -> Any:
        if not type(self).rustcell_asking.strict or number_of(other) is not None:
            return forward(self, other)
        if name in ("__eq__", "__ne__"):
            return name == "__ne__"
        kind = type(self).__name__
        raise TypeError(
            f"an object of the answer's class {kind} is compared ({_COMPARED[name]}) with "
            f"{type(other).__name__}; ask it by student.run(…) if the test means this"
        )

    special.__name__ = name
    return special


def make_class(
    asking: Asking, number: int, about: Mapping[str, Any], bases: tuple[type, ...]
) -> type:
    """Return a stand-in for a class.

    Parameters
    ----------
    number, about:
        The original's number and description: name, module, doc, special methods.
    bases:
        Its bases as far as they are stand-ins or standard exceptions.
    """
    error = any(issubclass(base, BaseException) for base in bases)
    body: dict[str, Any] = {
        "__qualname__": about["qualname"],
        "__module__": _OfTheOriginal("__module__", about["module"]),
        "__doc__": _OfTheOriginal("__doc__", about["doc"]),
        "__getattr__": _ask_get,
    }
    specials = set(about["specials"])
    if error:
        # By value are its class and args; an error's own text is asked for where it has one.
        body["__module__"], specials = about["module"], specials & set(about["own"])
    else:
        body |= {"__setattr__": _ask_set, "__delattr__": _ask_del, "__dir__": _ask_dir}
        specials |= {"__eq__", "__ne__"}
        if "__hash__" not in specials:
            body["__hash__"] = _forward("__hash__") if about["hashable"] else None
    for name in specials:
        forward = _forward(name)
        body[name] = _compare(name, forward) if name in _COMPARED and not error else forward
    return BorrowedType(about["name"], bases or (object,), body, asking=asking, number=number)


def make_instance(kind: type, number: int) -> Any:
    """Return a stand-in for an instance of a stand-in class."""
    made: Any = object.__new__(kind)
    made.__dict__[NUMBER] = number
    return made


class BorrowedModule(types.ModuleType):
    """Stands for a module of the other side; submodules are imported there too."""

    rustcell_asking: Asking

    def __getattr__(self, name: str) -> Any:
        return _ask_get(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        # The import system notes things on a module; all else belongs to the original.
        if name.startswith("__") or isinstance(value, types.ModuleType):
            super().__setattr__(name, value)
        else:
            _ask_set(self, name, value)

    def __dir__(self) -> list[str]:
        names: list[str] = _ask_dir(self)
        return names


def make_module(asking: Asking, number: int, name: str) -> BorrowedModule:
    """Return a stand-in for a module."""
    kind: Any = type("BorrowedModule", (BorrowedModule,), {"rustcell_asking": asking})
    made: BorrowedModule = kind(name)
    made.__dict__[NUMBER] = number
    made.__dict__.pop("__doc__", None)
    return made


def make_error(kind: type[BaseException], args: tuple[Any, ...], number: int) -> BaseException:
    """Return an error by value: of a standard class, or of a stand-in class."""
    if isinstance(kind, BorrowedType):
        made: BaseException = kind.__new__(kind, *args)
        made.args = args
        made.__dict__[NUMBER] = number
        return made
    try:
        return kind(*args)
    except Exception:  # noqa: BLE001 (a standard class may want other arguments than its `args`)
        made = kind.__new__(kind, *args)
        made.args = args
        return made
