"""Every byte of a tar header follows from its entry, and GNU tar and Python read what we wrote."""

import tarfile
from dataclasses import replace
from io import BytesIO

import pytest

from backups.engine.entries import Entry, NotAnEntry, from_lines, to_line
from backups.engine.tar import END, header, padding

PLAIN = Entry("a", "file", 0o640, 1000, 1000, "siti", "siti", 1_700_000_000_123_456_789, 0, size=3)


@pytest.mark.parametrize(
    "line",
    [
        b"{}",
        b"[]",
        b"null",
        b"not json",
        to_line(replace(PLAIN, kind="device")),
        to_line(replace(PLAIN, mode=0o17777)),
        to_line(replace(PLAIN, size=-1)),
        to_line(replace(PLAIN, runs=((0, 2), (1, 1)))),
        to_line(replace(PLAIN, runs=((0, 4),))),
        to_line(replace(PLAIN, runs=((2, 0),))),
        to_line(PLAIN).replace(b'"mode":416', b'"mode":"416"'),
        to_line(PLAIN).replace(b"{", b'{"more":1,'),
        to_line(PLAIN).replace(b":", b": "),
    ],
)
def test_a_line_of_another_shape_is_refused(line: bytes) -> None:
    with pytest.raises(NotAnEntry):
        list(from_lines(line))


def test_a_line_comes_back_as_it_was() -> None:
    odd = replace(PLAIN, path="a\nb\udcff/ \u0001", runs=((0, 1), (2, 1)), mtime=-1, sha256="ab")
    assert list(from_lines(to_line(odd) + to_line(PLAIN))) == [odd, PLAIN]


@pytest.mark.parametrize(
    "entry",
    [
        PLAIN,
        replace(PLAIN, path="x" * 255 + "/" + "y" * 255),
        replace(PLAIN, path="baris\nbaru \U0001f697"),
        replace(PLAIN, path="bukan\udcff\udc80utf8", owner="", group=""),
        replace(PLAIN, uid=2**31, gid=2**31, mtime=-1_500_000_000),
        *(replace(PLAIN, path="p" * length) for length in range(60, 105, 3)),
    ],
)
def test_another_reader_sees_the_same(entry: Entry) -> None:
    stream = header(entry) + b"abc" + bytes(padding(3)) + END
    with tarfile.open(fileobj=BytesIO(stream)) as found:
        (member,) = found.getmembers()
    assert (member.name, member.size, member.mode) == (entry.path, 3, entry.mode)
    assert (member.uid, member.gid, member.uname) == (entry.uid, entry.gid, entry.owner)
    assert float(member.pax_headers["mtime"]) == pytest.approx(entry.mtime / 10**9)
