"""Restoring: a safety backup first, then the archive in a shadow, proven, and swapped in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from backups.engine import pipeline
from backups.engine.errors import DatabaseMissing
from backups.engine.pipeline import Restored, Wishes
from backups.models import Archive, Job, Restore, User
from backups.models.job import Kind

from . import application, archives, backup, drill, jobs, keys, reaper, storages
from .connections import (
    forget_protected_state,
    look_at_protected,
    protected_database,
    read_server,
    restore_server,
)
from .finished import Finished
from .watch import Watch


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """Rows of one table, now and after the restore; None where the table is not there (or cannot be seen)."""

    table: str
    now: int | None
    after: int | None
    unreadable: bool = False  # it is there, and nobody can say what is in it

    @property
    def differs(self) -> bool:
        return self.unreadable or self.now != self.after

    @property
    def lost(self) -> int:
        """Rows that are there now and would not be afterwards, as far as counts tell."""
        return max(0, (self.now or 0) - (self.after or 0))


@dataclass(frozen=True, slots=True)
class RestorePreview:
    """What a restore would change. `live` is up, down or missing; `since` is when the archive was made."""

    rows: tuple[PreviewRow, ...]
    live: str
    since: datetime
    error_code: str = ""
    error_params: dict[str, Any] | None = None

    @property
    def changed(self) -> tuple[PreviewRow, ...]:
        return tuple(row for row in self.rows if row.differs)


def request_restore(  # noqa: PLR0913 - each is one switch of the form
    archive: Archive,
    *,
    requested_by: User | None,
    trigger: str,
    target: str | None = None,
    accepted: Iterable[str] = (),
    safety_backup: bool = True,
    enable_events: bool = False,
    address: str = "",
) -> Job:
    """Ask for a restore: over the live database, or into the new or empty database `target`."""
    if not target:
        archives.refuse_other(archive)
    options = {
        "target": target,
        "accepted": sorted(accepted),
        "safety_backup": safety_backup,
        "enable_events": enable_events,
    }
    return jobs.request(
        Kind.RESTORE,
        requested_by=requested_by,
        trigger=trigger,
        archive=archive,
        options=options,
        address=address,
    )


def preview_restore(archive: Archive) -> RestorePreview:
    """Rows now against rows in the archive, table by table. Nothing is changed."""
    manifest = pipeline.read_manifest(storages.source(archive, keys.to_open()))
    state = look_at_protected()
    if state.state == "down":
        after = tuple(PreviewRow(rows.table, None, rows.rows) for rows in manifest.rows)
        return RestorePreview(after, "down", archive.created, state.error_code, dict(state.error_params))
    seen = pipeline.preview(read_server(), database=protected_database(), manifest=manifest)
    rows = tuple(
        PreviewRow(table, now, after, unreadable=table in seen.unreadable) for table, now, after in seen.rows
    )
    return RestorePreview(rows, "up" if seen.live_exists else "missing", archive.created)


def run_restore(job: Job, progress: Watch) -> Finished:
    archive = archives.of(job)
    reaper.settle_swaps()
    restore = _begin(job, archive)
    around = application.Around(reaper.mark_of(restore))
    try:
        restored = (
            _elsewhere(job, restore, progress)
            if job.options.get("target")
            else _live(job, restore, progress, around)
        )
    except (pipeline.NotAccepted, pipeline.Unproven) as refused:
        drill.record_proof(archive, job, refused.proof)
        reaper.settle(restore)
        raise
    except BaseException:
        # Unless it went live after all, which the journal on the server knows.
        reaper.settle(restore)
        raise
    finally:
        forget_protected_state()
    _complete(restore, restored)
    drill.record_proof(archive, job, restored.proof)
    if restored.swap_ms is not None:
        around.fit()
    audited = {"archive": archive.pk, "target": restore.target, "accepted": restore.accepted}
    result = {**restore_result(restore), "application": around.told()}
    return Finished(result=result, archive=archive, audited=audited)


def _begin(job: Job, archive: Archive) -> Restore:
    return Restore.objects.create(
        job=job,
        archive=archive,
        target=job.options.get("target") or protected_database(),
        accepted=job.options.get("accepted", []),
        requested_by=job.requested_by,
    )


def _live(job: Job, restore: Restore, progress: Watch, around: application.Around) -> Restored:
    archive = archives.of(job)
    archives.refuse_other(archive)
    _keep_what_is_there(job, restore, archive, progress)
    with around:
        return pipeline.restore(
            storages.source(archive, keys.to_open()),
            server=restore_server(),
            database=protected_database(),
            restore_id=reaper.mark_of(restore),
            wishes=_wishes(job),
            before_swap=around.after(progress.confirm),
            progress=progress,
        )


def _elsewhere(job: Job, restore: Restore, progress: Watch) -> Restored:
    return pipeline.restore_elsewhere(
        storages.source(archives.of(job), keys.to_open()),
        server=restore_server(),
        database=protected_database(),
        target=restore.target,
        wishes=_wishes(job),
        progress=progress,
    )


def _wishes(job: Job) -> Wishes:
    return Wishes(
        accepted=frozenset(job.options.get("accepted", ())),
        enable_events=bool(job.options.get("enable_events")),
    )


def _keep_what_is_there(job: Job, restore: Restore, archive: Archive, progress: Watch) -> None:
    """A safety backup, and the rows that will be gone; where the database is gone there is neither."""
    try:
        restore.lost_rows = [
            {"table": row.table, "now": row.now, "after": row.after, "unreadable": row.unreadable}
            for row in preview_restore(archive).changed
        ]
        if job.options.get("safety_backup", True):
            restore.safety_archive = backup.make_safety_archive(job, progress=progress)
        else:
            restore.safety_skipped = True
    except DatabaseMissing:
        restore.safety_skipped = True
    restore.save()


def _complete(restore: Restore, restored: Restored) -> None:
    now = timezone.now()
    live = restored.swap_ms is not None
    figures: dict[str, Any] = {
        "swap_ms": restored.swap_ms,
        "tables": restored.tables,
        "rows": restored.rows,
        "seconds": restored.seconds,
        **drill.findings_of(restored.proof),
    }
    Restore.objects.filter(pk=restore.pk).update(**figures)
    # Unless the reaper was faster, who had given this process up: then other swaps may have followed.
    Restore.objects.filter(pk=restore.pk, swapped_at=None).update(
        state=Restore.State.SWAPPED if live else Restore.State.ELSEWHERE,
        before_schema=restored.before_schema,
        swapped_at=now if live else None,
        undo_until=reaper.undo_until(now) if live else None,
    )
    restore.refresh_from_db()


def restore_result(restore: Restore) -> dict[str, Any]:
    return {
        "id": restore.archive_id,
        "restore": str(restore.pk),
        "target": restore.target,
        "tables": restore.tables,
        "rows": restore.rows,
        "seconds": round(restore.seconds, 3),
        "swap_ms": restore.swap_ms,
        "undo_until": restore.undo_until.isoformat() if restore.undo_until else None,
        "new_findings": restore.new_findings,
        "known_findings": restore.known_findings,
        "safety_archive": restore.safety_archive_id,
    }
