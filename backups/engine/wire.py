"""A result of one column straight from the socket, without a Python loop over its rows.

Each row begins with a random mark and ends with the only raw newline, so one regular expression over a
block takes the packet headers out. What that cannot read exactly (a row of 16 MiB or more comes in several
packets, a row too large for CONCAT comes as NULL) is noticed, never guessed.

Where the helper in C was built, `fast_rows` has a reader that needs neither mark nor newline.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from .database import forget_result
from .packets import END_BYTES, ERROR, HEADER, drain, next_block, raise_error, size_of

MARK_BYTES = 16
NEWLINE = ord("\n")
SPLIT = b"\n\xff\xff\xff"  # a row's first packet is full: more packets follow
# The end of a result, after a row or after a row that is NULL.
END = re.compile(rb"(?:\n|\x01\x00\x00.\xfb)\x05\x00\x00.\xfe.{4}\Z", re.DOTALL)
ENDING_BYTES = 14
MOST_LEFT = 64 * 1024 * 1024
LENGTHS = (
    (1, None, 0),
    (3, 0xFC, 2),
    (4, 0xFD, 3),
    (9, 0xFE, 8),
)  # (bytes in all, first byte, bytes that follow)


class Oversize(Exception):
    """A row is too large to be read this way. `rows` before it were handed on whole."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        super().__init__(rows)


class Reader(Protocol):
    """What turns the bytes of a result into text."""

    ended: bool  # the whole result was read

    def rows(self) -> bytes:
        """The rows that are whole after one more block from the socket; may be none."""

    def drain(self) -> None:
        """Read to the end of the result, packet by packet, so that the session can go on."""


def new_mark() -> str:
    """A fresh mark; ASCII, so that it never looks like a packet's header."""
    return secrets.token_hex(MARK_BYTES // 2)


def text_blocks(
    connection: Connection[Cursor], statement: bytes, reader_of: Callable[[Any], Reader]
) -> Iterator[bytes]:
    """Blocks of whole rows, each row ended by a newline; raises Oversize or the driver's own errors."""
    connection.query(statement, unbuffered=True)
    wire: Any = connection
    reader = reader_of(wire._rfile)
    try:
        while not reader.ended:
            if text := reader.rows():
                yield text
    except Oversize:
        reader.drain()
        raise
    finally:
        leave_result(connection, ended=reader.ended)


def leave_result(connection: Connection[Cursor], *, ended: bool) -> None:
    """Take the result from the driver, which would look for its end; close a session left in mid-result."""
    forget_result(connection)
    if not ended:
        wire: Any = connection
        wire._force_close()


class RowReader:
    """Turns what the socket gives into rows.

    `_left` begins with the newline before the first row that was not handed on.
    """

    def __init__(self, stream: Any, mark: bytes) -> None:
        self.ended = False
        self._stream, self._mark = stream, mark
        self._boundary = re.compile(
            rb"\n.{4}(?:\xfc..|\xfd...|\xfe.{8}|[\x00-\xfa])" + re.escape(mark), re.DOTALL
        )
        self._left = b"\n"
        self._count = 0

    def rows(self) -> bytes:
        """The rows that are whole after one more block from the socket; may be none."""
        self._left = wire = self._left + next_block(self._stream)
        if SPLIT in wire or len(wire) > MOST_LEFT:
            raise Oversize(self._count)
        if END.search(wire, max(0, len(wire) - ENDING_BYTES)):
            text = self._cleaned(wire[:-END_BYTES])
            self.ended = True
            return text
        boundary = self._last_boundary(wire)
        text = self._cleaned(wire[: boundary + 1])
        self._left = wire[boundary:]
        for first, packet in _packets(self._left):
            if first == ERROR:
                self.ended = True
                raise_error(packet)
        return text

    def drain(self) -> None:
        drain(self._stream, self._left[1:])
        self.ended = True

    def _cleaned(self, wire: bytes) -> bytes:
        text, count = self._boundary.subn(b"\n", wire)
        # A NULL row carries no mark: it leaves one behind, or no newline at the end.
        if self._mark in text or not text.endswith(b"\n") or text.count(b"\n") != count + 1:
            raise Oversize(self._count)
        self._count += count
        return text[1:]

    def _last_boundary(self, wire: bytes) -> int:
        """Where the newline before the last row that has begun stands; 0 where only one row has begun."""
        mark = wire.rfind(self._mark)
        for size, first, follow in LENGTHS:
            start = mark - size - HEADER - 1
            if start < 0 or wire[start] != NEWLINE:
                continue
            length = wire[start + 1 + HEADER : mark]
            value = int.from_bytes(length[-follow:], "little") if follow else length[0]
            if (first is None or length[0] == first) and size_of(wire[start + 1 :][:3]) == size + value:
                return start
        return 0


def _packets(left: bytes) -> Iterator[tuple[int, bytes]]:
    """(first byte, content) of the whole packets behind the newline that `left` begins with."""
    position = 1
    while position + HEADER < len(left):
        end = position + HEADER + size_of(left[position : position + 3])
        if end > len(left):
            return
        yield left[position + HEADER], left[position + HEADER : end]
        position = end
