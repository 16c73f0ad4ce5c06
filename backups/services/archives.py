"""Archives by name: found, shown, taken off a storage."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from backups import queries
from backups.engine.errors import ArchiveDamaged, ArchiveUnknown
from backups.engine.pipeline.backup import SIDECAR
from backups.engine.pipeline.names import earlier_names
from backups.engine.storage import ArchiveStorage
from backups.models import Archive, Job
from backups.models.archive import NOT_REGULAR

from . import notes, storages
from .connections import protected_database
from .refusals import OtherDatabase


def find_archive(wanted: str, *, holds: str = "") -> Archive:
    """An archive by id, or `latest`: the newest whole one of the protected system that is really there.

    `holds` names what the latest must hold: database or files.
    """
    if wanted != "latest":
        found = Archive.objects.filter(pk=wanted).first()
    else:
        found = _newest_there(holds)
        if found is None:
            _refuse_damaged()
    if found is None:
        raise ArchiveUnknown(archive=wanted[:80])
    return found


def _refuse_damaged() -> None:
    """Archives are there, and none is whole: that is worse than none, and said so."""
    damaged = queries.archives_of(protected_database()).filter(state=Archive.State.DAMAGED)
    newest = damaged.exclude(purpose__in=NOT_REGULAR).first()
    if newest:
        raise ArchiveDamaged(archive=newest.pk, what=newest.problem_params.get("what", newest.problem_code))


def _newest_there(holds: str) -> Archive | None:
    """Never a safety backup, which holds what was about to be replaced; never a dump of elsewhere."""
    whole = queries.whole_archives(protected_database())
    wanted = (archive for archive in whole if not holds or holds in archive.content)
    return next((archive for archive in wanted if _is_there(archive)), None)


def refuse_other(archive: Archive) -> None:
    """What was made of another database is not put in the place of this one."""
    protected = protected_database()
    if archive.database.casefold() != protected.casefold():
        raise OtherDatabase(archive=archive.pk, database=archive.database, protected=protected)


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
            if copy.is_lying
        ],
        "proven_at": proven_at.isoformat() if proven_at else None,
        "pinned": bool(pinned and pinned > now),
        "pinned_until": pinned.isoformat() if pinned and pinned > now else None,
        "pin_reason": archive.pin_reason if pinned and pinned > now else "",
    }


def remove(storage: ArchiveStorage, name: str, *, pins: int = 0) -> None:
    """Take an archive off a storage. Its seal first: without it the archive does not exist.

    `pins`: the number of the last note of a pin that may lie beside it.
    """
    for lying in (name, *earlier_names(name)):
        storage.delete(lying + SIDECAR)
        storage.delete(lying)
        notes.drop(storage, lying, notes.PIN, pins)
