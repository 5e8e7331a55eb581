"""What crosses between judge and runner: two sides in one process, over real pipes."""

from __future__ import annotations

import array
import datetime as dt
import decimal
import fractions
import gc
import ipaddress
import math
import os
import pathlib
import queue
import threading
import uuid
import zoneinfo
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import pytest

from rustcell.judge.loans import Loans, everything, public_of
from rustcell.judge.side import Message, OtherSideGoneError, Side, stray_threads

UTC = dt.UTC


class Pair:
    """A judge's side and a runner's; `judge.ask("call", name, …)` calls a function over there."""

    def __init__(self) -> None:
        self.functions: dict[str, Any] = {}
        to_runner, from_judge = os.pipe()
        to_judge, from_runner = os.pipe()
        questions: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self.runner_loans = Loans(everything, secrets=False)
        self.runner = Side(
            os.fdopen(to_runner, "rb"),
            os.fdopen(from_runner, "wb"),
            self.runner_loans,
            questions.put,
            {"call": self._call},
        )
        self._judge_writer = os.fdopen(from_judge, "wb")
        self.judge = Side(
            os.fdopen(to_judge, "rb"),
            self._judge_writer,
            Loans(public_of(__name__), secrets=True),
            stray_threads(lambda: self.judge),
            strict=True,
        )
        self._server = threading.Thread(
            target=lambda: [self.runner.serve(q) for q in iter(questions.get, None)], daemon=True
        )
        self._server.start()

    def _call(self, name: str, args: tuple[Any, ...]) -> Any:
        return self.functions[name](*args)

    def call(self, function: Any, *args: Any) -> Any:
        """Call a function as an answer's: it sees what has crossed, and what it gives crosses."""
        self.functions["it"] = function
        return self.judge.ask("call", "it", args)

    def close(self) -> None:
        self._judge_writer.close()
        self._server.join(5)


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    made = Pair()
    yield made
    made.close()


def same(value: Any) -> Any:
    return value


PLAIN = [
    None,
    True,
    0,
    -1,
    2**62,
    -(2**62),
    10**4000,
    0.1,
    -0.0,
    math.inf,
    -math.inf,
    "",
    "plain",
    "naïve 🦀",
    "\ud800",
    "\ud83d\ude00",
    "a\x00b",
    b"",
    b"\x00\xff",
    bytearray(b"xy"),
    [],
    [1, [2, [3]]],
    (),
    (1, ("a",)),
    {1, 2},
    frozenset({1, (2, 3)}),
    {"b": 1, "a": 2, 3: {"c": None}},
    1 - 2j,
    range(1, 10, 3),
    slice(1, None, 2),
    ...,
    NotImplemented,
    int,
    ValueError,
    dt.date(2024, 2, 29),
    dt.time(23, 59, 59, 999999, UTC),
    dt.datetime(2024, 1, 1, 12, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30), "IST")),
    dt.datetime(2024, 10, 27, 2, 30, tzinfo=zoneinfo.ZoneInfo("UTC"), fold=1),
    dt.timedelta(days=-1, microseconds=1),
    decimal.Decimal("1.10"),
    decimal.Decimal("NaN"),
    fractions.Fraction(1, 3),
    uuid.UUID(int=7),
    pathlib.Path("a/b"),
    ipaddress.ip_address("::1"),
    array.array("d", [1.5, 2.5]),
]


@pytest.mark.parametrize("value", PLAIN, ids=lambda value: ascii(value)[:30])
def test_a_value_arrives_with_its_type(pair, value):
    seen = []

    def look(arrived):
        seen.append((type(arrived), repr(arrived)))
        # A new object of the same value: what goes back is not the argument itself.
        return [arrived][0:1] if not isinstance(arrived, type) else [arrived]

    (back,) = pair.call(look, value)

    assert seen == [(type(value), repr(value))]
    assert (type(back), repr(back)) == (type(value), repr(value))


def test_not_a_number_and_the_sign_of_zero_survive(pair):
    assert math.isnan(pair.call(same, math.nan))
    assert math.copysign(1, pair.call(same, -0.0)) == -1


