"""A web host in strange hands that holds no identity: what it may still do, and what it can never read."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from pytest_django import Settings

from backups.engine import encrypt
from backups.models import Archive
from backups.services import keys, work
from backups.services.backup import request_backup
from backups.services.export import open_export
from backups.services.refusals import BackupError
from backups.services.verify import request_verify
from tests.scratch import ScratchDatabase
from tests.security.planted import spellings

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def archive(parking: ScratchDatabase) -> Archive:
    done = work.run_here(request_backup(requested_by=None, trigger="command"))
    assert done.archive is not None
    return done.archive


def test_it_makes_archives_that_it_cannot_read(archive: Archive, settings: Settings) -> None:
    settings.BACKUP_IDENTITY_FILE = ""
    assert keys.to_open().identities == ()
    made = work.run_here(request_backup(requested_by=None, trigger="command")).archive
    assert made is not None
    work.run_here(request_verify(archive, requested_by=None, trigger="command"))
    for each in (archive, made):
        with pytest.raises(BackupError):
            b"".join(open_export(each, tables=None, by=None))


def test_nothing_that_is_encrypted_opens_and_no_row_stands_in_the_clear(
    archive: Archive, settings: Settings
) -> None:
    settings.BACKUP_IDENTITY_FILE = ""
    file = Path(archive.copies.get().location)
    with zipfile.ZipFile(file) as members:
        locked = [name for name in members.namelist() if name.endswith(".age")]
        assert len(locked) > 4
        for name in locked:
            with pytest.raises(encrypt.NotForUs):
                encrypt.decrypt(members.read(name), keys.to_open().identities)
    content = file.read_bytes() + file.with_name(f"{file.name}.seal.json").read_bytes()
    for row in ("BP 1234 XY", "Grand Batam", "lantai satu"):
        assert not any(form in content for form in spellings(row))
