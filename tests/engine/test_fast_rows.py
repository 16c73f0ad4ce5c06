"""The helper in C: the text of every row that is one, and of nothing else, whatever a server sends."""

from __future__ import annotations

import io
import random

import pymysql
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backups.engine import fast_rows
from backups.engine.errors import ServerRefused
from backups.engine.fast_rows import FastReader, Helper, NotText, Verdict
from backups.engine.wire import Oversize
from tests.engine.wire_format import END, Field, length, line, packet, result, row

found = fast_rows.helper()
pytestmark = pytest.mark.skipif(
    found is None, reason="the fast row helper is not built here (bin/_setup does)"
)
SIZES = [0, 1, 7, 8, 9, 15, 16, 17, 250, 251, 252, 255, 256, 65_535, 65_536, 65_537]


@pytest.fixture
def helper() -> Helper:
    assert found
    return found


class Slices:
    """The driver's stream over a socket that gives so many bytes at a time."""

    def __init__(self, content: bytes, sizes: list[int]) -> None:
        self._content, self._sizes = io.BytesIO(content), sizes
        self.raw = self

    def read1(self, most: int) -> bytes:
        return self._content.read(min(most, self._sizes.pop(0) if self._sizes else most))

    def readinto(self, free: memoryview) -> int:
        block = self.read1(len(free))
        free[: len(block)] = block
        return len(block)


def _read(content: bytes, kinds: bytes, sizes: list[int] | None = None) -> bytes:
    assert found
    reader = FastReader(Slices(content, sizes or []), kinds, found)
    text = b""
    while not reader.ended:
        text += reader.rows()
    return text


def _verdict(helper: Helper, content: bytes, kinds: bytes) -> Verdict:
    return Verdict(helper.convert(bytearray(content), len(content), kinds)[3])


def test_it_was_built_from_the_source_that_lies_here() -> None:
    assert fast_rows.state() is fast_rows.State.READY


@pytest.mark.parametrize("form", [0, 2, 3, 8])
@pytest.mark.parametrize("size", [0, 1, 8, 250])
def test_every_form_of_a_length_is_read(helper: Helper, form: int, size: int) -> None:
    fields = [b"a", b"x" * size, None]
    content = packet(row(fields, form))
    assert helper.convert(bytearray(content), len(content), b"pep") == (
        line(fields, b"pep"), len(content), 1, Verdict.MORE,
    )  # fmt: skip


@pytest.mark.parametrize("size", SIZES)
def test_a_value_of_every_telling_length_comes_whole(size: int) -> None:
    rows: list[list[Field]] = [
        [b"1", b"x" * size, b"\xff" * size],
        [b"2", b"\\" * size, None],
        [None, b"", b""],
    ]
    assert _read(result(rows), b"peh") == b"".join(line(fields, b"peh") for fields in rows)


def test_a_value_of_megabytes_comes_whole() -> None:
    rows = [[b"1"], [b"x\n" * 5_000_000], [b"2"]]
    assert _read(result(rows), b"e") == b"".join(line(fields, b"e") for fields in rows)


@pytest.mark.parametrize("kinds", [b"p", b"e", b"h"])
def test_each_byte_is_spelled_as_it_must_be(helper: Helper, kinds: bytes) -> None:
    for byte in range(256):
        for place in range(10):
            value = b"a" * place + bytes([byte]) + b"b" * 9
            content = packet(row([value]))
            text, _, _, verdict = helper.convert(bytearray(content), len(content), kinds)
            if kinds == b"p" and (byte in b"\\\t\n" or byte >= 0x80):
                assert verdict == Verdict.MALFORMED
            elif kinds == b"e" and byte >= 0x80:
                assert verdict == Verdict.NOT_TEXT
            else:
                assert text == line([value], kinds)


def _python_takes(value: bytes) -> bool:
    try:
        value.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def _wild_text() -> list[bytes]:
    leads = [bytes([one, two]) for one in range(0x80, 256) for two in range(0x70, 256, 5)]
    edges = [0x00, 0x0A, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xED, 0xF4, 0xFF]
    longer = [bytes([one, two, three]) + tail for one in range(0xC0, 256) for two in edges for three in edges
              for tail in (b"", b"\x80", b"\xbf", b"A")]  # fmt: skip
    return [*leads, *longer]


def test_what_is_valid_is_what_python_takes_for_valid(helper: Helper) -> None:
    for value in _wild_text():
        for content in (value, b"seven b" + value, value + b"\n" + value):
            wire = packet(row([content]))
            text, _, _, verdict = helper.convert(bytearray(wire), len(wire), b"e")
            assert verdict == (Verdict.MORE if _python_takes(content) else Verdict.NOT_TEXT), content
            assert text == (line([content], b"e") if _python_takes(content) else b"")


