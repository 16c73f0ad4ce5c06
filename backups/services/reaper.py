"""Clearing up after workers that fell silent: their jobs, half-written archives and half-made schemas."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from backups.engine import pipeline
from backups.engine.beside import schema_beside
from backups.engine.database import schema_exists, session
from backups.engine.errors import BackupError
from backups.engine.journal import DONE, read
from backups.models import AuditEvent, Job, Restore
from backups.models.job import State

from . import audit, lease, storages
from .connections import protected_database, restore_server

log = logging.getLogger(__name__)


def reap(now: datetime) -> list[Job]:
    """End overdue jobs and remove what they left. Safe to run at any time, by anyone, at once."""
    ended = [job for job in lease.overdue(now) if lease.interrupt(job, now=now)]
    for job in ended:
        job.refresh_from_db()
        log.warning("the %s job %s was interrupted: its worker stopped", job.kind, job.pk)
        audit.record("job_interrupted", actor=None, about=job, outcome=AuditEvent.Outcome.FAILED)
    # Not only those that ended now: whoever ended them may have died before clearing up.
    for job in Job.objects.filter(state=State.INTERRUPTED, lock__isnull=False):
        _clear_up(job)
    for restore in _unsettled():
        settle(restore)
    return ended


def _clear_up(job: Job) -> None:
    """The lock last: until it goes nobody else writes into the storages."""
    try:
        for storage in storages.every():
            for name in storage.sweep(lambda _: False):
                log.warning("the unfinished archive %s was removed", name)
        recover()
    except BackupError as error:
        # The server is away, or its account may not: the next restore tries again before it begins.
        log.warning("after the interrupted job %s: %s", job.pk, error)
    Job.objects.filter(pk=job.pk, state=State.INTERRUPTED).update(lock=None)


def recover() -> None:
    """Finish or take back a swap that a crash broke off, and drop half-built schemas."""
    for sentence in pipeline.recover(restore_server(), database=protected_database()).told:
        log.warning("%s", sentence)


def _unsettled() -> list[Restore]:
    building = Restore.objects.filter(state=Restore.State.BUILDING).select_related("job")
    return [restore for restore in building if restore.job is None or restore.job.is_finished]


def settle(restore: Restore) -> None:
    """What became of a restore that did not end well: the server's journal knows."""
    try:
        recover()
        went_live = _went_live(restore)
    except BackupError as error:
        log.warning("the restore %s is not settled yet: %s", restore.pk, error)
        return
    if went_live is not None:
        _note_outcome(restore, went_live=went_live)


def _note_outcome(restore: Restore, *, went_live: bool) -> None:
    values: dict[str, Any] = {"state": Restore.State.FAILED}
    if went_live:
        values = {
            "state": Restore.State.SWAPPED,
            "before_schema": before_schema(restore),
            "undo_until": undo_until(timezone.now()),
        }
    if Restore.objects.filter(pk=restore.pk, state=Restore.State.BUILDING).update(**values):
        audit.record("restore_settled", actor=None, about=restore, details={"live": went_live})


def _went_live(restore: Restore) -> bool | None:
    """None while somebody is still at it."""
    with session(restore_server()) as connection:
        schema = before_schema(restore)
        if not schema_exists(connection, schema):
            return False
        found = read(connection, schema)
        return True if found and found[0] == DONE else None


def mark_of(restore: Restore) -> str:
    """Twelve hex digits that name a restore's schemas on the server."""
    return restore.id.hex[:12]


def before_schema(restore: Restore) -> str:
    return schema_beside(restore.target, "before", mark_of(restore))


def undo_until(now: datetime) -> datetime:
    return now + timedelta(days=settings.UNDO_DAYS)
