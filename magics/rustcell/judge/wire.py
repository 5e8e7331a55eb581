"""Values as JSON and back: by value and type, never by running code of the other side.

A page is a flat table of nodes, so that depth, cycles and shared objects are no matter. What is
small and plain stands inline as a JSON value; `[i]` refers to node i. A node is
`[kind, first, then, extra]`: the references that it needs to exist, those that are filled in
afterwards, and what is JSON already.

Only exact builtin and standard types cross by value. Everything else, subclasses too, is lent.
"""

from __future__ import annotations

import array
import datetime as dt
import decimal
import fractions
import ipaddress
import pathlib
import uuid
import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

Ref = Any
"""An inline JSON value, or `[i]`."""
Node = list[Any]
Page = dict[str, Any]

_BIG = 1 << 62
_SINGLE = {"ellipsis": Ellipsis, "not-implemented": NotImplemented}


class Lender(Protocol):
    """What stands for objects that do not cross by value."""

    def lend(self, value: Any, ref: Callable[[Any], Ref]) -> Node:
        """Return the node of an object, calling `ref` for the values that it refers to."""

    def borrow(self, kind: str, first: Sequence[Any], extra: Any) -> Any:
        """Return the object that a node of this kind stands for."""

    def complete(self, value: Any, kind: str, then: Sequence[Any]) -> None:
        """Give a borrowed object what its node names as to be filled in."""


@dataclass(frozen=True)
class _Plain:
    """A type that is made again from the arguments it is taken apart into."""

    type: type
    arguments: Callable[[Any], Sequence[Any]]
    make: Callable[..., Any]


def _timestamp(value: Any) -> Sequence[Any]:
    fields = ("year", "month", "day") if isinstance(value, dt.date) else ()
    names = (*fields, "hour", "minute", "second", "microsecond", "tzinfo", "fold")
    return [getattr(value, name) for name in names]


def _datetime(*parts: Any) -> dt.datetime:
    made: dt.datetime = dt.datetime.combine(
        dt.date(*parts[:3]), dt.time(*parts[3:-1], fold=parts[-1])
    )
    return made


def _by_text(kind: type) -> _Plain:
    return _Plain(kind, lambda value: [str(value)], kind)


_PLAIN = [
    _Plain(complex, lambda v: [v.real, v.imag], complex),
    _Plain(range, lambda v: [v.start, v.stop, v.step], range),
    _Plain(slice, lambda v: [v.start, v.stop, v.step], slice),
    _Plain(dt.date, lambda v: [v.year, v.month, v.day], dt.date),
    _Plain(dt.time, _timestamp, lambda *a: dt.time(*a[:-1], fold=a[-1])),
    _Plain(dt.datetime, _timestamp, _datetime),
    _Plain(dt.timedelta, lambda v: [v.days, v.seconds, v.microseconds], dt.timedelta),
    _Plain(dt.timezone, lambda v: v.__getinitargs__(), dt.timezone),
    _Plain(zoneinfo.ZoneInfo, lambda v: [v.key], zoneinfo.ZoneInfo),
    _Plain(fractions.Fraction, lambda v: [v.numerator, v.denominator], fractions.Fraction),
    _Plain(array.array, lambda v: [v.typecode, v.tobytes()], array.array),
    *map(_by_text, (decimal.Decimal, uuid.UUID, type(pathlib.Path()))),
    *map(_by_text, (pathlib.PurePosixPath, pathlib.PureWindowsPath)),
    *map(_by_text, (ipaddress.IPv4Address, ipaddress.IPv6Address)),
]
_BY_TYPE = {plain.type: (str(number), plain) for number, plain in enumerate(_PLAIN)}
_BY_KIND: Mapping[str, _Plain] = dict(_BY_TYPE.values())

_GROUPS: Mapping[type, str] = {kind: kind.__name__ for kind in (list, tuple, set, frozenset, dict)}
_FILLED = {"list": list, "set": set, "dict": dict}
MUTABLE = (list, dict, set, bytearray)


