"""What a file of elsewhere may be, and what it may not: a bomb, a locked ZIP, another thing altogether."""

from __future__ import annotations

import gzip
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from backups.engine.dump_file import (
    GIB,
    MIB,
    DumpEncrypted,
    DumpLimits,
    DumpTooLarge,
    DumpUnreadable,
    open_dump,
)
from tests.engine.zips import all_directory

SQL = b"CREATE TABLE a (b int);\n"


def _text(path: Path, limits: DumpLimits | None = None) -> bytes:
    with open_dump(path, name="d", limits=limits or DumpLimits()) as dump:
        return b"".join(dump.chunks)


def _zip(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return path


def test_plain_packed_and_zipped_are_the_same(tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.txt", tmp_path / "b"
    plain.write_bytes(b"\xef\xbb\xbf" + SQL)
    packed.write_bytes(gzip.compress(SQL))
    inside = _zip(tmp_path / "c.zip", **{"db-dumps__mysql-qparkin_dot_sql": SQL, "storage__x_dot_txt": b"x"})
    twice = _zip(tmp_path / "d.zip", dump_dot_sql_dot_gz=gzip.compress(SQL))
    assert [_text(path) for path in (plain, packed, inside, twice)] == [SQL] * 4


@pytest.mark.parametrize("packer", ["gzip", "zip", "gzip in zip"])
def test_a_bomb_is_stopped_early(tmp_path: Path, packer: str) -> None:
    zeros, path = b"0" * (20 * MIB), tmp_path / "bomb"
    if packer == "zip":
        _zip(path, a_dot_sql=zeros)
    elif packer == "gzip":
        path.write_bytes(gzip.compress(zeros))
    else:
        _zip(path, a_dot_sql_dot_gz=gzip.compress(zeros))
    seen: list[int] = []
    limits = DumpLimits(ratio_from=MIB)
    with open_dump(path, name="d", limits=limits) as dump, pytest.raises(DumpTooLarge):
        seen.extend(len(block) for block in dump.chunks)
    assert sum(seen) <= 5 * MIB


def test_a_zip_that_is_all_directory_is_not_read_into_memory(tmp_path: Path) -> None:
    path = all_directory(tmp_path / "a.zip", GIB)
    tracemalloc.start()
    with pytest.raises(DumpTooLarge, match="too many files"):
        _text(path)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 64 * MIB


def test_what_is_larger_than_allowed_is_not_even_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.sql"
    path.write_bytes(SQL)
    with pytest.raises(DumpTooLarge):
        _text(path, DumpLimits(packed_bytes=5))
    with pytest.raises(DumpTooLarge):
        _text(path, DumpLimits(plain_bytes=5))


def test_a_locked_zip_is_said_to_be_locked(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", a_dot_sql=SQL)
    content = bytearray(path.read_bytes())
    # The flag for encryption, in the local header and in the directory.
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    path.write_bytes(content)
    with pytest.raises(DumpEncrypted, match="locked with a password"):
        _text(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (gzip.compress(SQL * 1000)[:-20], "cut off or damaged"),
        (b"PK\x03\x04 nothing", "cut off or not an archive"),
        ("CREATE".encode("utf-16"), "UTF-16"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    with pytest.raises(DumpUnreadable, match=reason):
        _text(path)


def test_a_zip_must_hold_exactly_one_dump(tmp_path: Path) -> None:
    with pytest.raises(DumpUnreadable, match="no \\.sql file"):
        _text(_zip(tmp_path / "a.zip", x_dot_txt=b"x"))
    with pytest.raises(DumpUnreadable, match="several"):
        _text(_zip(tmp_path / "b.zip", x_dot_sql=SQL, y_dot_sql=SQL))
    with pytest.raises(DumpUnreadable, match="an archive of ours"):
        _text(_zip(tmp_path / "c.zip", seal_dot_json=b"{}", x_dot_sql=SQL))
    with pytest.raises(DumpUnreadable, match="No such file"):
        _text(tmp_path / "missing")
