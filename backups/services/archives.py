"""Archives by name: found, shown, taken off a storage."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from backups import queries
from backups.engine.errors import ArchiveUnknown
from backups.engine.pipeline.backup import SIDECAR
from backups.engine.storage import ArchiveStorage
from backups.models import Archive, Copy, Job

from . import storages


def find_archive(wanted: str) -> Archive:
    """An archive by id, or `latest`: the newest whole one that is not a safety backup and is really there."""
    if wanted != "latest":
        found = Archive.objects.filter(pk=wanted).first()
    else:
        found = next((archive for archive in queries.good_archives() if _is_there(archive)), None)
    if found is None:
        raise ArchiveUnknown(archive=wanted[:80])
    return found


def of(job: Job) -> Archive:
    """The archive that a job is about."""
    if job.archive is None:
        raise ArchiveUnknown(archive=job.options.get("archive", "that was asked for"))
    return job.archive


def _is_there(archive: Archive) -> bool:
    try:
        storages.holding(archive)
    except ArchiveUnknown:
        return False
    return True


def listing_of(archive: Archive) -> dict[str, Any]:
    """An archive as scripts see it."""
    now, proven_at, pinned = timezone.now(), archive.proven_at, archive.pinned_until
    return {
        "id": archive.pk,
        "created": archive.created.isoformat(),
        "bytes": archive.bytes,
        "state": archive.state,
        "purpose": archive.purpose,
        "label": archive.label,
        "copies": [
            {"storage": copy.storage, "location": copy.location, "state": copy.state}
            for copy in archive.copies.all()
            if copy.state != Copy.State.MISSING
        ],
        "proven_at": proven_at.isoformat() if proven_at else None,
        "pinned": bool(pinned and pinned > now),
    }


def remove(storage: ArchiveStorage, name: str) -> None:
    """Take an archive off a storage. Its seal first: without it the archive does not exist."""
    storage.delete(name + SIDECAR)
    storage.delete(name)
