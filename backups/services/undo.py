"""Taking a restore back, and letting go of what was kept for that."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from backups import queries
from backups.engine import pipeline
from backups.engine.errors import (
    BackupError,
    Busy,
    Cancelled,
    DeadlinePassed,
    ServerUnreachable,
    UndoImpossible,
)
from backups.models import Archive, Job, Restore, User
from backups.models.job import ACTIVE, Kind

from . import acts, application, approvals, audit, backup, folders, jobs, kept, reaper, restore_files
from .connections import forget_protected_state, protected_database, restore_server
from .finished import Finished
from .refusals import Interrupted, RestoreUnknown
from .retention.doubt import is_in_doubt
from .watch import Watch

log = logging.getLogger(__name__)


def find_restore(wanted: str) -> Restore:
    """A restore by its id, or `latest`: the one to be undone first.

    What the panel does not know is looked for in the server's journals: its own database may be lost.
    """
    found = _listed(wanted)
    if found is None:
        kept.adopt_kept(wanted)
        found = _listed(wanted)
    if found is None:
        raise RestoreUnknown(restore=wanted[:40])
    return found


def _listed(wanted: str) -> Restore | None:
    if wanted == "latest":
        return queries.active_restore(protected_database())
    try:
        return Restore.objects.filter(pk=wanted).first()
    except ValidationError:
        return None


def request_undo(
    restore: Restore,
    *,
    requested_by: User | None,
    trigger: str,
    safety_backup: bool = True,
    address: str = "",
) -> Job:
    refuse_impossible(restore)
    options = {"restore": str(restore.pk), "safety_backup": safety_backup, "scope": restore.scope}
    with approvals.used(acts.undoing(restore, options), by=requested_by, address=address) as ticket:
        return jobs.request(
            Kind.UNDO,
            requested_by=requested_by,
            trigger=trigger,
            archive=restore.archive,
            options={**options, **ticket},
            address=address,
        )


def refuse_impossible(restore: Restore) -> None:
    why = _why_not(restore)
    if why:
        raise UndoImpossible(restore=str(restore.pk), why=why)


def _why_not(restore: Restore) -> str:
    newest = queries.active_restore(restore.target)
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
    reaper.settle_for(restore)
    restore.refresh_from_db()
    refuse_impossible(restore)
    safety = _keep_what_is_there(job, restore, progress)
    around = application.Around(reaper.mark_of(restore))
    try:
        with around:
            undone = _undone(restore, around.after(progress.confirm), progress)
    except BaseException:
        # Unless it went through after all, which the journal on the server knows.
        reaper.settle(restore)
        raise
    finally:
        forget_protected_state()
    reaper.note_undone(restore, undone.kept_schema)
    around.fit()
    result = {"restore": str(restore.pk), "undone": True, "swap_ms": undone.swap_ms, **safety}
    result["application"] = around.told()
    return Finished(result, restore.archive, {"restore": str(restore.pk), **safety})


def _undone(restore: Restore, before_swap: Callable[[], None], progress: Watch) -> pipeline.Undone:
    if folders.is_of_files(restore):
        return restore_files.undo(restore, before_swap, progress)
    return pipeline.undo(
        restore_server(),
        database=restore.target,
        restore_id=reaper.mark_of(restore),
        before_swap=before_swap,
        progress=progress,
    )


def _keep_what_is_there(job: Job, restore: Restore, progress: Watch) -> dict[str, Any]:
    """A safety backup; where none can be made the way back stays open, and it is said why there is none."""
    # Tables that were put beside the live ones go as they came: nothing else changes.
    if restore.scope == "beside" or not job.options.get("safety_backup", True):
        return {"safety_archive": None, "safety_skipped": "not_wanted"}
    try:
        made = backup.make_safety_archive(job, progress=progress, content=restore.scope)
    except (Cancelled, DeadlinePassed, Interrupted):
        raise
    except BackupError as error:
        log.warning("no safety backup before the undo: %s", error)
        return {"safety_archive": None, "safety_skipped": error.code}
    return {"safety_archive": made.pk, "safety_skipped": ""}


def close_window(restore: Restore, *, by: User | None, address: str = "") -> None:
    """Give up the way back now: the clock then lets go of what was kept, as it would have later."""
    at_work = Job.objects.filter(system=restore.target, writes=True, state__in=ACTIVE)
    if at_work.exists():
        raise Busy(system=restore.target)
    with approvals.used(acts.giving_up(restore), by=by, address=address):
        now = timezone.now()
        if not Restore.objects.filter(pk=restore.pk, undo_until__gt=now).update(undo_until=now):
            raise UndoImpossible(restore=str(restore.pk), why="the time for it has passed")
        audit.record("close_undo_window", actor=by, about=restore, address=address)


def let_go() -> tuple[str, ...]:
    """Drop what was kept aside for restores whose time for undo has passed; returns the schemas.

    Not by a clock that cannot be believed: one that leaps would end every window at once.
    """
    now, dropped = timezone.now(), list[str]()
    closed = Restore.objects.filter(undo_until__lt=now)
    closed = closed.exclude(before_schema="", undone_schema="", keeps_files=False)
    if not closed.exists() or is_in_doubt(Archive.with_pruned.values_list("created", flat=True), now):
        return ()
    for restore in closed:
        try:
            dropped += _let_go_of(restore)
        except ServerUnreachable:
            raise
        except BackupError as error:
            log.warning("what was kept for the restore %s is still there: %s", restore.pk, error)
    return tuple(dropped)


def _let_go_of(restore: Restore) -> tuple[str, ...]:
    mark, gone = reaper.mark_of(restore), tuple[str, ...]()
    if restore.keeps_files and folders.fate(mark) == folders.OPEN:
        # Its folders still go by what the server's journal says, and would be taken back without it.
        raise Busy(system=restore.target)
    if restore.before_schema or restore.undone_schema:
        gone = pipeline.drop_kept(restore_server(), database=restore.target, restore_id=mark)
    if restore.keeps_files:
        gone += folders.drop_kept(mark)
    Restore.objects.filter(pk=restore.pk).update(before_schema="", undone_schema="", keeps_files=False)
    audit.record("undo_window_closed", actor=None, about=restore, details={"schemas": list(gone)})
    return gone
