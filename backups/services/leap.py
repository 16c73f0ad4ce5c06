"""Whether somebody set the clock: told by another one, which nobody can set."""

from __future__ import annotations

import time

# Less is corrected by and by, and does no harm.
SECONDS = 5.0


class Leap:
    """`happened` since it was last asked."""

    def __init__(self) -> None:
        self._ahead = _ahead()

    def happened(self) -> bool:
        before, self._ahead = self._ahead, _ahead()
        return abs(self._ahead - before) > SECONDS


def _ahead() -> float:
    return time.time() - time.monotonic()
