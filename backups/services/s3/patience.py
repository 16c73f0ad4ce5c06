"""How often, and how long, a storage is asked again."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """Waits double from `first` to `longest` seconds; who fails `attempts` times running is left alone."""

    attempts: int
    first: float = 0.5
    longest: float = 20.0

    def wait(self, failures: int, stop: threading.Event | None = None) -> None:
        """Less than the full time by chance, so that many who failed at once do not come back at once."""
        seconds = min(self.longest, self.first * 2 ** (failures - 1)) * random.uniform(0.5, 1)  # noqa: S311  # nosec B311 # a pause
        (stop or threading.Event()).wait(seconds)


# Nobody watches a job, so a storage may restart meanwhile; whoever waits for a page is told soon.
OF_A_JOB = Patience(attempts=9)
OF_A_PAGE = Patience(attempts=3)
_current: ContextVar[Patience] = ContextVar("patience", default=OF_A_PAGE)


def current() -> Patience:
    return _current.get()


@contextmanager
def patiently(patience: Patience = OF_A_JOB) -> Iterator[None]:
    token = _current.set(patience)
    try:
        yield
    finally:
        _current.reset(token)
