"""What travels with the bytes: progress that can be watched and stopped, and writers that count."""

from __future__ import annotations

import hashlib
from typing import Protocol


class Progress(Protocol):
    """Told by the engine, listened to by whoever asked. `check` is where cancel and deadline strike."""

    def phase(self, slug: str, total: int = 0) -> None:
        """A phase begins; `total` is what `advance` will add up to (bytes or steps), 0 where unknown."""

    def advance(self, steps: int = 1) -> None: ...

    def check(self) -> None:
        """Raise Cancelled, DeadlinePassed or Busy when the work should stop here."""


class Silent:
    """Progress that nobody watches."""

    def phase(self, slug: str, total: int = 0) -> None:
        del slug, total

    def advance(self, steps: int = 1) -> None:
        del steps

    def check(self) -> None:
        return


class RowSum:
    """The sum of the hashes of all rows modulo 2**256: equal for equal multisets, whatever their order."""

    MODULUS = 2**256

    def __init__(self) -> None:
        self._sum = 0

    def add(self, text: bytes) -> None:
        """`text` is whole lines, each with its newline."""
        for line in text.split(b"\n")[:-1]:
            self._sum += int.from_bytes(hashlib.sha256(line).digest(), "big")
        self._sum %= self.MODULUS

    def hex(self) -> str:
        return f"{self._sum:064x}"
