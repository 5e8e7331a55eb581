"""Shows whether a call let other Python threads run."""

from __future__ import annotations

import itertools
import threading
import time
from types import TracebackType
from typing import Self

_PERIOD_S = 0.001

_POLITE_S = 0.02
"""How long the thread waits at most after it was kept waiting itself.

After a held call its caller must wait for the interpreter, and for a core. On a busy machine a
thread that went on at once would tick many times before the caller can end the block.
"""


class Ticker:
    """Counts how often another Python thread got to run during the `with` block.

    The other thread wants to run every millisecond. It must be attached to the interpreter for
    that, so it stands still while Rust code holds the interpreter, and ticks while it is
    released (`Python::detach`, a sleep, waiting for input)::

        with Ticker() as ticker:
            module.work()
        ticker.ticks          # of 20 ms: at most 3 when held, 8 and more when released

    Ticks at the edges of the block count: a held call shows 0 to 3 of them, however long it
    takes. Pure Python code gives way about every 5 ms (`sys.getswitchinterval`), so it shows
    some too.

    On a busy machine the thread ticks less often: it gets its turn late, and then waits as long
    as it was kept waiting, 20 ms at most. But a held call stays one long silence, and a
    released one has none. So `others_ran` looks at the longest silence, and a test that asks
    it about a call of 100 ms or more holds on slow machines.

    On a free-threaded build no thread needs the interpreter to itself: every call shows ticks.
    """

    def __init__(self) -> None:
        self._moments: list[float] = []
        self._began = self._ended = 0.0
        self._stop = threading.Event()

    def __enter__(self) -> Self:
        self._moments, self._stop, self._ended = [], threading.Event(), 0.0
        ticking = threading.Event()
        self._thread = threading.Thread(
            target=self._tick, args=(self._moments, ticking, self._stop), daemon=True
        )
        self._thread.start()
        ticking.wait()
        self._began = time.perf_counter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ended = time.perf_counter()
        self._stop.set()
        self._thread.join()

    @staticmethod
    def _tick(moments: list[float], ticking: threading.Event, stop: threading.Event) -> None:
        due = time.perf_counter()
        while not stop.is_set():
            now = time.perf_counter()
            moments.append(now)
            ticking.set()
            pause = max(_PERIOD_S, min(now - due, _POLITE_S))
            due = now + pause
            time.sleep(pause)

    def _within(self) -> list[float]:
        end = self._ended or time.perf_counter()
        return [moment for moment in list(self._moments) if self._began <= moment <= end]

    @property
    def ticks(self) -> int:
        """How often the other thread ran during the block, so far if it still runs."""
        return len(self._within())

    @property
    def seconds(self) -> float:
        """How long the block took."""
        return (self._ended or time.perf_counter()) - self._began

    @property
    def longest_silence(self) -> float:
        """The longest time between two ticks, or between a tick and an edge, in seconds."""
        moments = [self._began, *self._within(), self._began + self.seconds]
        return max(after - before for before, after in itertools.pairwise(moments))

    @property
    def others_ran(self) -> bool:
        """Whether the other thread ran all along: no silence took half of the block.

        It tells little of blocks that take less than about 20 ms.
        """
        return self.longest_silence < self.seconds / 2

    def __repr__(self) -> str:
        return f"{self.ticks} ticks in {self.seconds * 1e3:.1f} ms"
