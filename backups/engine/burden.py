"""What a backup cost: our own process, and what the server had to bear meanwhile."""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass
from datetime import datetime

from .pace import Waited
from .vitals import Replica

KIB = 1024


@dataclass(frozen=True, slots=True)
class Source:
    """The replica that was read from, where it was one, as it was when the snapshot was taken."""

    behind: int | None  # seconds; None: it did not know
    broken: bool  # its replication had stopped
    too_far: bool  # further behind than is allowed


@dataclass(frozen=True, slots=True)
class Burden:
    """From the first look at the server until the database was read; files are not counted."""

    reading_seconds: float
    rows_per_second: int
    bytes_per_second: int  # of row text
    cpu_seconds: float  # of our process
    peak_bytes: int  # of our process, since it began
    paused_seconds: float  # because the server was busy
    held_seconds: float  # to keep to the rate
    patience_ended: bool  # went on although the server was still busy
    most_running: int | None  # sessions at work besides ours; None: the server would not tell
    most_running_at: datetime | None
    replica: Source | None


class Meter:
    """Counts from the moment that it is made."""

    def __init__(self) -> None:
        self._cpu = time.process_time()
        self._began = self._ended = time.monotonic()

    def reading_begins(self) -> None:
        self._began = time.monotonic()

    def reading_ends(self) -> None:
        self._ended = time.monotonic()

    def burden(self, *, rows: int, size: int, waited: Waited, replica: Source | None) -> Burden:
        seconds = self._ended - self._began
        return Burden(
            reading_seconds=round(seconds, 3),
            rows_per_second=_per_second(rows, seconds),
            bytes_per_second=_per_second(size, seconds),
            cpu_seconds=round(time.process_time() - self._cpu, 3),
            peak_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIB,
            paused_seconds=round(waited.paused_seconds, 3),
            held_seconds=round(waited.held_seconds, 3),
            patience_ended=waited.patience_ended,
            most_running=waited.most_running,
            most_running_at=waited.most_running_at,
            replica=replica,
        )


def source_of(replica: Replica | None, *, allowed: int) -> Source | None:
    """`allowed` is how many seconds a replica may be behind without a word of it."""
    if replica is None:
        return None
    return Source(replica.behind, replica.broken, (replica.behind or 0) > allowed)


def _per_second(count: int, seconds: float) -> int:
    return round(count / seconds) if seconds > 0 else 0
