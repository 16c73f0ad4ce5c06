"""Progress that also writes down how long each phase took."""

from __future__ import annotations

import time

from .stream import Progress


class Timed:
    def __init__(self, listener: Progress) -> None:
        self._listener = listener
        self._took: dict[str, float] = {}
        self._phase = ""
        self._since = time.monotonic()

    def phase(self, slug: str, total: int = 0) -> None:
        self._note()
        self._phase = slug
        self._listener.phase(slug, total)

    def advance(self, steps: int = 1) -> None:
        self._listener.advance(steps)

    def check(self) -> None:
        self._listener.check()

    def took(self) -> tuple[tuple[str, float], ...]:
        """(phase, seconds) in the order in which they began, the running one up to now."""
        self._note()
        return tuple(self._took.items())

    def _note(self) -> None:
        now = time.monotonic()
        if self._phase:
            self._took[self._phase] = self._took.get(self._phase, 0.0) + now - self._since
        self._since = now