def test_invalid_text_is_said_as_such() -> None:
    with pytest.raises(NotText) as wrong:
        _read(result([[b"1", b"ok", b"\0", None], [b"2", b"A\xff\tB", b"\0", None]]), b"pehp")
    assert wrong.value.block == b"2\tA\xff\\tB\t00\t\\N\n"
    with pytest.raises(ServerRefused):
        _read(packet(b"\x01\xff\x05a"), b"ep")


def test_a_row_that_is_not_whole_gives_nothing(helper: Helper) -> None:
    content = packet(row([b"abc", None, b"x" * 300]))
    for size in range(len(content)):
        assert helper.convert(bytearray(content[:size]), size, b"peh") == (b"", 0, 0, Verdict.MORE)
        # What lies behind the bytes at hand is not looked at.
        assert helper.convert(bytearray(content), size, b"peh") == (b"", 0, 0, Verdict.MORE)


def test_every_cut_into_two_is_the_same() -> None:
    rows: list[list[Field]] = [
        [b"1", "Rp\t🚗\n".encode(), b"\x00\xff"],
        [None, None, None],
        [b"-2.5", b"\\N", b""],
        [b"", b"x" * 260, None],
    ]
    content, wanted = result(rows), b"".join(line(fields, b"peh") for fields in rows)
    assert all(_read(content, b"peh", [size]) == wanted for size in range(1, len(content)))
    assert _read(content, b"peh", [1] * len(content)) == wanted


def test_a_connection_that_ends_in_mid_result_is_an_error() -> None:
    content = result([[b"a", b"b"], [b"c", None]])
    for size in range(len(content)):
        with pytest.raises(pymysql.OperationalError, match="Lost"):
            _read(content[:size], b"pe")


@pytest.mark.parametrize("form", [2, 3, 8])
@pytest.mark.parametrize("claimed", [5, 255, 65_535, 2**24 - 1, 2**31, 2**32, 2**63 - 1, 2**63, 2**64 - 1])
def test_a_field_that_runs_past_its_packet_is_refused(helper: Helper, form: int, claimed: int) -> None:
    if claimed >= 256**form:
        return
    wrong = packet(length(claimed, form) + b"four")
    # Even where what follows would be enough for it.
    for content in (wrong, wrong + packet(row([b"x" * 5000])), packet(row([b"ok"])) + wrong):
        for kinds in (b"p", b"e", b"h"):
            assert _verdict(helper, content, kinds) is Verdict.MALFORMED


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\x01", b"\x01a\x01", b"\x01a\x01b\x01", b"\x01a\x01b\x01c", b"\x01a\xfb\xfb", b"\xfb", b"\xfc",
        b"\xfc\x01", b"\xfd\x01\x00", b"\x01a\xfe" + b"\x00" * 7, b"\x01a\xff", b"\x01a\xff\x01b",
        b"\x02ab", b"\x00",
    ],
)  # fmt: skip
def test_a_packet_that_is_not_exactly_one_row_is_refused(helper: Helper, content: bytes) -> None:
    assert _verdict(helper, packet(content), b"pp") is Verdict.MALFORMED
    with pytest.raises(ServerRefused):
        _read(packet(b"\x011\x012") + packet(content), b"pp")


def test_no_columns_and_very_many(helper: Helper) -> None:
    assert helper.convert(bytearray(packet(b"")), 4, b"") == (b"\n", 4, 1, Verdict.MORE)
    assert _verdict(helper, packet(b"\x00"), b"") is Verdict.MALFORMED
    for fields in ([None] * 4096, [b""] * 4096, [b"\\"] * 4096):
        assert _read(result([fields, fields]), b"e" * 4096) == line(fields, b"e" * 4096) * 2


def test_bytes_that_are_not_there_are_not_asked_for(helper: Helper) -> None:
    for size in (-1, 5, 2**62):
        with pytest.raises(ValueError, match="more bytes"):
            helper.convert(bytearray(4), size, b"p")
    assert helper.convert(bytearray(), 0, b"p") == (b"", 0, 0, Verdict.MORE)


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_an_error_in_mid_stream_is_raised(rows: int) -> None:
    content = result(
        [[b"a"]] * rows, b"\xff" + (1317).to_bytes(2, "little") + b"#70100Query execution was interrupted"
    )
    for size in (1, 7, 10_000):
        with pytest.raises(pymysql.MySQLError, match="interrupted"):
            _read(content, b"p", [size] * len(content))