def test_fold_survives(pair):
    late = dt.datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=UTC)

    assert pair.call(lambda value: [value], late)[0].fold == 1


def test_a_dictionary_keeps_its_order(pair):
    assert list(pair.call(dict, {"z": 1, "a": 2, "m": 3})) == ["z", "a", "m"]


def test_depth_sharing_and_cycles_survive(pair):
    deep: Any = ()
    for _ in range(5000):
        deep = (deep,)
    shared = [1]
    ring: list[Any] = [shared, shared]
    ring.append(ring)

    def look(nest, circle):
        depth = 0
        while nest:
            nest, depth = nest[0], depth + 1
        return depth, circle[0] is circle[1], circle[2] is circle

    assert pair.call(look, deep, ring) == (5000, True, True)


def test_an_argument_that_comes_back_is_the_same_object(pair):
    mine: list[int] = [1]

    assert pair.call(same, mine) is mine
    assert pair.call(list, mine) is not mine


def test_changes_of_mutable_arguments_come_back(pair):
    def change(values, table, words, data):
        values[0], values[-1] = values[-1], values[0]
        table["new"] = values
        words.discard("a")
        data.append(7)

    values, table, words, data = [1, 2, 3], {"old": 0}, {"a", "b"}, bytearray(b"x")
    pair.call(change, values, table, words, data)

    assert values == [3, 2, 1]
    assert table == {"old": 0, "new": [3, 2, 1]}
    assert table["new"] is values
    assert words == {"b"}
    assert data == b"x\x07"


def test_a_change_shows_also_when_the_call_raises(pair):
    def change(values):
        values.clear()
        raise ValueError

    values = [1]
    with pytest.raises(ValueError):
        pair.call(change, values)
    assert values == []


class Equal:
    """An object that claims to be whatever is wanted."""

    def __eq__(self, other):
        return True

    __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __eq__
    __hash__ = None


def test_an_answers_object_cannot_claim_to_equal_plain_data(pair):
    made = pair.call(Equal)

    assert not made == 6  # noqa: SIM201 (the operator is what is tested)
    assert made != 6
    assert not 6 == made  # noqa: SIM201, SIM300
    assert made != pytest.approx(6)
    assert made not in [1, 2]
    for compare in (lambda: made < 6, lambda: 6 > made, lambda: made >= 6, lambda: 6 in made):  # noqa: SIM300
        with pytest.raises(TypeError, match=r"student\.run"):
            compare()


@pytest.mark.parametrize(
    "make",
    [
        lambda: type("int", (int,), {"__eq__": lambda *_: True, "__hash__": None})(3),
        lambda: OrderedDict(a=1),
        lambda: type("str", (str,), {"__eq__": lambda *_: True, "__hash__": None})("x"),
    ],
)
def test_a_subclass_is_no_value(pair, make):
    made = pair.call(make)

    assert made != 3
    assert made != {"a": 1}
    assert made != "x"
    assert not isinstance(made, (int, dict, str))


class Point:
    """A point in the plane."""

    dimensions = 2

    def __init__(self, x, y=0):
        self.x, self.y = x, y

    def __eq__(self, other):
        return isinstance(other, Point) and (self.x, self.y) == (other.x, other.y)

    def __hash__(self):
        return hash((self.x, self.y))

    def __repr__(self):
        return f"Point({self.x}, {self.y})"

    def __add__(self, other):
        return Point(self.x + other.x, self.y + other.y)

    def __rmul__(self, factor):
        return Point(factor * self.x, factor * self.y)

    def __iadd__(self, other):
        self.x += other
        return self

    def __iter__(self):
        yield from (self.x, self.y)

    def __len__(self):
        return 2

    def __getitem__(self, key):
        return (self.x, self.y)[key]

    def __enter__(self):
        return self

    def __exit__(self, *_raised):
        self.x = "left"

    def moved(self, *, by):
        return Point(self.x + by, self.y)

    @classmethod
    def origin(cls):
        return cls(0, 0)


class Point3(Point):
    dimensions = 3


