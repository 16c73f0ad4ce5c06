"""What the readers of results know of packets: three bytes of length, one of number, then the content."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, NoReturn

import pymysql
from pymysql.constants import CR
from pymysql.err import raise_mysql_exception

BLOCK = 1024 * 1024
HEADER = 4
EOF, ERROR = 0xFE, 0xFF
END_BYTES = 9  # the packet that ends a result, with its header; its content is always shorter than this
FULL = 0xFFFFFF  # a packet of this length is followed by more of the same row
LEAST_ERROR = 4


def size_of(header: bytes | bytearray) -> int:
    """How long the content behind a header is."""
    return int.from_bytes(header[:3], "little")


def next_block(stream: Any) -> bytes:
    """What the socket has, and something it must have."""
    block: bytes = stream.read1(BLOCK)
    if not block:
        raise lost()
    return block


def drain(stream: Any, wire: bytes) -> None:
    """Read to the end of a result of which `wire` came already, so that the session can go on."""
    position, continued = 0, False
    while True:
        while len(wire) <= position + HEADER or len(wire) < position + HEADER + size_of(
            wire[position : position + 3]
        ):
            wire, position = wire[position:] + next_block(stream), 0
        start, size = position + HEADER, size_of(wire[position : position + 3])
        if size and not continued and wire[start] == ERROR:
            raise_error(wire[start : start + size])
        if 0 < size < END_BYTES and not continued and wire[start] == EOF:
            return
        position, continued = start + size, size == FULL


def raise_error(packet: bytes) -> NoReturn:
    """The server's own error; what cannot be read as one is no server speaking."""
    if len(packet) >= LEAST_ERROR:
        with suppress(UnicodeDecodeError):
            raise_mysql_exception(packet)
    raise lost()


def lost() -> pymysql.OperationalError:
    return pymysql.OperationalError(CR.CR_SERVER_LOST, "Lost connection during a result")
