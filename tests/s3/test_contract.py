"""What every storage does alike: a folder, a bucket of moto's, of rclone's and (where it is) of Ceph's."""

from __future__ import annotations

import io
import os
import random
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backups.engine.errors import ArchiveUnknown, NameTaken
from backups.engine.storage import ArchiveStorage, LocalStorage
from backups.services.s3.asking import Asking
from backups.services.s3.patience import Patience
from backups.services.s3.storage import S3Storage
from tests.s3.servers import S3Server

SMALLEST_PART = 5 * 1024 * 1024


@pytest.fixture(params=["local", "moto_server", "rclone_s3", pytest.param("radosgw", marks=pytest.mark.slow)])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> ArchiveStorage:
    if request.param == "local":
        return LocalStorage(tmp_path / "archives")
    server: S3Server = request.getfixturevalue(request.param)
    bucket = f"contract-{tmp_path.name.replace('_', '-').lower()}"[:60].strip("-")
    server.client.create_bucket(Bucket=bucket)
    place = server.bucket(bucket, prefix="of/ours/")
    return S3Storage(Asking(place, Patience(attempts=3, first=0.05)), part_size=SMALLEST_PART)


def noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)


@pytest.mark.parametrize(
    "size", [0, 1, 100_000, SMALLEST_PART, SMALLEST_PART + 1, 2 * SMALLEST_PART, 12_000_001]
)
def test_what_is_written_is_read_back(storage: ArchiveStorage, size: int) -> None:
    content = noise(size)
    with storage.create("a.zip") as file:
        for start in range(0, size, 700_001):
            file.write(content[start : start + 700_001])
    with storage.open("a.zip") as file:
        assert file.read() == content
    stored = storage.stat("a.zip")
    assert stored is not None
    assert (stored.name, stored.size) == ("a.zip", size)
    assert [(one.name, one.size) for one in storage.names()] == [("a.zip", size)]


def test_it_is_read_like_any_file(storage: ArchiveStorage) -> None:
    content = noise(3_000_000)
    with storage.create("a.zip") as file:
        file.write(content)
    beside, chance = io.BytesIO(content), random.Random(7)
    with storage.open("a.zip") as file:
        for _ in range(60):
            if chance.random() < 0.5:
                where = chance.randrange(len(content) + 10)
                assert file.seek(where) == beside.seek(where)
            size = chance.choice([0, 1, 22, 5_000, 70_000, 900_000])
            assert file.read(size) == beside.read(size)
            assert file.tell() == beside.tell()
        assert file.seek(-22, os.SEEK_END) == len(content) - 22
        assert file.read() == content[-22:]
        assert file.read(1) == b""


def test_a_zip_can_be_read_from_it(storage: ArchiveStorage) -> None:
    members = {f"data/{n}": noise(200_000 + n) for n in range(30)}
    with storage.create("a.zip") as file, zipfile.ZipFile(file, "w") as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    with storage.open("a.zip") as file, zipfile.ZipFile(file) as found:
        assert {name: found.read(name) for name in found.namelist()} == members


def write_half(storage: ArchiveStorage, content: bytes) -> None:
    with storage.create("a.zip") as file:
        file.write(content)
        raise RuntimeError


def write_two_at_once(storage: ArchiveStorage, content: bytes) -> None:
    """A folder refuses the second, a bucket the one that ends last."""
    with storage.create("a.zip") as first:
        first.write(content)
        with storage.create("a.zip") as second:
            second.write(b"second")


def test_a_failed_write_leaves_nothing(storage: ArchiveStorage) -> None:
    for size in (10, 2 * SMALLEST_PART + 5):
        with pytest.raises(RuntimeError):
            write_half(storage, noise(size))
        assert storage.names() == []
        assert not storage.exists("a.zip")
        assert storage.sweep(lambda *_: False) == []


def test_what_is_half_written_is_not_seen(storage: ArchiveStorage) -> None:
    with storage.create("a.zip") as file:
        file.write(noise(2 * SMALLEST_PART + 5))
        assert storage.names() == []
        assert storage.stat("a.zip") is None
        with pytest.raises(ArchiveUnknown):
            storage.open("a.zip")


def test_a_name_is_never_overwritten(storage: ArchiveStorage) -> None:
    with storage.create("a.zip") as file:
        file.write(b"first")
    with pytest.raises(NameTaken), storage.create("a.zip") as file:
        file.write(b"second")
    with storage.open("a.zip") as file:
        assert file.read() == b"first"


@pytest.mark.parametrize("size", [10, 2 * SMALLEST_PART])
def test_of_two_writers_of_one_name_one_is_refused(storage: ArchiveStorage, size: int) -> None:
    with pytest.raises(NameTaken):
        write_two_at_once(storage, noise(size))
    assert len(storage.names()) <= 1
    if storage.exists("a.zip"):
        with storage.open("a.zip") as file:
            assert file.read() == b"second"
    assert storage.sweep(lambda *_: False) == []


def test_what_is_deleted_is_gone_and_nothing_else(storage: ArchiveStorage) -> None:
    for name in ("a.zip", "ab.zip"):
        with storage.create(name) as file:
            file.write(b"x")
    storage.delete("a.zip")
    storage.delete("a.zip")
    assert [one.name for one in storage.names()] == ["ab.zip"]


@pytest.mark.parametrize("name", ["../a", "a/b", "", "..", "a\0b"])
def test_a_name_never_leads_elsewhere(storage: ArchiveStorage, name: str) -> None:
    for ask in (storage.open, storage.stat, storage.delete):
        with pytest.raises(ArchiveUnknown):
            ask(name)
    with pytest.raises(ArchiveUnknown), storage.create(name):
        pass


def test_an_empty_storage_lists_nothing(storage: ArchiveStorage) -> None:
    assert storage.names() == []
    assert storage.sweep(lambda *_: False) == []


def test_a_sweep_is_told_the_time_and_may_keep_it(storage: ArchiveStorage) -> None:
    told: list[tuple[str, datetime]] = []

    def keep(name: str, written: datetime) -> bool:
        told.append((name, written))
        return True

    with storage.create("a.zip") as file:
        file.write(noise(2 * SMALLEST_PART + 5))
        assert storage.sweep(keep) == []
    ((name, written),) = told
    assert name == "a.zip"
    assert datetime.now(UTC) - written < timedelta(minutes=5)
    assert storage.exists("a.zip")
