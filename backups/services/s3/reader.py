"""An object as a file: seekable, read in ranges, no more in memory than a window of it."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

from .fetching import Fetching

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# What one question brings at least; whoever reads on and on is brought more, up to the widest.
NARROW, WIDEST = 64 * 1024, 8 * 1024 * 1024
# The directory of a ZIP and its seal: whoever looks at the end wants both.
TAIL = 256 * 1024


class Reader(io.RawIOBase):
    """Not for several threads at once, like any file."""

    def __init__(self, fetching: Fetching) -> None:
        super().__init__()
        self._fetching = fetching
        self._position = 0
        self._window, self._from = bytearray(), 0
        self._reach = NARROW

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._fetching.size}[whence]
        if base + offset < 0:
            raise ValueError("a position before the beginning")
        self._position = base + offset
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        left = max(0, self._fetching.size - self._position)
        wanted = left if size is None or size < 0 else min(size, left)
        held = self._held(wanted)
        self._position += len(held)
        if len(held) == wanted:
            return held
        rest = self._fetched(wanted - len(held))
        self._position += len(rest)
        return held + rest if held else rest

    def readinto(self, buffer: WriteableBuffer) -> int:
        room = memoryview(buffer).cast("B")
        found = self.read(len(room))
        room[: len(found)] = found
        return len(found)

    def _held(self, wanted: int) -> bytes:
        at = self._position - self._from
        return bytes(memoryview(self._window)[at : at + wanted]) if 0 <= at < len(self._window) else b""

    def _fetched(self, wanted: int) -> bytes:
        """What the window lacks, and as much again as the way of reading lets expect."""
        start, size = self._position, self._fetching.size
        reads_on = start == self._from + len(self._window) and start > 0
        self._reach = min(self._reach * 2, WIDEST) if reads_on else NARROW
        if start >= size - TAIL and not reads_on:
            self._window, self._from = bytearray(), max(0, size - TAIL)
            self._window = self._fetching.fetch(self._from, size)
            return self._held(wanted)
        # Jumped to and asked for whole: what follows is somebody else's.
        reach = self._reach if reads_on else NARROW
        end = min(size, start + max(wanted, reach))
        # Let go of the old window first: only one is in memory.
        self._window, self._from = bytearray(), start
        found = self._fetching.fetch(start, end)
        if wanted == len(found):
            self._from = end
            return bytes(found)
        self._window = found
        return bytes(memoryview(found)[:wanted])
