"""Whatever is wrong with one copy, the archive is read from the next; what was wrong is noted on the copy."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from backups.engine.database import one, session
from backups.engine.errors import ArchiveDamaged, ArchiveUnknown, StorageFailed
from backups.engine.errors import EveryCopyFailed, NoCopyAnswers
from backups.engine.storage import LocalStorage
from backups.models import Archive, AuditEvent, Copy, Job
from backups.services import preflight, preview, reading, keys, work
from backups.services.copies import ask_for_what_is_due
from backups.services.download import open_download, save_download
from backups.services.export import open_export
from backups.services.restore import request_restore
from backups.services.verify import request_verify
from backups.services.wording import sentence_for
from backups.engine.stream import Silent
from tests.scratch import ScratchDatabase
from tests.services.broken_copies import HARMS, Harm, flipped_at, gone, truncated_at
from tests.services.copying import backed_up, copied, copy_at, flip, nas, two

__all__ = ["nas", "two"]

pytestmark = pytest.mark.django_db(transaction=True)


def path_of(archive: Archive, storage: str = "local") -> Path:
    return Path(copy_at(archive, storage).location)


@pytest.fixture(params=HARMS)
def harmed(request: pytest.FixtureRequest, two: Archive) -> Archive:
    """The first copy is broken in one of the ways; the second one is whole."""
    HARMS[request.param](path_of(two))
    return two


def downloaded(archive: Archive) -> bytes:
    return b"".join(open_download(archive, by=None))


def test_a_download_is_the_archive_whatever_became_of_its_first_copy(harmed: Archive) -> None:
    assert downloaded(harmed) == path_of(harmed, "nas").read_bytes()
    assert AuditEvent.objects.get(action="download_end").outcome == "ok"


def test_a_restore_goes_on_from_the_next_copy(harmed: Archive, parking: ScratchDatabase) -> None:
    with session(parking.server) as connection:
        one(connection, f"SELECT COUNT(*) FROM {parking.name}.tiket")
    parking.run("DELETE FROM tiket")
    done = work.run_here(request_restore(harmed, requested_by=None, trigger="command"))
    with session(parking.server) as connection:
        assert one(connection, f"SELECT COUNT(*) FROM {parking.name}.tiket") == (3,)
    assert done.result["swap_ms"] is not None
