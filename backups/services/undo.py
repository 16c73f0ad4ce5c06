"""Taking a restore back, and letting go of what was kept for that."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from backups import queries
from backups.engine import pipeline
from backups.engine.errors import UndoImpossible
from backups.models import Job, Restore, User
from backups.models.job import Kind

from . import audit, jobs, reaper
from .connections import protected_database, restore_server
from .finished import Finished
from .refusals import RestoreUnknown
from .watch import Watch


def find_restore(wanted: str) -> Restore:
    """A restore by its id, or by the beginning that names it alone."""
    try:
        found = Restore.objects.filter(pk=wanted).first()
    except ValidationError:
        found = None
    if found is None:
        raise RestoreUnknown(restore=wanted[:40])
    return found


def request_undo(restore: Restore, *, requested_by: User | None, trigger: str) -> Job:
    refuse_impossible(restore)
    return jobs.request(
        Kind.UNDO,
        requested_by=requested_by,
        trigger=trigger,
        archive=restore.archive,
        options={"restore": str(restore.pk)},
    )


def refuse_impossible(restore: Restore) -> None:
    why = _why_not(restore)
    if why:
        raise UndoImpossible(restore=str(restore.pk), why=why)


def _why_not(restore: Restore) -> str:
    newest = queries.active_restore()
    if restore.state == Restore.State.UNDONE:
        return "it was undone already"
    if restore.state != Restore.State.SWAPPED:
        return "it did not replace the live database"
    if not restore.can_undo:
        return "the time for it has passed"
    if newest is None or newest.pk != restore.pk:
        return "there was another restore after it; undo that one first"
    return ""


def run_undo(job: Job, progress: Watch) -> Finished:
    restore = find_restore(job.options["restore"])
    reaper.recover()
    refuse_impossible(restore)
    progress.confirm()
    undone = pipeline.undo(
        restore_server(),
        database=protected_database(),
        restore_id=reaper.mark_of(restore),
        progress=progress,
    )
    Restore.objects.filter(pk=restore.pk).update(
        state=Restore.State.UNDONE, undone_schema=undone.kept_schema, undone_at=timezone.now()
    )
    return Finished(
        result={"restore": str(restore.pk), "undone": True, "swap_ms": undone.swap_ms},
        archive=restore.archive,
        audited={"restore": str(restore.pk)},
    )


def let_go() -> tuple[str, ...]:
    """Drop what was kept aside for restores whose time for undo has passed; returns the schemas."""
    dropped: list[str] = []
    now = timezone.now()
    for restore in Restore.objects.filter(undo_until__lt=now).exclude(before_schema="", undone_schema=""):
        gone = pipeline.drop_kept(
            restore_server(), database=restore.target, restore_id=reaper.mark_of(restore)
        )
        Restore.objects.filter(pk=restore.pk).update(before_schema="", undone_schema="")
        details: dict[str, Any] = {"schemas": list(gone)}
        audit.record("undo_window_closed", actor=None, about=restore, details=details)
        dropped += gone
    return tuple(dropped)
