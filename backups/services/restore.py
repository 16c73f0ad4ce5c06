"""Restoring: a safety backup first, then the archive in a shadow, proven, and swapped in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from functools import partial
from typing import Any

from django.utils import timezone

from backups.engine import pipeline
from backups.engine.errors import DatabaseMissing, TableUnknown
from backups.engine.pipeline import Restored, Wishes
from backups.models import Archive, Job, Restore, User
from backups.models.job import Kind

from . import application, archives, backup, drill, jobs, keys, reaper, storages
from .connections import (
    forget_protected_state,
    protected_database,
    restore_server,
)
from .finished import Finished
from .folders import DATABASE
from .preview import PreviewRow, RestorePreview, ScopePreview, preview_restore, scope_preview
from .refusals import Usage
from .watch import Watch

__all__ = [
    "PreviewRow",
    "RestorePreview",
    "ScopePreview",
    "preview_restore",
    "refuse_unknown",
    "request_restore",
    "restore_result",
    "run_restore",
    "scope_preview",
]


def request_restore(  # noqa: PLR0913 - each is one switch of the form
    archive: Archive,
    *,
    requested_by: User | None,
    trigger: str,
    target: str | None = None,
    tables: Iterable[str] = (),
    beside: bool = False,
    accepted: Iterable[str] = (),
    accept_dangling: bool = False,
    safety_backup: bool = True,
    enable_events: bool = False,
    reason: str = "",
    address: str = "",
) -> Job:
    """Ask for a restore: over the live database, or into the new or empty database `target`.

    With `tables` only these; `beside` puts them into the live database under other names, and replaces none.
    """
    chosen = tuple(dict.fromkeys(tables))
    _refuse_nonsense(chosen, target=target, beside=beside)
    if not target:
        archives.refuse_other(archive)
    refuse_unknown(archive, chosen)
    options = {
        "target": target,
        "tables": list(chosen),
        "beside": beside,
        "accept_dangling": accept_dangling,
        "accepted": sorted(accepted),
        "safety_backup": safety_backup,
        "enable_events": enable_events,
        "reason": reason,
    }
    return jobs.request(
        Kind.RESTORE,
        requested_by=requested_by,
        trigger=trigger,
        archive=archive,
        options=options,
        address=address,
    )


def _refuse_nonsense(tables: tuple[str, ...], *, target: str | None, beside: bool) -> None:
    if beside and target:
        raise Usage(reason="--beside puts tables into the live database; leave out --database")
    if beside and not tables:
        raise Usage(reason="--beside needs the tables: --tables a,b")


def refuse_unknown(archive: Archive, tables: Iterable[str]) -> None:
    """As far as the index knows, and before anything is done; the engine looks at the archive itself."""
    known = {str(table["name"]).casefold() for table in archive.table_rows}
    unknown = [name for name in tables if name.casefold() not in known]
    if known and unknown:
        raise TableUnknown(tables=", ".join(unknown))


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
        _keep_proof(job, archive, refused.proof)
        reaper.settle(restore)
        raise
    except BaseException:
        # Unless it went live after all, which the journal on the server knows.
        reaper.settle(restore)
        raise
    finally:
        forget_protected_state()
    _complete(restore, restored)
    _keep_proof(job, archive, restored.proof)
    if restored.swap_ms is not None and not job.options.get("beside"):
        around.fit()
    audited = {"archive": archive.pk, "target": restore.target, "accepted": restore.accepted}
    result = {**restore_result(restore), "application": around.told(), "scope": scope_result(job, restored)}
    return Finished(result=result, archive=archive, audited=audited)


def _keep_proof(job: Job, archive: Archive, proof: pipeline.Proof) -> None:
    """What was proven of a part says nothing good of the archive: its files were not looked at."""
    if not job.options.get("tables") and not (proof.proven and archive.holds_files):
        drill.record_proof(archive, job, proof)


def scope_result(job: Job, restored: Restored) -> dict[str, Any] | None:
    """What became of chosen tables; None where all were restored."""
    if not job.options.get("tables"):
        return None
    return {
        "tables": job.options["tables"],
        "beside": dict(restored.names),
        "left_out": list(restored.left_out),
        "dangling": [asdict(one) for one in restored.dangling],
    }


def _scope(job: Job) -> str:
    if job.options.get("beside"):
        return "beside"
    return "tables" if job.options.get("tables") else "database"


def _begin(job: Job, archive: Archive) -> Restore:
    return Restore.objects.create(
        job=job,
        archive=archive,
        target=job.options.get("target") or protected_database(),
        scope=_scope(job),
        accepted=job.options.get("accepted", []),
        requested_by=job.requested_by,
    )


def _live(job: Job, restore: Restore, progress: Watch, around: application.Around) -> Restored:
    archive = archives.of(job)
    archives.refuse_other(archive)
    if job.options.get("beside"):
        return _beside(job, restore, progress)
    keep_what_is_there(job, restore, archive, progress)
    road = pipeline.restore
    if tables := _tables(job):
        road = partial(pipeline.restore_tables, tables=tables)
    with around:
        return road(
            storages.source(archive, keys.to_open()),
            server=restore_server(),
            database=protected_database(),
            restore_id=reaper.mark_of(restore),
            wishes=wishes_of(job),
            before_swap=around.after(progress.confirm),
            progress=progress,
        )


def _beside(job: Job, restore: Restore, progress: Watch) -> Restored:
    """Nothing is replaced: the application may stay open, and no safety backup is needed."""
    restore.safety_skipped = True
    restore.save()
    return pipeline.restore_beside(
        storages.source(archives.of(job), keys.to_open()),
        server=restore_server(),
        database=protected_database(),
        tables=_tables(job),
        stamp=f"{timezone.localdate():%Y%m%d}",
        restore_id=reaper.mark_of(restore),
        before_swap=progress.confirm,
        progress=progress,
    )


def _tables(job: Job) -> tuple[str, ...]:
    return tuple(job.options.get("tables", ()))


def _elsewhere(job: Job, restore: Restore, progress: Watch) -> Restored:
    return pipeline.restore_elsewhere(
        storages.source(archives.of(job), keys.to_open()),
        server=restore_server(),
        database=protected_database(),
        target=restore.target,
        wishes=wishes_of(job),
        progress=progress,
        tables=_tables(job),
    )


def wishes_of(job: Job) -> Wishes:
    return Wishes(
        accepted=frozenset(job.options.get("accepted", ())),
        enable_events=bool(job.options.get("enable_events")),
        accept_dangling=bool(job.options.get("accept_dangling")),
    )


def keep_what_is_there(
    job: Job, restore: Restore, archive: Archive, progress: Watch, *, content: str = DATABASE
) -> None:
    """A safety backup, and the rows that will be gone; where the database is gone there is neither."""
    try:
        restore.lost_rows = [
            {"table": row.table, "now": row.now, "after": row.after, "unreadable": row.unreadable}
            for row in preview_restore(archive, _tables(job)).changed
        ]
        if job.options.get("safety_backup", True):
            restore.safety_archive = backup.make_safety_archive(job, progress=progress, content=content)
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
