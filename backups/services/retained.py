"""Until when a storage itself refuses to let go of a copy: asked of it, and remembered on the copy's row."""

from __future__ import annotations

import logging
from datetime import datetime

from backups.engine.errors import BackupError
from backups.engine.storage import ArchiveStorage
from backups.models import Copy

log = logging.getLogger(__name__)


def until(storage: ArchiveStorage, name: str, *, known: datetime | None = None) -> datetime | None:
    """None where it holds nothing back; what was `known` before, where it does not answer now."""
    try:
        stored = storage.stat(name)
    except BackupError as error:
        log.info("until when %s is held at %s was not told: %s", name, storage.name, error)
        return known
    return stored.retained_until if stored else known


def note(archive: str, storage: ArchiveStorage) -> None:
    """It costs a request for each copy, so it is asked when there is a reason and not on each look."""
    copy = Copy.objects.filter(archive=archive, storage=storage.name).first()
    if copy is None:
        return
    found = until(storage, copy.name, known=copy.retained_until)
    if found != copy.retained_until:
        Copy.objects.filter(pk=copy.pk).update(retained_until=found)
