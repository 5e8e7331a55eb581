"""One side of the channel between judge and runner: asks, answers, lends and borrows."""

from __future__ import annotations

import contextlib
import itertools
import json
import queue
import threading
from collections.abc import Callable, Mapping
from typing import IO, Any

from rustcell.judge.exchange import Exchange
from rustcell.judge.loans import Loans
from rustcell.judge.wire import MUTABLE, Decoder, Encoder, contents, refill, unchanged

Message = dict[str, Any]
Inbox = queue.SimpleQueue[Message | None]


class OtherSideGoneError(BaseException):
    """The other process has ended. No `except Exception` of a test may swallow that."""


class Side:
    """One end of the channel. Any thread may ask; questions that come back are answered there.

    Parameters
    ----------
    reader, writer:
        The channel: a JSON message a line.
    loans:
        What this side lends, and its rule.
    verbs:
        What the other side may ask for besides the use of loans.
    stray:
        Takes a question that belongs to no call of ours which is under way, and None at the end.
    strict:
        Whether borrowed objects must not compare themselves with plain data.
    """

    def __init__(
        self,
        reader: IO[bytes],
        writer: IO[bytes],
        loans: Loans,
        stray: Callable[[Message | None], None],
        verbs: Mapping[str, Callable[..., Any]] | None = None,
        *,
        strict: bool = False,
    ) -> None:
        self.strict = strict
        self._reader, self._writer = reader, writer
        self._loans, self._stray = loans, stray
        self._verbs: dict[str, Callable[..., Any]] = {
            "get": loans.get,
            "set": loans.set,
            "special": loans.special,
            "names": loans.names,
            **(verbs or {}),
        }
        self._numbers = itertools.count()
        self._inboxes: dict[int, Inbox] = {}
        self._serving = threading.local()
        self._send_lock = threading.Lock()
        self._gone = False
        self._exchange = Exchange(loans, self)
        threading.Thread(target=self._read, name="rustcell channel", daemon=True).start()

    @property
    def gone(self) -> bool:
        """Whether the other side has ended."""
        return self._gone

    def ask(self, verb: str, *values: Any) -> Any:
        """Ask the other side for something; what it raises is raised here.

        Lists, dicts, sets and bytearrays among `values` hold afterwards what they hold there.
        """
        number, inbox = next(self._numbers), Inbox()
        self._inboxes[number] = inbox
        try:
            encoder = Encoder(self._exchange)
            page = encoder.page(values)
            under = getattr(self._serving, "number", None)
            self._send({"ask": number, "under": under, "verb": verb, "page": page})
            answer = self._wait(inbox)
        finally:
            self._inboxes.pop(number, None)
        result, changes = Decoder(answer["page"], self._exchange, encoder.objects).value()
        for position, content in changes:
            if type(encoder.objects[position]) in MUTABLE:
                refill(encoder.objects[position], content)
        if not answer["raised"]:
            return result
        if not isinstance(result, BaseException):
            raise TypeError("the other side raised something that is no error")
        raise result

    def serve(self, message: Message, at_end: Callable[[], None] = lambda: None) -> None:
        """Answer one question of the other side; `at_end` is called before the answer goes."""
        outer = getattr(self._serving, "number", None)
        self._serving.number = message["ask"]
        try:
            page, raised = self._answer(message)
        finally:
            self._serving.number = outer
        at_end()
        self._send({"answer": message["ask"], "raised": raised, "page": page})

    def _answer(self, message: Message) -> tuple[dict[str, Any], bool]:
        known: dict[int, int] = {}
        changes: list[tuple[int, Any]] = []
        raised = False
        try:
            decoder = Decoder(message["page"], self._exchange)
            values = decoder.value()
            objects = decoder.objects
            before = {n: contents(o) for n, o in objects.items() if type(o) in MUTABLE}
            known = {id(value): number for number, value in objects.items()}
            try:
                result = self._verbs[message["verb"]](*values)
            finally:
                now = [
                    (n, objects[n]) for n, old in before.items() if not unchanged(objects[n], old)
                ]
                changes = [(n, contents(value)) for n, value in now]
            return Encoder(self._exchange, known).page((result, tuple(changes))), raised
        # What student code raises, panics and sys.exit too, belongs to whoever asked.
        except BaseException as error:  # noqa: BLE001
            return Encoder(self._exchange, known).page((error, tuple(changes))), True

    def _wait(self, inbox: Inbox) -> Message:
        while True:
            message = inbox.get()
            if message is None:
                raise OtherSideGoneError
            if "answer" in message:
                return message
            self.serve(message)

    def _send(self, message: Message) -> None:
        line = (
            json.dumps({**message, "forgotten": self._exchange.forgotten()}).encode("ascii") + b"\n"
        )
        with self._send_lock:
            if self._gone:
                raise OtherSideGoneError
            try:
                self._writer.write(line)
                self._writer.flush()
            except OSError:
                raise OtherSideGoneError from None

    def _read(self) -> None:
        # A line that is no message ends the channel as surely as its end does.
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            for line in self._reader:
                message = json.loads(line)
                for number, times in message["forgotten"]:
                    self._loans.take_back(number, times)
                self._deliver(message)
        self._gone = True
        for inbox in list(self._inboxes.values()):
            inbox.put(None)
        self._stray(None)

    def _deliver(self, message: Message) -> None:
        number = message["answer"] if "answer" in message else message["under"]
        inbox = self._inboxes.get(number)
        if inbox is not None:
            inbox.put(message)
        elif "ask" in message:
            self._stray(message)


def came_over(error: BaseException) -> bool:
    """Whether the other side has raised this error, and not this one."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_code is Side.ask.__code__


def stray_threads(side: Callable[[], Side]) -> Callable[[Message | None], None]:
    """Answer questions of the other side's own threads, each in a thread."""

    def take(message: Message | None) -> None:
        if message is not None:
            threading.Thread(target=side().serve, args=(message,), daemon=True).start()

    return take
