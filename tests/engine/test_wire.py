"""Rows from the socket: exact at every length and at every cut, and never guessed."""

from __future__ import annotations

import io

import pymysql
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backups.engine.wire import Oversize, RowReader, new_mark

MARK = new_mark().encode()
SIZES = [0, 1, 5, 9, 10, 11, 100, 222, 233, 234, 235, 236, 266, 65_535, 65_536, 65_537, 0x0A0A, 0x0A0A0A]


class Slices(io.RawIOBase):
    """A socket that gives at most so many bytes at a time."""

    def __init__(self, content: bytes, sizes: list[int]) -> None:
        self._content, self._sizes = content, sizes

    def read1(self, most: int) -> bytes:
        size = min(most, self._sizes.pop(0) if self._sizes else most)
        block, self._content = self._content[:size], self._content[size:]
        return block


def _length(size: int) -> bytes:
    if size < 251:
        return bytes([size])
    if size < 2**16:
        return b"\xfc" + size.to_bytes(2, "little")
    if size < 2**24:
        return b"\xfd" + size.to_bytes(3, "little")
    return b"\xfe" + size.to_bytes(8, "little")


def _packets(payload: bytes, number: int) -> bytes:
    """A payload as packets, split at 16 MiB as the protocol has it."""
    out = b""
    while True:
        piece, payload = payload[:0xFFFFFF], payload[0xFFFFFF:]
        out += len(piece).to_bytes(3, "little") + bytes([number % 256]) + piece
        if len(piece) < 0xFFFFFF:
            return out
        number += 1


def _result(rows: list[bytes | None], end: bytes = b"\xfe\x00\x00\x22\x00") -> bytes:
    payloads = [b"\xfb" if row is None else _length(len(t := MARK + row + b"\n")) + t for row in rows]
    return b"".join(_packets(payload, 5 + number) for number, payload in enumerate([*payloads, end]))


def _read(content: bytes, sizes: list[int] | None = None) -> bytes:
    return _rest(RowReader(Slices(content, sizes or []), MARK))


def _rest(reader: RowReader) -> bytes:
    text = b""
    while not reader.ended:
        text += reader.rows()
    return text


def test_a_null_row_is_noticed_wherever_it_stands() -> None:
    for rows in (
        [None],
        [b"a", None],
        [None, b"a"],
        [b"a", None, b"b"],
        [None, None],
        [b"a", None, None, b"b"],
    ):
        with pytest.raises(Oversize):
            _read(_result(rows))


def test_the_rows_before_a_null_row_are_counted() -> None:
    content = _result([b"a", b"b", b"c", None, b"d"])
    reader = RowReader(Slices(content, [len(_result([b"a", b"b", b"c"])) - 9]), MARK)
    with pytest.raises(Oversize) as oversize:
        _rest(reader)
    assert oversize.value.rows == 2


@pytest.mark.parametrize("size", [0xFFFFFF - 30, 0xFFFFFF, 0xFFFFFF + 1, 2 * 0xFFFFFF + 5])
def test_a_row_of_several_packets_is_never_passed_on(size: int) -> None:
    content = _result([b"before", b"x" * size, b"after"])
    if size + len(MARK) + 10 < 0xFFFFFF:
        assert _read(content) == b"before\n" + b"x" * size + b"\nafter\n"
    else:
        with pytest.raises(Oversize):
            _read(content)


@pytest.mark.parametrize("size", [17, 0xFFFFFF + 100])
def test_after_oversize_the_session_stands_at_the_end_of_the_result(size: int) -> None:
    stream = Slices(_result([b"a", None, b"x" * size, b"\xfe" * 3, None]) + b"next", [])
    reader = RowReader(stream, MARK)
    with pytest.raises(Oversize):
        _rest(reader)
    reader.drain()
    assert reader.ended


@pytest.mark.parametrize("rows", [[], [b"a"], [b"a", b"b" * 500]])
def test_an_error_in_mid_stream_is_raised(rows: list[bytes | None]) -> None:
    content = _result(
        rows, end=b"\xff" + (1317).to_bytes(2, "little") + b"#70100Query execution was interrupted"
    )
    for size in (1, 7, 10_000):
        with pytest.raises(pymysql.MySQLError, match="interrupted"):
            _read(content, [size] * len(content))


def test_a_connection_that_ends_in_mid_result_is_an_error() -> None:
    content = _result([b"a", b"b"])
    for length in range(len(content)):
        with pytest.raises(pymysql.OperationalError):
            _read(content[:length])


def test_an_empty_result_is_empty() -> None:
    assert _read(_result([])) == b""


@pytest.mark.parametrize("size", SIZES)
def test_a_row_of_every_telling_length_comes_whole(size: int) -> None:
    rows = [b"x" * size, b"", b"y" * (size + 1), b"\x05\x00\x00\x07\xfe\x00\x00\x22\x00"]
    assert _read(_result(list(rows))) == b"".join(row + b"\n" for row in rows)


BYTES = st.binary(max_size=40).map(lambda raw: raw.replace(b"\n", b"\xfb"))


@settings(max_examples=300, deadline=None)
@given(st.lists(BYTES, max_size=30), st.lists(st.integers(1, 50), max_size=60))
def test_whatever_the_rows_and_the_cuts_the_text_is_the_same(rows: list[bytes], sizes: list[int]) -> None:
    assert _read(_result(list(rows)), list(sizes)) == b"".join(row + b"\n" for row in rows)


def test_every_cut_into_two_is_the_same() -> None:
    rows = [b"a" * 10, b"\x0a".replace(b"\n", b"z") * 246, b"", b"\xfe\x00" * 130]
    content = _result(list(rows))
    wanted = b"".join(row + b"\n" for row in rows)
    assert all(_read(content, [size]) == wanted for size in range(1, len(content)))
