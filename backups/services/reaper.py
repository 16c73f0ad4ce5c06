"""Clearing up after workers that fell silent: their jobs, half-written archives and half-made schemas."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from backups.engine import pipeline
from backups.engine.beside import schema_beside
from backups.engine.errors import BackupError, Busy
from backups.engine.pipeline import Recovery
from backups.models import AuditEvent, Job, Restore
from backups.models.job import Kind, State

from . import application, audit, folders, hosts, lease, leftovers
from .connections import protected_database, restore_server
from .folders import FILES

log = logging.getLogger(__name__)

SWAPPING = {Kind.RESTORE, Kind.UNDO}


def reap(now: datetime) -> list[Job]:
    """End overdue jobs and remove what they left. Safe to run at any time, by anyone, at once."""
    ended = [job for job in lease.overdue(now) if lease.interrupt(job, now=now)]
    for job in ended:
        job.refresh_from_db()
        if not job.writes:
            # It holds no lock that would bring us back to it; what is left then goes with the next copy.
            leftovers.sweep(job)
        log.warning("the %s job %s was interrupted: its worker stopped", job.kind, job.pk)
        audit.record("job_interrupted", actor=None, about=job, outcome=AuditEvent.Outcome.FAILED)
    # Not only those that ended now: whoever ended them may have died before clearing up.
    for job in Job.objects.filter(state=State.INTERRUPTED, lock__isnull=False):
        if hosts.is_ours_to_clear(job):
            _clear_up(job)
    for restore in _unsettled():
        if restore.job is None or hosts.is_ours_to_clear(restore.job):
            settle(restore)
    application.open_when_settled()
    return ended


def _clear_up(job: Job) -> None:
    """The lock last, and not before the live database is settled: until it goes nobody else writes."""
    leftovers.sweep(job)
    if _is_settled(job):
        Job.objects.filter(pk=job.pk, state=State.INTERRUPTED).update(lock=None)


def _is_settled(job: Job) -> bool:
    found = folders.recover if job.options.get("scope") == FILES else recover
    try:
        if found().pending:
            return False
        for restore in Restore.objects.filter(pk=job.options.get("restore"), state=Restore.State.SWAPPED):
            _note_fate(restore)
    except BackupError as error:
        log.warning("after the interrupted job %s: %s", job.pk, error)
        # Where the server cannot be asked, only these may have left live in between.
        return job.kind not in SWAPPING
    return True


def recover() -> Recovery:
    """Finish or take back a swap that a crash broke off, and drop half-built schemas."""
    database = protected_database()
    try:
        found = pipeline.recover(restore_server(), database=database)
    finally:
        # After the database, which they follow where they go with it; and also while it is away.
        files = folders.recover()
    found = Recovery((*found.told, *files.told), (*found.pending, *files.pending))
    for sentence in found.told:
        log.warning("%s", sentence)
    if found.told:
        # An undo may have been finished just now.
        live = Restore.objects.filter(target=database, state=Restore.State.SWAPPED)
        for restore in live.exclude(before_schema="", keeps_files=False):
            _note_fate(restore, found.pending)
    application.open_when_settled()
    return found


def settle_for(restore: Restore) -> None:
    """The same before an undo; of files alone no server needs to be asked."""
    if folders.is_of_database(restore):
        settle_swaps()
    else:
        folders.settle()


def settle_swaps() -> None:
    """Before anything else is swapped: put in order what broke off, or refuse."""
    if recover().pending:
        raise Busy(system=protected_database())


def refuse_unsettled() -> None:
    """While a swap is open, live is neither old nor new: nobody reads it, and nobody builds beside it."""
    if pipeline.open_swaps(restore_server(), database=protected_database()):
        settle_swaps()


def _unsettled() -> list[Restore]:
    building = Restore.objects.filter(state=Restore.State.BUILDING).select_related("job")
    return [restore for restore in building if restore.job is None or restore.job.is_finished]


def settle(restore: Restore) -> None:
    """What became of a restore or an undo that did not end well: the server's journal knows."""
    try:
        if restore.folder:
            folders.discard_unfinished(restore)
        found = recover() if folders.is_of_database(restore) else folders.recover()
        _note_fate(restore, found.pending)
    except BackupError as error:
        log.warning("the restore %s is not settled yet: %s", restore.pk, error)


def _note_fate(restore: Restore, pending: Sequence[str] = ()) -> None:
    if any(schema.endswith(mark_of(restore)) for schema in pending):
        return
    if folders.is_of_database(restore):
        fate = pipeline.fate(restore_server(), database=restore.target, restore_id=mark_of(restore))
    else:
        fate = folders.fate(mark_of(restore))
    if fate == "undone":
        note_undone(restore, schema_of(restore, "undone") if folders.is_of_database(restore) else "")
    else:
        _note_outcome(restore, went_live=fate == "restored")


def _note_outcome(restore: Restore, *, went_live: bool) -> None:
    now = timezone.now()
    values: dict[str, Any] = {"state": Restore.State.FAILED}
    if went_live:
        values = {
            "state": Restore.State.SWAPPED,
            "before_schema": schema_of(restore, "before") if folders.is_of_database(restore) else "",
            "keeps_files": folders.is_of_files(restore),
            "swapped_at": now,
            "undo_until": undo_until(now),
        }
    if Restore.objects.filter(pk=restore.pk, state=Restore.State.BUILDING).update(**values):
        audit.record("restore_settled", actor=None, about=restore, details={"live": went_live})


def note_undone(restore: Restore, kept_schema: str) -> None:
    """What the undo set aside is kept for as long as what a restore sets aside."""
    now = timezone.now()
    before = Restore.objects.filter(pk=restore.pk).exclude(state=Restore.State.UNDONE)
    before.update(
        state=Restore.State.UNDONE,
        undone_schema=kept_schema,
        undone_at=now,
        undo_until=undo_until(now),
    )


def mark_of(restore: Restore) -> str:
    """Twelve hex digits that name a restore's schemas on the server."""
    return restore.id.hex[:12]


def schema_of(restore: Restore, kind: str) -> str:
    return schema_beside(restore.target, kind, mark_of(restore))


def undo_until(now: datetime) -> datetime:
    return now + timedelta(days=settings.UNDO_DAYS)
