"""Looks at every process of this machine, again and again, for what must not stand there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.security.planted import Wanted, found_in


class Watched:
    def __init__(self) -> None:
        self.found: set[str] = set()
        self.looks = 0


@contextmanager
def watched(wanted: Wanted, marker: bytes) -> Iterator[Watched]:
    """Command lines of all, and the environment of those that belong to this run: `marker` stands in it."""
    seen, stop = Watched(), threading.Event()

    def look() -> None:
        while not stop.wait(0.03):
            seen.looks += 1
            for process in Path("/proc").glob("[0-9]*"):
                _look_at(process, wanted, marker, seen)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()


def _look_at(process: Path, wanted: Wanted, marker: bytes, seen: Watched) -> None:
    # It may have ended meanwhile.
    with suppress(OSError):
        line = (process / "cmdline").read_bytes()
        seen.found |= {f"{name} on the command line {line[:40]!r}" for name in found_in(line, wanted)}
        environment = (process / "environ").read_bytes()
        if marker in environment:
            seen.found |= {
                f"{name} in the environment of {line[:40]!r}" for name in found_in(environment, wanted)
            }
