"""The panel's index of archives, made from what the storages hold: those are the truth."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction
from django.utils import timezone

from backups.engine import pipeline
from backups.engine.ddl import split
from backups.engine.errors import BackupError
from backups.engine.manifest import Manifest
from backups.engine.pipeline import Listed, Made, Source
from backups.engine.seal import Seal
from backups.engine.storage import ArchiveStorage
from backups.models import Archive, Copy, Job

from . import keys, storages

log = logging.getLogger(__name__)


def list_made(made: Made, *, storage: ArchiveStorage, job: Job) -> Archive:
    """Index an archive that was just written."""
    with transaction.atomic():
        archive = Archive.with_pruned.create(
            id=made.seal.archive,
            **_from_seal(made.seal, size=made.bytes),
            **_from_manifest(made.manifest),
            seconds=made.seconds,
            requested_by=job.requested_by,
            job=job,
            verified_at=timezone.now(),
        )
        _note_copy(archive, storage, made.name, size=made.bytes, state=Copy.State.WHOLE)
    return archive


def sync() -> tuple[Archive, ...]:
    """Bring the index up to what the storages hold; returns the archives that it did not know."""
    imported: list[Archive] = []
    for storage in storages.every():
        listing = pipeline.list_archives(storage, trusted=keys.trusted())
        imported += [new for listed in listing if (new := _index(storage, listed))]
        _note_missing(storage, {listed.name for listed in listing})
    _judge()
    return tuple(imported)


def _index(storage: ArchiveStorage, listed: Listed) -> Archive | None:
    if listed.seal is None or listed.problem is not None:
        _note_problem(storage, listed)
        return None
    seal = listed.seal
    archive = Archive.with_pruned.filter(pk=seal.archive).first()
    with transaction.atomic():
        new = None
        if archive is None:
            details = _details(storage, listed.name, seal)
            archive = new = Archive.with_pruned.create(
                id=seal.archive, **_from_seal(seal, size=listed.bytes), **details
            )
        elif archive.pruned_at:
            # It was to be dropped, and is still there: what a storage holds is listed.
            Archive.with_pruned.filter(pk=archive.pk).update(pruned_at=None)
        known = archive.copies.filter(storage=storage.name, name=listed.name).first()
        # Listing reads seals only: a copy that a full check found damaged stays so.
        state = known.state if known and known.state == Copy.State.DAMAGED else Copy.State.WHOLE
        _note_copy(archive, storage, listed.name, size=listed.bytes, state=state)
    return new


def _details(storage: ArchiveStorage, name: str, seal: Seal) -> dict[str, Any]:
    """What only the encrypted manifest says, where this host can open it."""
    if not keys.can_open():
        return {}
    try:
        manifest = pipeline.read_manifest(Source(storage, name, seal.archive, keys.to_open()))
    except BackupError as error:
        log.warning("the manifest of %s was not read: %s", seal.archive, error)
        return {}
    return _from_manifest(manifest)


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


def _from_seal(seal: Seal, *, size: int) -> dict[str, Any]:
    return {
        "database": seal.database,
        "created": seal.created,
        "purpose": seal.purpose,
        "content": list(seal.content),
        "bytes": size,
        "sequence": seal.sequence,
        "seal_digest": seal.digest,
    }


def _from_manifest(manifest: Manifest) -> dict[str, Any]:
    inventory = manifest.inventory
    return {
        "label": manifest.label,
        "tables": len(inventory.tables),
        "rows": manifest.row_count,
        "server_version": inventory.rules.version,
        "warnings": list(manifest.warnings),
        "table_rows": [{"name": t.table, "rows": t.rows, "bytes": t.bytes} for t in manifest.rows],
        "code_counts": {
            "triggers": len(inventory.triggers),
            "views": len(inventory.views),
            "routines": len(inventory.routines),
            "events": len(inventory.events),
            "foreign_keys": sum(len(split(table.ddl).foreign_keys) for table in inventory.tables),
        },
    }