@dataclass
class Encoder:
    """Writes one page.

    Parameters
    ----------
    lender:
        Takes what does not cross by value.
    known:
        Objects of the page that this one answers, by `id`, with their numbers there: they go back
        as what they are.
    """

    lender: Lender
    known: Mapping[int, int] = field(default_factory=dict)
    nodes: list[Node] = field(default_factory=list)
    objects: list[Any] = field(default_factory=list)
    _numbers: dict[int, int] = field(default_factory=dict)
    _todo: list[int] = field(default_factory=list)

    def page(self, value: Any) -> Page:
        """Return the page of a value; `objects[i]` is afterwards what node i stands for."""
        root = self.ref(value)
        while self._todo:
            number = self._todo.pop()
            self.nodes[number] = self._node(self.objects[number])
        return {"nodes": self.nodes, "root": root}

    def ref(self, value: Any) -> Ref:
        """Return the reference to a value, entering it as a node if it is no inline one."""
        kind = type(value)
        if value is None or kind is bool or kind is float or (kind is int and -_BIG < value < _BIG):
            return value
        if kind is str and value.isascii():
            return value
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = len(self.nodes)
            self.nodes.append([])
            # Held, so that no other object gets its id while the page is written.
            self.objects.append(value)
            self._todo.append(number)
        return [number]

    def _node(self, value: Any) -> Node:
        kind = type(value)
        if id(value) in self.known:
            return ["known", [], [], self.known[id(value)]]
        if kind is int:
            return ["int", [], [], hex(value)]
        if kind is str:
            # JSON would join two lone surrogates that happen to stand side by side.
            return ["str", [], [], value.encode("utf-8", "surrogatepass").hex()]
        if kind in (bytes, bytearray):
            return [kind.__name__, [], [], value.hex()]
        if kind is dict:
            return ["dict", [], [self.ref(x) for pair in value.items() for x in pair], None]
        if kind in _GROUPS:
            refs = [self.ref(item) for item in value]
            filled = _GROUPS[kind] in _FILLED
            return [_GROUPS[kind], [] if filled else refs, refs if filled else [], None]
        for name, single in _SINGLE.items():
            if value is single:
                return ["single", [], [], name]
        if kind in _BY_TYPE:
            name, plain = _BY_TYPE[kind]
            return ["plain", [self.ref(item) for item in plain.arguments(value)], [], name]
        return self.lender.lend(value, self.ref)


class Decoder:
    """Reads one page: after `value()`, `objects[i]` is what node i stands for.

    Raises
    ------
    ValueError, TypeError, LookupError
        From `value()`, for a page that no encoder has written.
    """

    def __init__(self, page: Page, lender: Lender, known: Sequence[Any] = ()) -> None:
        self._nodes: list[Node] = page["nodes"]
        self._root: Ref = page["root"]
        self._lender = lender
        self._known = known
        self._made: dict[int, Any] = {}
        self._to_fill: list[int] = []

    def value(self) -> Any:
        self._make(self._root)
        while self._to_fill:
            number = self._to_fill.pop()
            kind, _first, then, _extra = self._nodes[number]
            for ref in then:
                self._make(ref)
            self._fill(self._made[number], kind, [self._get(ref) for ref in then])
        return self._get(self._root)

    @property
    def objects(self) -> dict[int, Any]:
        """What the nodes stand for, by number."""
        return self._made

    def _get(self, ref: Ref) -> Any:
        return self._made[ref[0]] if isinstance(ref, list) else ref

    def _make(self, ref: Ref) -> None:
        """Make a node after all that it needs to exist, without recursion."""
        stack: list[int] = [ref[0]] if isinstance(ref, list) else []
        opened: set[int] = set()
        while stack:
            number = stack[-1]
            if number in self._made:
                stack.pop()
                continue
            kind, first, then, extra = self._nodes[number]
            missing = [r[0] for r in first if isinstance(r, list) and r[0] not in self._made]
            if missing and number in opened:
                raise ValueError("a page whose nodes need each other")
            opened.add(number)
            if missing:
                stack += missing
                continue
            self._made[number] = self._made_of(kind, [self._get(r) for r in first], extra)
            if then:
                self._to_fill.append(number)
            stack.pop()

    def _made_of(self, kind: str, first: list[Any], extra: Any) -> Any:
        if kind in _FILLED:
            return _FILLED[kind]()
        if kind == "known":
            return self._known[extra]
        if kind == "int":
            return int(extra, 16)
        if kind == "str":
            return bytes.fromhex(extra).decode("utf-8", "surrogatepass")
        if kind in ("bytes", "bytearray"):
            return (bytes if kind == "bytes" else bytearray).fromhex(extra)
        if kind in ("tuple", "frozenset"):
            return tuple(first) if kind == "tuple" else frozenset(first)
        if kind == "single":
            return _SINGLE[extra]
        if kind == "plain":
            return _BY_KIND[extra].make(*first)
        return self._lender.borrow(kind, first, extra)

    def _fill(self, value: Any, kind: str, then: list[Any]) -> None:
        if kind == "list":
            value.extend(then)
        elif kind == "set":
            value.update(then)
        elif kind == "dict":
            value.update(zip(then[::2], then[1::2], strict=True))
        else:
            self._lender.complete(value, kind, then)


def contents(value: Any) -> tuple[Any, ...]:
    """Return what a mutable container holds now; of a dict keys and values in turn."""
    if isinstance(value, dict):
        return tuple(part for pair in value.items() for part in pair)
    return tuple(value)


def unchanged(value: Any, before: tuple[Any, ...]) -> bool:
    """Whether a mutable container holds the very objects that it held before."""
    now = contents(value)
    return len(now) == len(before) and all(a is b for a, b in zip(now, before, strict=True))


def refill(value: Any, content: Sequence[Any]) -> None:
    """Make a mutable container hold `content`, in place."""
    value.clear()
    if isinstance(value, dict):
        value.update(zip(content[::2], content[1::2], strict=True))
    elif isinstance(value, set):
        value.update(content)
    else:
        value.extend(content)
