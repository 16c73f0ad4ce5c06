"""The panel's index of archives, made from what the storages hold: those are the truth."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from backups.engine import pipeline
from backups.engine.errors import BackupError, FormatUnknown, SignerUnknown
from backups.engine.pipeline import Listed, Made, Source
from backups.engine.seal import Seal
from backups.engine.storage import ArchiveStorage
from backups.models import Archive, Copy, Job

from . import keys, storages
from .index_row import from_manifest, from_seal

log = logging.getLogger(__name__)

# What was wrong with this panel, its keys or its age, and not with the archive.
NOT_OF_THE_FILE = {FormatUnknown.code, SignerUnknown.code}
# When the storages were last listed, by whichever process.
LOOKED = "catalogue-looked"


def list_made(made: Made, *, storage: ArchiveStorage, job: Job) -> Archive:
    """Index an archive that was just written; another process may have seen it lie there already."""
    known = {
        **from_seal(made.seal, size=made.bytes),
        **from_manifest(made.manifest),
        "seconds": made.seconds,
        "requested_by": job.requested_by,
        "job": job,
        "verified_at": timezone.now(),
    }
    with transaction.atomic():
        archive, _ = Archive.with_pruned.update_or_create(id=made.seal.archive, defaults=known)
        _note_copy(archive, storage, made.name, size=made.bytes, state=Copy.State.WHOLE)
    return archive


def unlist(archive: str) -> None:
    """For one that was written and taken away again."""
    Archive.with_pruned.filter(pk=archive).delete()


def refresh(*, older_than: timedelta) -> bool:
    """Look at the storages again unless somebody did not long ago; False when they cannot be listed."""
    looked = cache.get(LOOKED)
    if looked is not None and looked > (timezone.now() - older_than).timestamp():
        return True
    try:
        sync()
    except BackupError as error:
        log.warning("the storages were not listed: %s", error)
        return False
    return True


def sync() -> tuple[Archive, ...]:
    """Bring the index up to what the storages hold; returns the archives that it did not know."""
    imported: list[Archive] = []
    for storage in storages.every():
        listing = pipeline.list_archives(storage, trusted=keys.trusted())
        imported += [new for listed in listing if (new := _index(storage, listed))]
        _note_missing(storage, {listed.name for listed in listing})
    _judge()
    note_looked()
    return tuple(imported)


def learn(archive: Archive) -> Archive:
    """What only the manifest says, of an archive that came before its key did."""
    if not archive.is_known:
        manifest = pipeline.read_manifest(storages.source(archive, keys.to_open()))
        Archive.objects.filter(pk=archive.pk).update(**from_manifest(manifest))
        archive.refresh_from_db()
    return archive


def note_looked() -> None:
    cache.set(LOOKED, timezone.now().timestamp(), None)


def _index(storage: ArchiveStorage, listed: Listed) -> Archive | None:
    if listed.seal is None or listed.problem is not None:
        _note_problem(storage, listed)
        return None
    seal, new = listed.seal, None
    archive = Archive.with_pruned.filter(pk=seal.archive).first()
    known = archive.copies.filter(storage=storage.name, name=listed.name).first() if archive else None
    if known is None and not storage.exists(listed.name):
        # It went while the list was read.
        return None
    details = _details(storage, listed.name, seal) if archive is None else {}
    with transaction.atomic():
        if archive is None:
            told = {**from_seal(seal, size=listed.bytes), **details}
            # Somebody else may have listed it meanwhile, and knows more.
            archive, made = Archive.with_pruned.get_or_create(id=seal.archive, defaults=told)
            new = archive if made else None
        elif archive.pruned_at:
            # It was to be dropped, and is still there: what a storage holds is listed.
            Archive.with_pruned.filter(pk=archive.pk).update(pruned_at=None)
        state = _state_when_listed(archive, known)
        _note_copy(archive, storage, listed.name, size=listed.bytes, state=state)
    return new


def _state_when_listed(archive: Archive, known: Copy | None) -> str:
    """Listing reads seals only: a copy that was found damaged stays so, until a full check says otherwise."""
    if known is None or known.state != Copy.State.DAMAGED:
        return Copy.State.WHOLE
    if archive.problem_code not in NOT_OF_THE_FILE:
        return Copy.State.DAMAGED
    Archive.with_pruned.filter(pk=archive.pk).update(problem_code="", problem_params={})
    return Copy.State.WHOLE


def _details(storage: ArchiveStorage, name: str, seal: Seal) -> dict[str, Any]:
    """What only the encrypted manifest says, where this host can open it."""
    if not keys.can_open():
        return {}
    try:
        manifest = pipeline.read_manifest(Source(storage, name, seal.archive, keys.to_open()))
    except BackupError as error:
        log.warning("the manifest of %s was not read: %s", seal.archive, error)
        return {}
    return from_manifest(manifest)


def _note_copy(archive: Archive, storage: ArchiveStorage, name: str, *, size: int, state: str) -> None:
    Copy.objects.update_or_create(
        archive=archive,
        storage=storage.name,
        defaults={
            "name": name,
            "location": storage.location(name),
            "state": state,
            "bytes": size,
            "checked_at": timezone.now(),
        },
    )


def _note_problem(storage: ArchiveStorage, listed: Listed) -> None:
    copy = Copy.objects.filter(storage=storage.name, name=listed.name).select_related("archive").first()
    log.warning("%s: %s", listed.name, listed.problem)
    if copy and listed.problem:
        mark_damaged(copy.archive, storage=storage.name, problem=listed.problem)


def mark_damaged(archive: Archive, *, storage: str, problem: BackupError) -> None:
    archive.copies.filter(storage=storage).update(state=Copy.State.DAMAGED, checked_at=timezone.now())
    Archive.with_pruned.filter(pk=archive.pk).update(
        problem_code=problem.code, problem_params=dict(problem.params)
    )
    _judge()


def mark_whole(archive: Archive, *, storage: str) -> None:
    now = timezone.now()
    archive.copies.filter(storage=storage).update(state=Copy.State.WHOLE, checked_at=now)
    Archive.with_pruned.filter(pk=archive.pk).update(verified_at=now, problem_code="", problem_params={})
    _judge()


def _note_missing(storage: ArchiveStorage, present: set[str]) -> None:
    gone = Copy.objects.filter(storage=storage.name).exclude(name__in=present)
    gone.exclude(state=Copy.State.MISSING).update(state=Copy.State.MISSING, checked_at=timezone.now())


def _judge() -> None:
    """An archive is whole while one whole copy exists."""
    states = Archive.State
    for archive in Archive.objects.prefetch_related("copies"):
        found = {copy.state for copy in archive.copies.all()}
        state = next((s for s in (states.WHOLE, states.DAMAGED) if s.value in found), states.MISSING)
        if state != archive.state:
            Archive.objects.filter(pk=archive.pk).update(state=state)
