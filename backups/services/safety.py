"""The safety backup before a restore: what is there now, kept once more before it is moved aside."""

from __future__ import annotations

from backups.engine.errors import (
    BackupError,
    Cancelled,
    ChangedDuringBackup,
    DatabaseMissing,
    DeadlinePassed,
    IncompleteDump,
    ServerRefused,
)
from backups.models import Archive, Job, Restore

from . import backup, folders, job_log
from .folders import DATABASE, EVERYTHING, FILES
from .preview import preview_restore
from .refusals import Interrupted, SafetyBackupFailed
from .watch import Watch

# Why there is none, as the row keeps it.
NOT_WANTED, NOTHING_THERE, GONE, UNREADABLE = "not_wanted", "nothing_there", "gone", "unreadable"
# Of a table that is there, and that the server itself cannot make sense of any more.
DAMAGED = {126, 127, 1030, 1033, 1034, 1035, 1194, 1195, 1712, 1812, 1813, 1814, 1877, 1932}


def keep_what_is_there(
    job: Job, restore: Restore, archive: Archive, progress: Watch, *, content: str = DATABASE
) -> None:
    """A safety backup, and the rows that will be gone; what is gone or unreadable already cannot be kept.

    Where it fails for any other reason nothing is restored: somebody decides whether to do without.
    """
    unreadable = _note_rows(job, restore, archive) if content != FILES else False
    if job.options.get("safety_backup", True):
        _keep(job, restore, progress, content=content, unreadable=unreadable)
    else:
        _skip(restore, NOT_WANTED)
    restore.save()


def _note_rows(job: Job, restore: Restore, archive: Archive) -> bool:
    """The rows that will be gone; returns whether there are tables that nobody can read."""
    try:
        changed = preview_restore(archive, tuple(job.options.get("tables", ()))).changed
    except DatabaseMissing:
        return False
    restore.lost_rows = [
        {"table": row.table, "now": row.now, "after": row.after, "unreadable": row.unreadable}
        for row in changed
    ]
    return any(row.unreadable for row in changed)


def _keep(job: Job, restore: Restore, progress: Watch, *, content: str, unreadable: bool) -> None:
    if content == FILES and not folders.present():
        _skip(restore, NOTHING_THERE)
        return
    try:
        restore.safety_archive = backup.make_safety_archive(job, progress=progress, content=content)
        return
    except (Cancelled, DeadlinePassed, Interrupted):
        raise
    except DatabaseMissing:
        why = GONE
    except BackupError as error:
        if not _is_damage(error, unreadable=unreadable):
            raise _stopped(error) from error
        why = UNREADABLE
    _skip(restore, why)
    if content == EVERYTHING:
        # The files beside a database that is gone are whole, and will be moved aside too.
        _keep(job, restore, progress, content=FILES, unreadable=False)
        restore.safety_why = why


def _skip(restore: Restore, why: str) -> None:
    restore.safety_skipped, restore.safety_why = True, why
    job_log.note("no_safety", why=why)


def _is_damage(error: BackupError, *, unreadable: bool) -> bool:
    if isinstance(error, ServerRefused) and error.params.get("errno") in DAMAGED:
        return True
    return unreadable and isinstance(error, (ServerRefused, IncompleteDump, ChangedDuringBackup))


def _stopped(error: BackupError) -> SafetyBackupFailed:
    return SafetyBackupFailed(**{**error.params, "cause": error.code, "why": str(error)})
