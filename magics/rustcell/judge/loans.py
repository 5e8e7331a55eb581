"""What one side lends to the other: objects that do not cross by value, by number.

The runner lends all that the answer makes; a test may do anything with it. The judge lends what a
test passes on (a callback, an object of a class in the tests) and grants only what Python's own
operators need, so that an answer cannot reach the tests through what it was given.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

# The special methods that Python's operators and functions look up on a type.
_UNARY = "neg pos abs invert complex int float index round trunc floor ceil"
_BINARY = "add sub mul matmul truediv floordiv mod divmod pow lshift rshift and or xor"
_OTHERS = (
    "call len length_hint getitem setitem delitem iter next reversed contains enter exit "
    "repr str format bytes bool hash fspath eq ne lt le gt ge"
)
SPECIALS = frozenset(
    [f"__{name}__" for name in f"{_UNARY} {_BINARY} {_OTHERS}".split()]
    + [f"__{prefix}{name}__" for prefix in "ri" for name in _BINARY.split()]
)

_SECRETS = (types.ModuleType, types.FrameType, types.CodeType, types.TracebackType)


Grant = Callable[[Any, str], bool]
"""Says whether an attribute of a lent object may be read or set by the other side."""


def everything(_value: Any, _name: str) -> bool:
    """Grant all attributes: the runner's rule."""
    return True


def public_of(module: str) -> Grant:
    """Grant the public attributes of objects whose class `module` defines: the judge's rule."""

    def grant(value: Any, name: str) -> bool:
        return type(value).__module__ == module and not name.startswith("_")

    return grant


@dataclass
class Loans:
    """The lent objects of one side.

    Parameters
    ----------
    grant:
        The rule for attributes.
    secrets:
        Whether modules, frames and code stay here.
    """

    grant: Grant
    secrets: bool
    _objects: dict[int, Any] = field(default_factory=dict)
    _numbers: dict[int, int] = field(default_factory=dict)
    _times: dict[int, int] = field(default_factory=dict)
    _next: int = 0

    def number(self, value: Any) -> int:
        """Lend an object once more and return its number.

        Raises
        ------
        TypeError
            For what is kept from the other side.
        """
        if self.secrets and isinstance(value, _SECRETS):
            raise TypeError(f"a test cannot hand a {type(value).__name__} to the answer")
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = self._next
            self._next += 1
            self._objects[number] = value
        self._times[number] = self._times.get(number, 0) + 1
        return number

    def take_back(self, number: int, times: int) -> None:
        """Note that the other side has forgotten an object that came to it `times` times."""
        left = self._times.get(number, 0) - times
        if left > 0:
            self._times[number] = left
            return
        value = self._objects.pop(number, None)
        self._numbers.pop(id(value), None)
        self._times.pop(number, None)

    def __getitem__(self, number: int) -> Any:
        return self._objects[number]

    def get(self, number: int, name: str) -> Any:
        """Return an attribute of a lent object."""
        return getattr(self._granted(number, name), name)

    def set(self, number: int, name: str, *value: Any) -> None:
        """Set an attribute of a lent object, or delete it when there is no value."""
        target = self._granted(number, name)
        if value:
            setattr(target, name, value[0])
        else:
            delattr(target, name)

    def special(self, number: int, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a special method of a lent object, as Python's operators do: on its type."""
        value = self._objects[number]
        if name not in SPECIALS:
            raise AttributeError(f"{name} is not for the other side")
        method: Callable[..., Any] = getattr(type(value), name)
        return method(value, *args, **kwargs)

    def names(self, number: int) -> list[str]:
        """Return `dir` of a lent object, as far as it is granted."""
        value = self._objects[number]
        return [name for name in dir(value) if self.grant(value, name)]

    def _granted(self, number: int, name: str) -> Any:
        value = self._objects[number]
        if not self.grant(value, name):
            raise AttributeError(f"{type(value).__name__!r} object has no attribute {name!r}")
        return value


def specials_of(kind: type) -> list[str]:
    """Return the special methods that a type has beyond every object's own."""
    found = []
    for name in sorted(SPECIALS):
        # Not `getattr`: that also finds what the type of the type has.
        method = next((vars(base)[name] for base in kind.__mro__ if name in vars(base)), None)
        if method is not None and method is not vars(object).get(name):
            found.append(name)
    return found
