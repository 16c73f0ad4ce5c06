"""The archive: an ordinary ZIP, of which every single byte is accounted for."""

import hashlib
import io
import shutil
import subprocess
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backups.engine.archive import SEAL, ArchiveWriter, check, offsets, read_seal
from backups.engine.errors import ArchiveDamaged, BackupError, SealBroken

CREATED = datetime(2026, 11, 23, 3, 15, 42, tzinfo=UTC)
MEMBERS = {"README.txt": b"baca ini", "data/0001-user/000001.tsv.zst.age": bytes(range(256)), "empty": b""}
SEALED = b'{"seal":1}'
MANY = 65_600


def _archive(members: dict[str, bytes] = MEMBERS, seal: bytes = SEALED) -> bytes:
    sink = io.BytesIO()
    writer = ArchiveWriter(sink, CREATED)
    for name, content in members.items():
        writer.add(name, content)
    writer.add(SEAL, seal)
    writer.close()
    assert writer.size == len(sink.getvalue())
    return sink.getvalue()


def _check(text: bytes, members: dict[str, bytes] = MEMBERS, seal: bytes = SEALED) -> list[str]:
    told: list[str] = []
    sealed = tuple((n, len(c), hashlib.sha256(c).hexdigest()) for n, c in members.items())
    check(
        io.BytesIO(text),
        archive="a",
        created=CREATED,
        members=sealed,
        seal=seal,
        on_member=lambda name, content: told.append(name),
    )
    return told


def test_every_changed_byte_is_refused() -> None:
    text = _archive()
    for position in range(len(text)):
        changed = bytearray(text)
        changed[position] ^= 0x10
        with pytest.raises(ArchiveDamaged):
            _check(bytes(changed))


def test_every_truncation_is_refused() -> None:
    text = _archive()
    for length in range(len(text)):
        with pytest.raises(ArchiveDamaged):
            _check(text[:length])


def test_a_byte_behind_the_end_is_refused() -> None:
    with pytest.raises(ArchiveDamaged):
        _check(_archive() + b"\0")


def test_members_in_another_order_are_refused() -> None:
    swapped = dict(reversed(MEMBERS.items()))
    with pytest.raises(ArchiveDamaged):
        _check(_archive(swapped))


def test_a_member_too_many_or_too_few_is_refused() -> None:
    fewer = {"README.txt": MEMBERS["README.txt"]}
    with pytest.raises(ArchiveDamaged):
        _check(_archive(fewer))
    with pytest.raises(ArchiveDamaged):
        _check(_archive(), members=fewer)


@pytest.mark.parametrize("text", [b"", b"PK", b"not a zip at all" * 10])
def test_what_is_no_archive_is_one_sentence(text: bytes) -> None:
    with pytest.raises(ArchiveDamaged):
        read_seal(io.BytesIO(text), archive="a")


def test_an_archive_without_its_seal_is_refused() -> None:
    sink = io.BytesIO()
    writer = ArchiveWriter(sink, CREATED)
    writer.add("README.txt", b"x")
    writer.close()
    with pytest.raises(SealBroken):
        read_seal(io.BytesIO(sink.getvalue()), archive="a")


def test_no_cut_off_archive_ends_in_anything_but_our_errors() -> None:
    text = _archive()
    for length in range(0, len(text), 3):
        with pytest.raises(BackupError):
            read_seal(io.BytesIO(text[:length]), archive="a")


def test_whole_archives_hold() -> None:
    assert _check(_archive()) == [*MEMBERS, SEAL]
    assert read_seal(io.BytesIO(_archive()), archive="a") == SEALED


def test_the_place_of_each_member_follows_from_the_sizes() -> None:
    text = _archive()
    for name, start in offsets({name: len(content) for name, content in MEMBERS.items()}):
        assert text[start : start + len(MEMBERS[name])] == MEMBERS[name]


def test_python_and_debian_read_it(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(_archive())
    with zipfile.ZipFile(path) as found:
        assert found.testzip() is None
        assert {name: found.read(name) for name in MEMBERS} == MEMBERS
        assert found.getinfo("README.txt").date_time == (2026, 11, 23, 3, 15, 42)
    unzip = shutil.which("unzip")
    assert unzip
    subprocess.run([unzip, "-q", str(path), "-d", str(tmp_path / "out")], check=True)
    assert (tmp_path / "out" / "README.txt").read_bytes() == MEMBERS["README.txt"]


def test_more_members_than_an_old_zip_can_count() -> None:
    members = {f"m{number}": b"" for number in range(MANY)}
    text = _archive(members)
    assert len(_check(text, members)) == MANY + 1
    with zipfile.ZipFile(io.BytesIO(text)) as found:
        assert len(found.namelist()) == MANY + 1


@pytest.mark.slow
def test_an_archive_of_more_than_four_gib(tmp_path: Path) -> None:
    path = tmp_path / "large.zip"
    block = bytes(640 * 1024 * 1024)
    with path.open("wb") as sink:
        writer = ArchiveWriter(sink, CREATED)
        for number in range(8):
            writer.add(f"m{number}", block)
        writer.add(SEAL, SEALED)
        writer.close()
    with zipfile.ZipFile(path) as found:
        assert found.getinfo("m7").header_offset > 2**32
        assert found.read(SEAL) == SEALED
    unzip = shutil.which("unzip")
    assert unzip
    subprocess.run([unzip, "-tq", str(path)], check=True)
