"""Whoever may write where the archives lie: swaps, cuts, replays, forges. Nothing of it is ever restored."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pytest_django import Settings

from backups.engine.database import rows, session
from backups.models import Archive, AuditEvent, Job
from backups.services import work
from backups.services.backup import request_backup
from backups.services.refusals import BackupError
from backups.services.restore import request_restore
from backups.services.verify import request_verify
from tests.scratch import ScratchDatabase
from tests.sealed import sealed_file

pytestmark = pytest.mark.django_db(transaction=True)

SEAL = ".seal.json"


@pytest.fixture
def two(parking: ScratchDatabase, archives_in: Path) -> tuple[Path, Path]:
    """The file of an older archive and the newest one's."""
    return _backed_up(), _backed_up()


def _backed_up() -> Path:
    done = work.run_here(request_backup(requested_by=None, trigger="command"))
    assert done.archive is not None
    return Path(done.archive.copies.get().location)


def replayed(older: Path, newest: Path) -> None:
    """What was true last year, under today's name, its seal with it."""
    shutil.copy(older, newest)
    shutil.copy(f"{older}{SEAL}", f"{newest}{SEAL}")


def other_members(older: Path, newest: Path) -> None:
    shutil.copy(older, newest)


def other_seal(older: Path, newest: Path) -> None:
    shutil.copy(f"{older}{SEAL}", f"{newest}{SEAL}")


def cut(older: Path, newest: Path) -> None:
    newest.write_bytes(newest.read_bytes()[:-4096])


def one_bit(older: Path, newest: Path) -> None:
    """Of the rows: what a restore does not read (the README) may be changed, and it restores the truth."""
    with zipfile.ZipFile(newest) as members:
        rows_of_a_table = next(each for each in members.infolist() if each.filename.startswith("data/"))
    content = bytearray(newest.read_bytes())
    content[rows_of_a_table.header_offset + 150] ^= 1
    newest.write_bytes(content)


def lengthened(older: Path, newest: Path) -> None:
    newest.write_bytes(newest.read_bytes() + b"PK\x05\x06" + b"\0" * 18)


def a_way_out(older: Path, newest: Path) -> None:
    newest.unlink()
    newest.symlink_to("/etc/passwd")


def made_by_another_panel(older: Path, newest: Path) -> None:
    """Whole and well sealed, by a key that nobody here believes."""
    settings = _settings()
    key = older.with_name("other.pem")
    text = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key.write_bytes(text)
    ours, settings.BACKUP_SIGNING_KEY_FILE = settings.BACKUP_SIGNING_KEY_FILE, str(key)
    _written_anew(newest)
    settings.BACKUP_SIGNING_KEY_FILE = ours
    key.unlink()


def sealed_anew(older: Path, newest: Path) -> None:
    """By a thief of the signing key: our own seal, and yet not the one that the index remembers."""
    _written_anew(newest)


def _written_anew(newest: Path) -> None:
    archive = Archive.objects.order_by("-sequence").first()
    assert archive is not None
    known = Archive.objects.filter(pk=archive.pk).values("seal_digest", "bytes").get()
    sealed_file(archive, newest)
    Archive.objects.filter(pk=archive.pk).update(**known)
    archive.copies.update(bytes=known["bytes"])


def _settings() -> Settings:
    from django.conf import settings

    return settings  # type: ignore[return-value]


ACTS = (replayed, other_members, other_seal, cut, one_bit, lengthened, a_way_out, made_by_another_panel)


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_what_a_storage_writer_does_is_found_and_never_restored(
    act: Callable[[Path, Path], None], two: tuple[Path, Path], parking: ScratchDatabase
) -> None:
    parking.run("INSERT INTO zona VALUES ('B2', 'sejak cadangan')")
    before, archive = _live(parking), Archive.objects.order_by("-sequence").first()
    assert archive is not None
    act(*two)
    with pytest.raises(BackupError) as found:
        work.run_here(request_verify(archive, requested_by=None, trigger="command"))
    assert found.value.status in {1, 3}
    with pytest.raises(BackupError):
        work.run_here(request_restore(archive, requested_by=None, trigger="command"))
    assert Job.objects.filter(kind="restore", state="failed").count() == 1
    assert _live(parking) == before
    assert _schemas(parking) == []


def test_what_a_thief_of_the_signing_key_puts_there_is_not_restored_and_not_taken_in_silence(
    two: tuple[Path, Path], parking: ScratchDatabase
) -> None:
    """With a single storage nobody can say which seal was first: then the record says that there were two."""
    before, archive = _live(parking), Archive.objects.order_by("-sequence").first()
    assert archive is not None
    sealed_anew(*two)
    with pytest.raises(BackupError):
        work.run_here(request_restore(archive, requested_by=None, trigger="command"))
    assert _live(parking) == before
    work.run_here(request_verify(archive, requested_by=None, trigger="command"))
    told = AuditEvent.objects.get(action="other_seal")
    assert (told.outcome, told.details["before"]) == ("failed", archive.seal_digest)


def _live(parking: ScratchDatabase) -> object:
    return [parking.rows(f"SELECT * FROM {table} ORDER BY 1") for table in ("mall", "tiket", "zona")]


def _schemas(parking: ScratchDatabase) -> list[str]:
    """What a half restore would leave beside live."""
    with session(parking.server) as connection:
        found = rows(connection, "SELECT schema_name FROM information_schema.schemata")
    return [name for (name,) in found if str(name).startswith(f"{parking.name}__")]
