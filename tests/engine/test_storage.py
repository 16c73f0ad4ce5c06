"""Local storage: unique names, nothing half-written, nothing overwritten."""

import os
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backups.engine.errors import ArchiveUnknown, NameTaken, StorageFailed, StorageFull
from backups.engine.storage import PARTIAL, LocalStorage, Stored

FILL = """
import resource, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from backups.engine.errors import StorageFull
from backups.engine.storage import LocalStorage
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
storage = LocalStorage(Path(sys.argv[1]))
try:
    with storage.create("a.zip") as file:
        for _ in range(100):
            file.write(bytes(10_000))
except StorageFull as error:
    print(error.code)
"""


@pytest.fixture
def storage(tmp_path: Path) -> LocalStorage:
    return LocalStorage(tmp_path / "archives")


def test_a_failed_write_leaves_nothing(storage: LocalStorage) -> None:
    def write_half() -> None:
        with storage.create("a.zip") as file:
            file.write(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_half()
    assert list(storage.root.iterdir()) == []


def test_a_full_disk_is_one_sentence_and_leaves_nothing(storage: LocalStorage) -> None:
    command = [sys.executable, "-c", FILL, str(storage.root)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "storage_full\n"
    assert list(storage.root.iterdir()) == []
    assert StorageFull.status == 1


def test_a_name_is_never_overwritten(storage: LocalStorage) -> None:
    with storage.create("a.zip") as file:
        file.write(b"first")
    with pytest.raises(NameTaken), storage.create("a.zip") as file:
        file.write(b"second")
    assert [path.read_bytes() for path in storage.root.iterdir()] == [b"first"]


def test_two_writers_of_one_name_do_not_meet(storage: LocalStorage) -> None:
    with storage.create("a.zip") as first:
        with pytest.raises(NameTaken), storage.create("a.zip"):
            pass
        first.write(b"first")
    assert storage.names()[0].size == 5


def test_what_is_half_written_is_not_listed(storage: LocalStorage) -> None:
    with storage.create("a.zip"):
        assert storage.names() == []
        assert not storage.exists("a.zip")


def test_a_sweep_takes_only_what_broken_writes_left(storage: LocalStorage) -> None:
    with storage.create("whole.zip") as file:
        file.write(b"x")
    for name in ("dead.zip", "alive.zip"):
        (storage.root / (PARTIAL + name)).write_bytes(b"half")
    assert storage.sweep(lambda name, _: name == "alive.zip") == ["dead.zip"]
    assert sorted(path.name for path in storage.root.iterdir()) == [PARTIAL + "alive.zip", "whole.zip"]


@pytest.mark.parametrize("name", ["../a", "a/b", "", "..", "a\0b"])
def test_a_name_never_leads_out_of_the_folder(storage: LocalStorage, name: str) -> None:
    with pytest.raises(ArchiveUnknown):
        storage.open(name)


def test_an_unknown_name_is_one_sentence(storage: LocalStorage) -> None:
    storage.root.mkdir()
    with pytest.raises(ArchiveUnknown):
        storage.open("a.zip")


def test_a_folder_that_is_not_there_says_nothing_of_what_was_in_it(storage: LocalStorage) -> None:
    with pytest.raises(StorageFailed, match="mounted"):
        storage.open("a.zip")


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageFailed), LocalStorage(tmp_path / "file" / "archives").create("a.zip"):
        pass


def test_nobody_else_may_read(storage: LocalStorage) -> None:
    with storage.create("a.zip"):
        pass
    assert stat.S_IMODE(storage.root.stat().st_mode) == 0o700
    assert stat.S_IMODE((storage.root / "a.zip").stat().st_mode) == 0o600


def test_an_empty_storage_lists_nothing_and_knows_its_space(storage: LocalStorage) -> None:
    assert storage.names() == []
    assert (storage.free_bytes() or 0) > 0


def test_what_a_storage_says_of_a_name(storage: LocalStorage) -> None:
    assert storage.stat("a.zip") is None
    with storage.create("a.zip") as file:
        file.write(b"12345")
    assert storage.stat("a.zip") == Stored("a.zip", 5)


def test_a_sweep_is_told_when_last_something_was_written(storage: LocalStorage) -> None:
    storage.root.mkdir()
    (storage.root / (PARTIAL + "a.zip")).write_bytes(b"half")
    os.utime(storage.root / (PARTIAL + "a.zip"), (86_400, 86_400))
    told: list[datetime] = []
    storage.sweep(lambda _, written: bool(told.append(written)) or True)
    assert told == [datetime(1970, 1, 2, tzinfo=UTC)]
