"""Bare columns from the socket, made into text by the small helper in C; the same text as the server's own.

It is optional: where it was not built, or from another source than lies here, nobody notices but the clock.
"""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Callable
from enum import IntEnum, StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from . import codec, errors
from .codec import stored
from .manifest import Table
from .packets import BLOCK, HEADER, drain, lost, next_block, raise_error, size_of
from .wire import Oversize

SOURCE = Path(__file__).with_name("_wire.c")
# How the helper is told what to do with a column.
KINDS: dict[Callable[[bytes], bytes], bytes] = {codec.plain: b"p", codec.escaped: b"e", codec.hexed: b"h"}
HEXED = KINDS[codec.hexed]
NO_COLUMN = b"p"  # a constant is selected where every column is computed


class State(StrEnum):
    """What came of the helper."""

    READY = "ready"
    ABSENT = "absent"
    STALE = "stale"  # built from another source


class Verdict(IntEnum):
    """Why the helper stopped; the same numbers as in `_wire.c`."""

    MORE = 0
    END = 1
    FAILED = 2
    SPLIT = 3
    MALFORMED = 4
    NOT_TEXT = 5


class Helper(Protocol):
    SOURCE: str

    def convert(self, wire: bytearray, size: int, kinds: bytes, /) -> tuple[bytes, int, int, int]:
        """(text, bytes read, rows, verdict) of the whole rows among the first `size` bytes."""


class NotText(ValueError):
    """`block` is whole lines, and in one of them are bytes that are not valid in their character set."""

    def __init__(self, block: bytes) -> None:
        self.block = block
        super().__init__()


def state() -> State:
    """Whether the helper is there and built from the source that lies beside it."""
    return _found()[1]


def helper() -> Helper | None:
    found, told = _found()
    return found if told is State.READY else None


@cache
def _found() -> tuple[Helper | None, State]:
    try:
        found: Any = importlib.import_module(f"{__package__}._wire")
    except ImportError:
        return None, State.ABSENT
    return found, State.READY if fingerprint() == found.SOURCE else State.STALE


def fingerprint() -> str:
    """The source's hash, as bin/_setup builds it in."""
    return hashlib.sha256(SOURCE.read_bytes()).hexdigest()


def kinds_of(table: Table) -> bytes | None:
    """One letter a column; None where the helper does not know one of them."""
    ways = [KINDS.get(codec.codec(column).spelled) for column in stored(table)]
    return None if None in ways else b"".join(filter(None, ways)) or NO_COLUMN


class FastReader:
    """Turns what the socket gives into text; `_buffer` holds what was not read yet, `_filled` bytes of it."""

    def __init__(self, stream: Any, kinds: bytes, helper: Helper) -> None:
        self.ended = False
        self._stream, self._kinds, self._helper = stream, kinds, helper
        self._buffer, self._filled = bytearray(BLOCK), 0
        self._count = 0
        self._began = self._split = False

    def rows(self) -> bytes:
        """The rows that are whole after one more block from the socket; may be none."""
        if self._split:
            raise Oversize(self._count)
        self._fill()
        text, read, count, verdict = self._helper.convert(self._buffer, self._filled, self._kinds)
        self._count += count
        self._forget(read)
        self._judge(Verdict(verdict))
        return text

    def drain(self) -> None:
        drain(self._stream, bytes(self._buffer[: self._filled]))
        self.ended = True

    def _fill(self) -> None:
        if self._filled == len(self._buffer):
            # One row is larger than the buffer; its header says by how much.
            self._buffer.extend(bytes(HEADER + size_of(self._buffer)))
        size = self._more() if self._began else self._first()
        if not size:
            raise lost()
        self._filled += size

    def _first(self) -> int:
        """What the driver's stream may hold already; it is not asked again, since it copies all it gives."""
        self._began = True
        block = next_block(self._stream)
        self._buffer[: len(block)] = block
        return len(block)

    def _more(self) -> int:
        with memoryview(self._buffer) as free:
            return self._stream.raw.readinto(free[self._filled :]) or 0

    def _forget(self, read: int) -> None:
        self._buffer[: self._filled - read] = self._buffer[read : self._filled]
        self._filled -= read

    def _judge(self, verdict: Verdict) -> None:
        if verdict is Verdict.NOT_TEXT:
            raise NotText(self._first_line())
        if verdict is Verdict.SPLIT:
            self._split = True
        elif verdict in {Verdict.END, Verdict.FAILED}:
            self._end(verdict)
        elif verdict is Verdict.MALFORMED:
            raise malformed()

    def _first_line(self) -> bytes:
        """The row that could not be read as text, all the same: taken as hex, which takes any bytes."""
        size = HEADER + size_of(self._buffer)
        text, _, _, verdict = self._helper.convert(self._buffer, size, HEXED * len(self._kinds))
        if verdict == Verdict.MALFORMED:
            raise malformed()
        fields = zip(self._kinds, text.rstrip(b"\n").split(b"\t"), strict=True)
        return b"\t".join(_spelled(kind, field) for kind, field in fields) + b"\n"

    def _end(self, verdict: Verdict) -> None:
        packet = bytes(self._buffer[HEADER : self._filled])
        if len(packet) != size_of(self._buffer):
            raise malformed()
        self.ended = True
        if verdict is Verdict.FAILED:
            raise_error(packet)


def _spelled(kind: int, field: bytes) -> bytes:
    if field == rb"\N":
        return field
    spell = next(way for way, letter in KINDS.items() if letter == bytes([kind]))
    return spell(bytes.fromhex(field.decode("ascii")))


def malformed() -> errors.ServerRefused:
    return errors.ServerRefused(errno=0, message="its answer is not what the protocol says")
