"""The disk that an archive is written to, or copied to, is full."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pytest
from pytest_django import Settings

from backups.engine.pipeline import backup as engine_backup
from backups.models import Archive, Copy
from qparkin_backup.storages import Folder
from tests.faults import rule
from tests.faults.doing import asked, backed_up, copy_of, ended, steps_of
from tests.faults.killing import AtPhase, killed_at, part_of
from tests.faults.rule import Panel, is_interrupted

SECTION = "The disk"


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """A file system of its own."""

    root: Path

    @property
    def archives(self) -> Path:
        return self.root / "archives"

    @property
    def others(self) -> Path:
        return self.root / "others"

    def fill(self) -> None:
        with suppress(OSError), self.others.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))

    def make_room(self) -> None:
        self.others.unlink(missing_ok=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    yield SmallDisk(folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def on_disk(panel: Panel, settings: Settings, disk: SmallDisk) -> Archive:
    settings.BACKUP_LOCAL_ROOT = str(disk.archives)
    return backed_up(panel)


@pytest.fixture
def beside(panel: Panel, archive: Archive, settings: Settings, disk: SmallDisk) -> Archive:
    """A second storage, which lacks what the first one holds."""
    settings.BACKUP_STORAGES = (Folder("local"), Folder("nas", str(disk.archives)))
    return archive


@pytest.mark.fault(
    what="The disk of the archives is full before the rows are read, while they are written, at the seal",
    rule="the backup fails and says so; nothing of it is left",
)
@pytest.mark.parametrize("phase", ["snapshot", "dump", "seal"])
def test_while_a_backup_is_written(panel: Panel, on_disk: Archive, disk: SmallDisk, phase: str) -> None:
    before, known = rule.look(panel), Archive.objects.count()
    listener = AtPhase(phase, disk.fill)
    job = ended(asked("backup", panel, on_disk), listener=listener)
    assert (listener.done, job.error_code, Archive.objects.count()) == (True, "storage_full", known)
    disk.make_room()
    rule.holds(panel, before)


@pytest.mark.fault(
    what="The disk is full when the archive has its name, and its seal is to be put beside it",
    rule="the backup fails and says so; without its seal it does not stay",
)
def test_before_the_seal_lies_beside(panel: Panel, on_disk: Archive, disk: SmallDisk) -> None:
    before, known = rule.look(panel), Archive.objects.count()
    real = engine_backup._put_seal_beside

    def put(*arguments: object) -> None:
        disk.fill()
        real(*arguments)  # type: ignore[arg-type]

    with mock.patch.object(engine_backup, "_put_seal_beside", put):
        job = ended(asked("backup", panel, on_disk))
    assert (job.error_code, Archive.objects.count()) == ("storage_full", known)
    disk.make_room()
    rule.holds(panel, before)


@pytest.mark.fault(
    what="The disk of another storage is full before, in the middle of a copy, and when that is to be sealed",
    rule="the copy fails and says so, and is made when there is room",
)
@pytest.mark.parametrize("phase", ["", "copy", "read_back"])
def test_while_it_is_copied(panel: Panel, beside: Archive, disk: SmallDisk, phase: str) -> None:
    before = rule.look(panel)
    if not phase:
        disk.fill()
    job = ended(copy_of(beside, "nas"), listener=AtPhase(phase, disk.fill))
    assert job.error_code == "storage_full"
    assert not Copy.objects.filter(storage="nas", state=Copy.State.WHOLE).exists()
    disk.make_room()
    rule.holds(panel, before)


@pytest.mark.fault(
    what="The worker is killed at 10, 50 and 90 % of a copy to another folder",
    rule="it is interrupted; nothing half-written stays, and the copy is made anew",
)
@pytest.mark.parametrize("percent", [10, 50, 90])
def test_killed_while_it_copies(
    panel: Panel, archive: Archive, settings: Settings, tmp_path: Path, percent: int
) -> None:
    settings.BACKUP_STORAGES = (Folder("local"), Folder("nas", str(tmp_path / "nas")))
    steps = steps_of(copy_of(archive, "nas"))
    for path in (tmp_path / "nas").iterdir():
        path.unlink()
    Copy.objects.filter(storage="nas").delete()
    before = rule.look(panel)
    job = copy_of(archive, "nas")
    killed_at(job, part_of(steps, percent))
    assert is_interrupted(job)
    rule.holds(panel, before)