def test_an_answers_class_behaves_as_a_class(pair):
    stand_in = pair.call(lambda: Point)
    point = stand_in(1, y=2)

    assert (stand_in.__name__, stand_in.__doc__) == ("Point", "A point in the plane.")
    assert type(point) is stand_in
    assert stand_in.dimensions == 2
    assert stand_in.origin().x == 0
    assert issubclass(pair.call(lambda: Point3), stand_in)
    assert not issubclass(stand_in, pair.call(lambda: Point3))
    with pytest.raises(TypeError, match=r"student\.run"):
        type("Mine", (stand_in,), {})


def test_an_answers_object_answers_operators_itself(pair):
    stand_in = pair.call(lambda: Point)
    point = stand_in(1, 2)

    assert repr(point + stand_in(1, 1)) == "Point(2, 3)"
    assert repr(3 * point) == "Point(3, 6)"
    assert point == stand_in(1, 2)
    assert point != stand_in(2, 1)
    assert hash(point) == hash(stand_in(1, 2))
    assert (list(point), len(point), point[-1]) == ([1, 2], 2, 2)
    assert point.moved(by=5).x == 6
    before = point
    point += 10
    assert point is before
    assert point.x == 11
    point.y = "new"
    assert pair.call(lambda p: p.y, point) == "new"
    with point as inside:
        assert inside is point
    assert point.x == "left"
    with pytest.raises(AttributeError, match="colour"):
        _ = point.colour
    with pytest.raises(TypeError, match="not callable"):
        point()


def test_one_object_is_one_stand_in_until_it_is_forgotten(pair):
    kept = Point(1)
    one = pair.call(lambda: kept)
    assert pair.call(lambda: [kept])[0] is one
    assert pair.call(lambda p: p is kept, one)

    def lent():
        return sum(value is kept for value in pair.runner_loans._objects.values())

    assert lent() == 1
    del one
    gc.collect()
    pair.call(same, 1)
    assert lent() == 0


class BankError(Exception):
    pass


class InsufficientFundsError(BankError):
    def __init__(self, balance, needed):
        super().__init__(balance, needed)
        self.balance = balance

    @property
    def missing(self):
        return self.args[1] - self.balance

    def __str__(self):
        return f"{self.missing} too little"


def raised_by(pair: Pair, function: Any, *args: Any) -> BaseException:
    with pytest.raises(BaseException) as caught:
        pair.call(function, *args)
    return caught.value


def raising(error: BaseException) -> Any:
    def function(*_args):
        raise error

    return function


def test_standard_errors_arrive_as_themselves(pair):
    noted = ValueError("a", 1)
    noted.add_note("look here")
    error = raised_by(pair, raising(noted))
    assert type(error) is ValueError
    assert error.args == ("a", 1)
    assert error.__notes__ == ["look here"]
    missing = raised_by(pair, lambda: os.stat("/no/such/file"))
    assert type(missing) is FileNotFoundError
    assert missing.filename == "/no/such/file"
    assert type(raised_by(pair, raising(SystemExit(3)))) is SystemExit
    decode = raised_by(pair, lambda: b"\xff".decode("utf-8"))
    assert (type(decode), decode.start) == (UnicodeDecodeError, 0)
    group = raised_by(pair, raising(ExceptionGroup("both", [ValueError(1), TypeError(2)])))
    assert [type(one) for one in group.exceptions] == [ValueError, TypeError]


def test_an_errors_causes_come_with_it(pair):
    def chained():
        try:
            _ = {}["x"]
        except KeyError as error:
            raise BankError("no") from error

    error = raised_by(pair, chained)
    assert type(error.__cause__) is KeyError
    assert error.__suppress_context__


def test_an_answers_own_errors_keep_class_text_and_fields(pair):
    bank, funds = pair.call(lambda: (BankError, InsufficientFundsError))

    with pytest.raises(bank, match="5 too little") as caught:
        pair.call(raising(InsufficientFundsError(10, 15)))

    assert type(caught.value) is funds
    assert caught.value.args == (10, 15)
    assert (caught.value.balance, caught.value.missing) == (10, 5)
    assert type(funds(1, 2)) is funds
    with pytest.raises(funds):
        raise funds(1, 2)


def test_a_class_that_claims_to_be_python_s_own_is_the_answer_s(pair):
    """PyO3 says `builtins` for a class that names no module."""

    def said(error):
        return "its own text"

    for name in ("Mine", "ValueError"):
        made = type(name, (Exception,), {"__module__": "builtins", "__str__": said})
        error = raised_by(pair, raising(made("an argument")))
        assert str(error) == "its own text"
        assert not isinstance(error, ValueError)


def test_an_answer_cannot_skip_a_test(pair):
    import unittest

    error = raised_by(pair, raising(unittest.SkipTest("not today")))
    assert not isinstance(error, unittest.SkipTest)
    outcome = raised_by(pair, raising(pytest.skip.Exception("nor now")))
    assert not isinstance(outcome, pytest.skip.Exception)


def test_callbacks_are_called_here(pair):
    seen = []

    def double(value, *, plus=0):
        seen.append((value, threading.current_thread().name))
        return value * 2 + plus

    assert pair.call(lambda f: [f(1), f(2, plus=1)], double) == [2, 5]
    assert [value for value, _ in seen] == [1, 2]


def test_a_callback_may_call_the_answer_again(pair):
    def fall(f, depth):
        return f(depth) if depth else "ground"

    pair.functions["fall"] = fall

    def again(depth):
        return pair.judge.ask("call", "fall", (again, depth - 1))

    assert pair.judge.ask("call", "fall", (again, 5)) == "ground"


def test_a_callback_from_a_thread_of_the_answer_is_served(pair):
    def in_a_thread(f):
        got = []
        thread = threading.Thread(target=lambda: got.append(f(20)))
        thread.start()
        thread.join(10)
        return got

    assert pair.call(in_a_thread, lambda value: value + 1) == [21]


def test_an_error_of_a_callback_comes_back_as_itself(pair):
    class MineError(Exception):
        pass

    with pytest.raises(MineError, match="no"):
        pair.call(lambda f: f(), raising(MineError("no")))


class Duck:
    """An object of a class in the tests."""

    name = "Donald"
    _secret = 6

    def __len__(self):
        return 3

    def __getitem__(self, key):
        return [1, 2, 3][key]

    def quack(self):
        return "quack"


def test_an_object_of_the_tests_can_be_used_as_what_it_is(pair):
    duck = Duck()

    def use(thing):
        return len(thing), list(thing), thing.name, thing.quack(), type(thing).__name__

    assert pair.call(use, duck) == (3, [1, 2, 3], "Donald", "quack", "Duck")
    assert pair.call(same, duck) is duck


@pytest.mark.parametrize(
    "reach",
    [
        lambda duck, _function, _running: duck._secret,
        lambda duck, _function, _running: duck.quack.__func__,
        lambda duck, _function, _running: duck.quack.__self__,
        lambda _duck, function, _running: function.__globals__,
        lambda _duck, function, _running: function.__code__,
        lambda _duck, function, _running: function.__closure__,
        lambda _duck, _function, running: running.gi_frame,
        lambda duck, _function, _running: type(duck).__init__.__globals__,
    ],
)
def test_an_answer_reaches_nothing_behind_what_it_is_given(pair, reach):
    with pytest.raises(AttributeError):
        pair.call(reach, Duck(), lambda: 6, (x for x in [1]))


def test_modules_stay_on_the_side_of_the_judge(pair):
    with pytest.raises(TypeError, match="module"):
        pair.call(same, os)


def test_an_attribute_of_a_module_over_there_is_asked_for(pair):
    stand_in = pair.call(lambda: math)
    assert stand_in.floor(1.5) == 1
    assert "floor" in dir(stand_in)


@pytest.mark.parametrize("said", [b"", b"no message\n", b'{"answer": 0}\n'])
def test_a_broken_channel_ends_all_questions(said):
    reader, writer = os.pipe()
    nowhere, out = os.pipe()
    side = Side(
        os.fdopen(reader, "rb"),
        os.fdopen(out, "wb"),
        Loans(everything, secrets=True),
        lambda _message: None,
    )
    if said:
        os.write(writer, said)
    os.close(writer)
    with pytest.raises(OtherSideGoneError):
        side.ask("call", 1)
    assert side.gone
    os.close(nowhere)
