"""Making a backup."""

from __future__ import annotations

import logging
from datetime import UTC, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from backups.engine import pipeline
from backups.engine.errors import BackupError, Busy
from backups.engine.pace import NO_LIMITS, Limits
from backups.engine.pipeline import BackupOrder, Made, Source
from backups.models import Archive, Job, User
from backups.models.archive import SAFETY
from backups.models.job import Kind, Trigger

from . import (
    abilities,
    anomalies,
    application,
    archives,
    audit,
    catalogue,
    copies,
    drill,
    folders,
    hosts,
    job_log,
    jobs,
    keys,
    pins,
    reaper,
    storages,
)
from .connections import no_server, protected_database, read_server
from .finished import Finished
from .folders import DATABASE, EVERYTHING, FILES
from .refusals import PinUnexplained
from .steady import steadily
from .watch import Watch

log = logging.getLogger(__name__)

MB = 1_000_000
PURPOSES = {Trigger.PERSON: "manual", Trigger.SCHEDULE: "schedule", Trigger.COMMAND: "command"}


def request_backup(
    *,
    requested_by: User | None,
    trigger: str,
    label: str = "",
    idempotency_key: str | None = None,
    address: str = "",
    content: str = EVERYTHING,
    keep_days: int = 0,
) -> Job:
    """`content` is database, files or everything; pinned for `keep_days`, with its label as the reason."""
    if keep_days and not label.strip():
        raise PinUnexplained
    return jobs.request(
        Kind.BACKUP,
        requested_by=requested_by,
        trigger=trigger,
        options={"label": label[:200], "content": content, "keep_days": keep_days},
        idempotency_key=idempotency_key,
        address=address,
    )


def run_backup(job: Job, progress: Watch) -> Finished:
    if job.options.get("content") != FILES:
        _refuse_half_swapped()
    purpose = PURPOSES[Trigger(job.trigger)]
    archive = make_archive(
        job,
        purpose=purpose,
        label=job.options.get("label", ""),
        progress=progress,
        content=job.options.get("content", EVERYTHING),
    )
    _pin(job, archive)
    return Finished(
        result=archive_result(archive),
        archive=archive,
        audited={"archive": archive.pk, "bytes": archive.bytes},
        follow_up=lambda: _follow_up(job, archive),
    )


def _pin(job: Job, archive: Archive) -> None:
    if days := job.options.get("keep_days"):
        until = timezone.now() + timedelta(days=days)
        pins.pin(archive, until=until, reason=archive.label, by=job.requested_by)


def _refuse_half_swapped() -> None:
    try:
        reaper.refuse_unsettled()
    except Busy:
        raise
    except BackupError as error:
        # A host may lack the account that restores, and still backs up.
        log.warning("whether a restore was broken off is not known: %s", error)


def make_archive(
    job: Job, *, purpose: str, label: str, progress: Watch, content: str = EVERYTHING
) -> Archive:
    """Back up, read back what was written, and only then list it."""
    order = new_order(purpose, label, content)
    if order.folders:
        folders.settle()
    Job.objects.filter(pk=job.pk).update(archive_begun=order.archive)
    made = pipeline.back_up(
        read_server() if order.with_database else no_server(),
        database=protected_database(),
        order=order,
        storage=storages.first(),
        keys=keys.to_back_up(),
        progress=progress,
        limits=_limits(purpose),
    )
    return keep(made, job, progress=progress)


def keep(made: Made, job: Job, *, progress: Watch) -> Archive:
    """List what was written into the first storage, after it was read back."""
    storage, archive = storages.first(), made.seal.archive
    try:
        written = Source(storage, made.name, archive, keys.to_check())
        verified = pipeline.verify(written, deep=False, progress=progress)
    except BaseException:
        # What cannot be read back is not a backup.
        archives.remove(storage, made.name)
        catalogue.unlist(archive)
        raise
    listed = steadily(lambda: catalogue.list_made(made, storage=storage, sha256=verified.sha256, job=job))
    if anomalies.note(listed):
        job_log.note("strange")
    return listed


def make_safety_archive(job: Job, *, progress: Watch, content: str = DATABASE) -> Archive:
    """Of what will be moved aside, and no more: somebody waits for it."""
    return make_archive(job, purpose=SAFETY, label="", progress=progress, content=content)


def _limits(purpose: str) -> Limits:
    if purpose == SAFETY:
        # Somebody waits for a restore, on a day when the server may be busy for that very reason.
        return NO_LIMITS
    return Limits(
        bytes_per_second=settings.DUMP_RATE_LIMIT * MB,
        running=settings.DUMP_MAX_THREADS_RUNNING,
        lag=settings.DUMP_MAX_REPLICA_LAG,
        patience=settings.DUMP_PATIENCE_SECONDS,
    )


def new_order(purpose: str, label: str, content: str = DATABASE) -> BackupOrder:
    _know_the_newest()
    newest = Archive.with_pruned.filter(database=protected_database()).order_by("-sequence").first()
    now = timezone.now().astimezone(UTC)
    return BackupOrder(
        archive=pipeline.new_archive_id(now),
        created=now,
        sequence=newest.sequence + 1 if newest else 1,
        previous=newest.seal_digest if newest else "",
        purpose=purpose,
        label=label,
        application=application.home(),
        folders=_folders(purpose) if content in (FILES, EVERYTHING) else (),
        with_database=content != FILES,
        audit=audit.mark(),
    )


def _know_the_newest() -> None:
    """Whoever made it may have died before it was listed; these rows may be an older copy of themselves."""
    try:
        catalogue.look(quick=Archive.with_pruned.exists())
    except BackupError as error:
        # A storage that lists nothing to us is no reason to make no backup.
        log.warning("whether there are newer archives is not known: %s", error)


def _folders(purpose: str) -> tuple[str, ...]:
    """Before a restore a folder may be lost, which is why somebody restores."""
    return folders.present() if purpose == SAFETY else folders.configured()


def archive_result(archive: Archive) -> dict[str, Any]:
    copy = archive.copies.first()
    return {
        "id": archive.pk,
        "archive": copy.location if copy else None,
        "bytes": archive.bytes,
        "tables": archive.tables,
        "rows": archive.rows,
        "files": archive.file_count,
        "file_bytes": archive.file_bytes,
        "seconds": round(archive.seconds, 3),
        "burden": archive.burden,
    }


def _follow_up(job: Job, archive: Archive) -> None:
    copies.ask_for_what_is_due()
    _drill_after(job, archive)


def _drill_after(job: Job, archive: Archive) -> None:
    """A backup asked for at a terminal ends with the backup; the others are proven by a worker that can."""
    needs = abilities.needed(Kind.DRILL, {})
    if settings.DRILL_AFTER_BACKUP and hosts.is_offered(needs) and job.trigger != Trigger.COMMAND:
        drill.request_drill(archive, requested_by=None, trigger=Trigger.SCHEDULE)
