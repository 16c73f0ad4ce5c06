"""Two storages, and archives in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from backups.models import Archive, Copy, Job
from backups.services import copies, work
from backups.services.backup import request_backup
from qparkin_backup.storages import Folder
from tests.scratch import ScratchDatabase

__all__ = ["nas", "two"]


@pytest.fixture
def nas(settings: Settings, tmp_path: Path, parking: ScratchDatabase) -> Path:
    """A second storage, empty; the first one is the folder of `archives_in`."""
    settings.BACKUP_STORAGES = (Folder("local"), Folder("nas", str(tmp_path / "nas")))
    return tmp_path / "nas"


def backed_up() -> Archive:
    job = work.run_here(request_backup(requested_by=None, trigger="command"))
    assert job.archive is not None
    return job.archive


def copied(archive: Archive, storage: str = "nas") -> Job:
    """As a worker does it, when the clock has asked."""
    return work.run_here(copies.request_copy(archive, storage, requested_by=None, trigger="schedule"))


@pytest.fixture
def two(nas: Path, archives_in: Path) -> Archive:
    """An archive with a whole copy at each storage."""
    archive = backed_up()
    copied(archive)
    return archive


def copy_at(archive: Archive, storage: str = "nas") -> Copy:
    return Copy.objects.get(archive=archive, storage=storage)


def flip(path: Path, position: int | None = None) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2 if position is None else position] ^= 1
    path.write_bytes(content)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []
