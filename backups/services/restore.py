"""Restoring: a safety backup first, then the archive in a shadow, proven, and swapped in."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Any

from django.utils import timezone

from backups.engine import pipeline
from backups.engine.pipeline import Restored, Wishes
from backups.models import Archive, Job, Restore

from . import application, archives, drill, keys, reading, reaper, safety
from .connections import (
    forget_protected_state,
    protected_database,
    restore_server,
)
from .finished import Finished
from .preview import PreviewRow, RestorePreview, ScopePreview, preview_restore, scope_preview
from .restore_request import refuse_unknown, request_restore
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
    audited |= audited_of(restore)
    result = {**restore_result(restore), "application": around.told(), "scope": scope_result(job, restored)}
    return Finished(result=result, archive=archive, audited=audited)


def audited_of(restore: Restore) -> dict[str, Any]:
    """What makes it less than the archive as it is, for ever on record."""
    rewritten = [f"{one['kind']} {one['name']}" for one in restore.rewritten]
    found = {"rewritten": rewritten, "no_safety_backup": restore.safety_why}
    return {name: value for name, value in found.items() if value}


def _keep_proof(job: Job, archive: Archive, proof: pipeline.Proof) -> None:
    """What was proven of a part says nothing good of the archive: its files were not looked at.

    And of code that was spelled anew it says nothing at all: the archive holds other code.
    """
    if proof.rewritten:
        return
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
    safety.keep_what_is_there(job, restore, archive, progress)
    road = pipeline.restore
    if tables := _tables(job):
        road = partial(pipeline.restore_tables, tables=tables)
    with around:
        return road(
            reading.source(archive, keys.to_open()),
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
        reading.source(archives.of(job), keys.to_open()),
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
        reading.source(archives.of(job), keys.to_open()),
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
        fix_case=bool(job.options.get("fix_case")),
    )


def _complete(restore: Restore, restored: Restored) -> None:
    now = timezone.now()
    live = restored.swap_ms is not None
    figures: dict[str, Any] = {
        "swap_ms": restored.swap_ms,
        "tables": restored.tables,
        "rows": restored.rows,
        "seconds": restored.seconds,
        **proven_of(restored.proof),
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


def proven_of(proof: pipeline.Proof) -> dict[str, Any]:
    """What a proof found, and what it is not equal in."""
    return {**drill.findings_of(proof), "rewritten": [told_of(one) for one in proof.rewritten]}


def told_of(rewritten: pipeline.Respelling) -> dict[str, Any]:
    told = asdict(rewritten)
    return {
        **told,
        "names": [list(pair) for pair in rewritten.names],
        "lines": [list(p) for p in rewritten.lines],
    }


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
        "rewritten": restore.rewritten,
        "safety_skipped": restore.safety_why,
        "safety_archive": restore.safety_archive_id,
    }
