"""Copies at the further storages: each made by a job of its own, and tried until it is there."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from backups.engine import pipeline
from backups.engine.errors import (
    ArchiveUnknown,
    BackupError,
    Cancelled,
    StorageFull,
)
from backups.engine.pipeline import Copied, Source
from backups.engine.pipeline.backup import SIDECAR
from backups.engine.pipeline.in_turn import OF_THIS_COPY
from backups.engine.pipeline.names import archive_name, archive_of
from backups.engine.storage import ArchiveStorage
from backups.models import Archive, AuditEvent, Copy, Job, StorageState, User
from backups.models.copy import LYING
from backups.models.job import Kind, Trigger

from . import approvals, archives, audit, copy_rows, copying_due, jobs, keys, reading, retained, storages
from .acts import Act
from .asked_once import asked_once
from .finished import Finished
from .refusals import CopyImpossible
from .watch import Watch

log = logging.getLogger(__name__)

MINUTE = timedelta(minutes=1)
# After the first failure, the second…; the last of them for ever.
PAUSES = (MINUTE, 5 * MINUTE, 15 * MINUTE, 60 * MINUTE, 4 * 60 * MINUTE, 24 * 60 * MINUTE)
# So many failures in a row are an alarm. It is tried once a day from then on.
LIMIT = 5
CANCELLED_FOR = 10 * MINUTE


def request_copy(
    archive: Archive, storage: str, *, requested_by: User | None, trigger: str, address: str = ""
) -> Job:
    """One at a time for each archive and storage: whoever asks meanwhile gets the job that is there."""
    if storages.named(storage) is None:
        raise storages.unknown(storage)
    before = Job.objects.filter(kind=Kind.COPY, archive=archive, options__storage=storage)
    return asked_once(
        before,
        f"copy {archive.pk} {storage}",
        lambda key: jobs.request(
            Kind.COPY,
            requested_by=requested_by,
            trigger=trigger,
            archive=archive,
            options={"storage": storage},
            idempotency_key=key,
            address=address,
        ),
    )


def ask_for_what_is_due() -> list[Job]:
    """At most one for each storage, the newest archive first, and never so many that backups have to wait."""
    return [
        request_copy(archive, storage, requested_by=None, trigger=Trigger.SCHEDULE)
        for storage, archive in copying_due.next_ones()
    ]


def take_note(storage: str, *, by: User | None, address: str = "") -> None:
    """Somebody has seen what the storage lost: the alarm may go."""
    state = StorageState.objects.filter(storage=storage, lost_at__isnull=False).first()
    if state is None:
        return
    details = {"storage": storage, "count": state.lost_count}
    with approvals.used(Act("storage_seen", details), by=by, address=address):
        StorageState.objects.filter(pk=state.pk).update(lost_at=None, lost_count=0)
    audit.record("storage_seen", actor=by, about=state, address=address, details=details)


def run_copy(job: Job, progress: Watch) -> Finished:
    archive, storage = archives.of(job), str(job.options["storage"])
    target = storages.named(storage)
    if target is None:
        raise storages.unknown(storage)
    copy = _begin(job, archive, target)
    try:
        spoiled = copy.name if copy.state == Copy.State.DAMAGED else ""
        made, read_from = _made(archive, target, progress, spoiled)
    except BackupError as error:
        _note_failure(copy, error)
        raise
    repaired = copy.state in (Copy.State.DAMAGED, Copy.State.MISSING)
    _note_whole(copy, target, made)
    told = {"storage": storage, "bytes": made.bytes, "repaired": repaired, "from": read_from}
    if repaired:
        audit.record("repair_copy", actor=job.requested_by, about=archive, details=told)
    result = {**told, "id": archive.pk, "name": made.name, "sha256": made.sha256, "left": list(made.left)}
    audited = {**told, "archive": archive.pk}
    return Finished(result=result, archive=archive, audited=audited, follow_up=ask_for_what_is_due)


def _begin(job: Job, archive: Archive, target: ArchiveStorage) -> Copy:
    """A try counts from its beginning: one that takes the worker down with it is not begun again at once."""
    now = timezone.now()
    Job.objects.filter(pk=job.pk).update(archive_begun=archive.pk)
    name = archive_name(archive.database, archive.pk)
    with transaction.atomic():
        copy, _ = Copy.objects.get_or_create(
            archive=archive,
            storage=target.name,
            defaults={
                "name": name,
                "location": target.location(name),
                "state": Copy.State.PENDING,
                "checked_at": now,
            },
        )
        after = now + PAUSES[min(copy.tries, len(PAUSES) - 1)]
        Copy.objects.filter(pk=copy.pk).update(tries=F("tries") + 1, try_after=after)
        copy.refresh_from_db()
    return copy


def _made(archive: Archive, target: ArchiveStorage, progress: Watch, spoiled: str) -> tuple[Copied, str]:
    """The copy, and the storage whose copy it was made of: the first that turns out to be whole."""
    _make_room(archive, target)
    failed: BackupError | None = None
    for storage, name in storages.whole(archive):
        if storage.name == target.name:
            continue
        source = Source(storage, name, archive.pk, keys.to_check(), digest=archive.seal_digest)
        try:
            return pipeline.copy(source, target, progress=progress, spoiled=spoiled), storage.name
        except OF_THIS_COPY as error:
            if error.params.get("storage") == target.name:
                raise
            reading.note(archive, storage.name, error)
            failed = error
        log.warning("the copy of %s at %s was of no use: %s", archive.pk, storage.name, failed)
    raise failed or CopyImpossible(archive=archive.pk, storage=target.name)


def _make_room(archive: Archive, target: ArchiveStorage) -> None:
    """What an earlier try left goes; where there is no room, it is said before anything is sent."""
    storages.refuse_vanished(target)
    try:
        target.sweep(lambda name, _: archive_of(name.removesuffix(SIDECAR)) != archive.pk)
    except BackupError as error:
        # Who may only put and get may not look for it either.
        log.info("what an earlier copy may have left at %s was not looked for: %s", target.name, error)
    free = target.free_bytes()
    if free is not None and free < archive.bytes:
        raise StorageFull(storage=target.name)


def _note_whole(copy: Copy, target: ArchiveStorage, made: Copied) -> None:
    now = timezone.now()
    values: dict[str, Any] = {
        **copy_rows.NOTHING_WRONG,
        "name": made.name,
        "location": target.location(made.name),
        "bytes": made.bytes,
        "sha256": made.sha256,
        **copy_rows.READ,
        "checked_at": now,
        "read_at": now,
        "retained_until": retained.until(target, made.name, known=copy.retained_until),
    }
    # Retention may have let go of the archive meanwhile: then nobody will look for this copy again.
    if not Copy.objects.filter(pk=copy.pk, archive__pruned_at=None).update(**values):
        archives.remove(target, made.name)
        raise ArchiveUnknown(archive=copy.archive_id)
    copy_rows.judge_one(copy.archive_id)
    StorageState.objects.update_or_create(storage=target.name, defaults={"written_at": now})
    # It works again: what waited for that need not wait any longer.
    Copy.objects.filter(storage=target.name).exclude(state=Copy.State.WHOLE).update(try_after=None)


def _note_failure(copy: Copy, error: BackupError) -> None:
    row = Copy.objects.filter(pk=copy.pk)
    if isinstance(error, Cancelled):
        row.update(tries=F("tries") - 1, try_after=timezone.now() + CANCELLED_FOR)
        return
    # Whole: somebody who took over from us has made it.
    row.exclude(state__in=LYING).update(problem_code=error.code, problem_params=dict(error.params))
    if copy.tries >= LIMIT and row.filter(state=Copy.State.PENDING).update(state=Copy.State.FAILED):
        log.error("the copy of %s at %s failed %d times: %s", copy.archive_id, copy.storage, LIMIT, error)
        details = {"storage": copy.storage, "code": error.code}
        failed = AuditEvent.Outcome.FAILED
        audit.record("copy_given_up", actor=None, about=copy.archive, outcome=failed, details=details)
    if error.params.get("storage") == copy.storage:
        # It is the storage that fails, and not this archive: the others there wait as well.
        waiting = Copy.objects.filter(storage=copy.storage).exclude(state=Copy.State.WHOLE)
        waiting.filter(Q(try_after=None) | Q(try_after__lt=copy.try_after)).update(try_after=copy.try_after)
