"""How fast a backup may read: a rate for all connections together, and pauses while the server is busy.

A pause holds the snapshot open, and the server keeps every old row that it needs: so pauses have an end.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from .vitals import Look, Replica, Vitals

LOOK_SECONDS = 1.0
# Also how soon a cancel is noticed while nothing is read.
STEP_SECONDS = 0.25
# What was not read while a chunk was packed is made up for, and no more: the rate is no average of an hour.
CREDIT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Limits:
    """When a backup gives way; 0 stands for never. `patience` is how many seconds it may pause in all."""

    bytes_per_second: int = 0  # of row text, over all connections
    running: int = 0  # sessions at work besides ours
    lag: int = 0  # seconds that a replica is behind, other than on purpose
    patience: float = 600.0


NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Waited:
    """What a pacer saw and did."""

    paused_seconds: float  # because the server was busy
    held_seconds: float  # to keep to the rate
    patience_ended: bool
    most_running: int | None
    most_running_at: datetime | None


class Pacer:
    """Stands between the blocks that are read, whatever session reads them."""

    def __init__(
        self,
        limits: Limits,
        look: Look,
        check: Callable[[], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        """`check` raises where the work should stop; `wait` sleeps for so many seconds at most."""
        self._limits, self._look, self._check, self._clock = limits, look, check, clock
        self._let_go = threading.Event()
        self._wait = wait or self._let_go.wait
        self._guard = threading.Lock()
        self._vitals = Vitals()
        self._next_look, self._free_at = float("-inf"), clock()
        self._paused, self._held = _Stopwatch(clock), _Stopwatch(clock)
        self._most: tuple[int, datetime] | None = None
        self._patience_ended = False

    def through(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """The same blocks, no faster than is allowed."""
        for block in blocks:
            yield block
            self._keep_to_rate(len(block))
            self.give_way()

    def give_way(self) -> None:
        """Wait while the server is busy, as long as there is patience left."""
        self._look_when_due()
        if not self._must_wait():
            return
        with self._paused.running():
            while self._must_wait():
                self._check()
                self._wait(STEP_SECONDS)
                self._look_when_due()

    def take_up(self) -> None:
        """Reading begins, perhaps anew, and with a look."""
        self._let_go.clear()
        self._next_look, self._free_at = float("-inf"), self._clock()

    def let_go(self) -> None:
        """Nobody waits any longer: the work is over, or has failed elsewhere."""
        self._let_go.set()

    @property
    def replica(self) -> Replica | None:
        """As it was at the last look."""
        return self._vitals.replica

    @property
    def waited(self) -> Waited:
        most, at = self._most or (None, None)
        return Waited(self._paused.seconds, self._held.seconds, self._patience_ended, most, at)

    def _look_when_due(self) -> None:
        with self._guard:
            if self._clock() < self._next_look:
                return
            self._vitals = self._look()
            # From now: a server that answers slowly is not asked more often for it.
            self._next_look = self._clock() + LOOK_SECONDS
            running = self._vitals.running
            if running is not None and (self._most is None or running > self._most[0]):
                self._most = running, datetime.now(UTC)

    def _must_wait(self) -> bool:
        if self._let_go.is_set() or not is_busy(self._vitals, self._limits):
            return False
        self._patience_ended = self._patience_ended or self._paused.seconds >= self._limits.patience
        return not self._patience_ended

    def _keep_to_rate(self, size: int) -> None:
        if not self._limits.bytes_per_second:
            return
        with self._guard:
            begins = max(self._free_at, self._clock() - CREDIT_SECONDS)
            self._free_at = begins + size / self._limits.bytes_per_second
            until = self._free_at
        with self._held.running():
            while (left := until - self._clock()) > 0 and not self._let_go.is_set():
                self._check()
                self._wait(min(left, STEP_SECONDS))


def is_busy(vitals: Vitals, limits: Limits) -> bool:
    """A replica whose replication has stopped is not waited for: nobody knows for how long."""
    if limits.running and (vitals.running or 0) > limits.running:
        return True
    replica = vitals.replica
    if not limits.lag or replica is None or replica.broken or replica.behind is None:
        return False
    return replica.behind - replica.wanted_delay > limits.lag


class _Stopwatch:
    """Runs while at least one of several threads says so."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._guard = threading.Lock()
        self._running, self._since, self._before = 0, 0.0, 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        with self._guard:
            if not self._running:
                self._since = self._clock()
            self._running += 1
        try:
            yield
        finally:
            with self._guard:
                self._running -= 1
                if not self._running:
                    self._before += self._clock() - self._since

    @property
    def seconds(self) -> float:
        with self._guard:
            return self._before + (self._clock() - self._since if self._running else 0.0)