@pytest.mark.parametrize(
    "wrong", [b"\xff", b"\xff\x01", b"\xff\x01\x02", b"\xff\x01\x02#\xff\xff\xff\xff\xff"]
)
def test_an_error_that_is_none_is_a_lost_connection(wrong: bytes) -> None:
    with pytest.raises(pymysql.OperationalError, match="Lost"):
        _read(result([[b"a"]], wrong), b"p")


@pytest.mark.parametrize("end", [b"\xfe", b"\xfe\x02\x00\x22\x00", b"\xfe\xff\xff\x00\x00", b"\xfe" * 8])
def test_the_end_is_the_end_with_warnings_too(end: bytes) -> None:
    assert _read(result([[b"a"]], end), b"p") == b"a\n"


def test_nothing_may_follow_the_end() -> None:
    with pytest.raises(ServerRefused):
        _read(result([[b"a"]]) + packet(row([b"b"])), b"p")


def test_a_row_that_begins_like_an_end_is_a_row() -> None:
    fields: list[Field] = [b"\xfe" * 9]
    long = packet(length(9, 8) + b"\xfe" * 9)
    assert _read(long + packet(END), b"h") == line(fields, b"h")


@pytest.mark.parametrize("size", [0xFFFFFF - 4, 0xFFFFFF + 5, 2 * 0xFFFFFF])
def test_a_row_of_several_packets_is_handed_back(size: int) -> None:
    assert found
    content = packet(row([b"before"]))
    big = row([b"x" * size])
    for start in range(0, len(big) + 1, 0xFFFFFF):
        content += packet(big[start : start + 0xFFFFFF])
    stream = Slices(content + packet(row([b"after"])) + packet(END), [])
    reader = FastReader(stream, b"e", found)
    assert reader.rows() == b"before\n"
    with pytest.raises(Oversize) as oversize:
        reader.rows()
    assert oversize.value.rows == 1
    reader.drain()
    assert reader.ended


def test_an_error_behind_a_row_of_several_packets_is_raised() -> None:
    assert found
    refused = packet(b"\xff" + (1317).to_bytes(2, "little") + b"#70100interrupted")
    reader = FastReader(Slices(b"\xff\xff\xff\0" + b"x" * 0xFFFFFF + packet(b"") + refused, []), b"e", found)
    assert reader.rows() == b""
    with pytest.raises(Oversize):
        reader.rows()
    with pytest.raises(pymysql.MySQLError, match="interrupted"):
        reader.drain()


TEXT = st.one_of(
    st.text(max_size=40).map(lambda text: text.encode("utf-8")), st.sampled_from([b"\\N", b"\t\n\\" * 5])
)
NUMBER = st.integers(-(10**20), 10**20).map(lambda number: str(number).encode())
VALUES = {ord("p"): NUMBER, ord("e"): TEXT, ord("h"): st.binary(max_size=300)}


@st.composite
def _tables(draw: st.DrawFn) -> tuple[bytes, list[list[Field]]]:
    kinds = bytes(draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=6)))
    fields = st.tuples(*(st.one_of(st.none(), VALUES[kind]) for kind in kinds)).map(list)
    return kinds, draw(st.lists(fields, max_size=12))


@settings(max_examples=200, deadline=None)
@given(_tables(), st.lists(st.integers(1, 60), max_size=40))
def test_whatever_the_rows_and_the_cuts_the_text_is_the_same(
    table: tuple[bytes, list[list[Field]]], cuts: list[int]
) -> None:
    kinds, rows = table
    assert _read(result(rows), kinds, cuts) == b"".join(line(fields, kinds) for fields in rows)


def test_damaged_rows_never_pass_for_others(helper: Helper) -> None:
    """Whatever is changed in a row: it is refused, or it is the row that the changed bytes are."""
    chance = random.Random(1)
    good = row([b"12", "é\t".encode(), b"\x00" * 5, None])
    for _ in range(20_000):
        content = bytearray(good)
        for _ in range(chance.randint(1, 3)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        wire = bytearray(packet(bytes(content)))
        text, read, count, verdict = helper.convert(wire, len(wire), b"pehe")
        assert (count, read) == ((1, len(wire)) if text else (0, 0))
        if not text:
            assert verdict in {Verdict.MALFORMED, Verdict.NOT_TEXT, Verdict.FAILED}
        else:
            assert text == line(_fields(bytes(content), 4), b"pehe")


def _fields(content: bytes, count: int) -> list[Field]:
    fields: list[Field] = []
    for _ in range(count):
        first, content = content[0], content[1:]
        if first == 0xFB:
            fields.append(None)
            continue
        follow = {0xFC: 2, 0xFD: 3, 0xFE: 8}.get(first, 0)
        size = int.from_bytes(content[:follow], "little") if follow else first
        fields.append(content[follow : follow + size])
        content = content[follow + size :]
    return fields
