"""Restoring folders of files, alone or with the database of the same archive as one act."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from backups.engine import pipeline
from backups.engine.pipeline import Undone, WithFiles
from backups.models import Archive, Job, Restore

from . import application, archives, drill, folders, keys, reading, reaper, restore, safety
from .connections import forget_protected_state, protected_database, restore_server
from .finished import Finished
from .folders import EVERYTHING, FILES
from .watch import Watch


def run_restore(job: Job, progress: Watch) -> Finished:
    """By what was asked for: the database alone, or files too."""
    scope = job.options.get("scope")
    if job.options.get("into"):
        return _run_into(job, progress)
    if scope not in (FILES, EVERYTHING):
        return restore.run_restore(job, progress)
    archive = archives.of(job)
    folders.settle() if scope == FILES else reaper.settle_swaps()
    begun = Restore.objects.create(
        job=job,
        archive=archive,
        target=protected_database(),
        scope=scope,
        accepted=job.options.get("accepted", []),
        requested_by=job.requested_by,
    )
    return _run(job, begun, archive, progress)


def _run(job: Job, begun: Restore, archive: Archive, progress: Watch) -> Finished:
    around = application.Around(reaper.mark_of(begun))
    try:
        safety.keep_what_is_there(job, begun, archive, progress, content=begun.scope)
        with around:
            done = _restored(job, begun, archive, around.after(progress.confirm), progress)
    except (pipeline.NotAccepted, pipeline.Unproven) as refused:
        _keep_proof(job, archive, refused.proof)
        reaper.settle(begun)
        raise
    except BaseException:
        # Unless it went live after all, which the journals know.
        reaper.settle(begun)
        raise
    finally:
        forget_protected_state()
    _complete(begun, done)
    around.fit()
    if done.restored is not None:
        _keep_proof(job, archive, done.restored.proof)
    files = {"folders": done.folders, "files": done.files, "file_bytes": done.bytes}
    files["owners_lost"] = done.owners_lost
    result = {**restore.restore_result(begun), **files, "scope": begun.scope, "application": around.told()}
    audited = {"archive": archive.pk, "target": begun.target, "scope": begun.scope, "files": done.files}
    audited |= restore.audited_of(begun)
    return Finished(result=result, archive=archive, audited=audited)


def _run_into(job: Job, progress: Watch) -> Finished:
    """Nothing live is touched: the application stays open, and there is nothing to keep."""
    archive, into = archives.of(job), job.options["into"]
    begun = Restore.objects.create(
        job=job,
        archive=archive,
        target=protected_database(),
        scope=FILES,
        folder=into,
        safety_skipped=True,
        requested_by=job.requested_by,
    )
    try:
        folders.refuse_tangled(into)
        done = pipeline.restore_files_into(
            reading.source(archive, keys.to_open()),
            into=into,
            mark=reaper.mark_of(begun),
            progress=progress,
        )
    except BaseException:
        Restore.objects.filter(pk=begun.pk).update(state=Restore.State.FAILED)
        raise
    Restore.objects.filter(pk=begun.pk).update(state=Restore.State.ELSEWHERE, seconds=done.seconds)
    begun.refresh_from_db()
    files: dict[str, Any] = {"folders": len(done.places), "files": done.files, "file_bytes": done.bytes}
    files |= {"owners_lost": done.owners_lost, "into": into, "places": [list(place) for place in done.places]}
    result = {**restore.restore_result(begun), **files, "scope": FILES, "application": []}
    audited = {"archive": archive.pk, "scope": FILES, "into": into, "files": done.files}
    return Finished(result=result, archive=archive, audited=audited)


def _keep_proof(job: Job, archive: Archive, proof: pipeline.Proof) -> None:
    """Of code that was spelled anew it says nothing of the archive."""
    if not proof.rewritten:
        drill.record_proof(archive, job, proof)


def _restored(
    job: Job, begun: Restore, archive: Archive, before_swap: Callable[[], None], progress: Watch
) -> WithFiles:
    return pipeline.restore_with_files(
        reading.source(archive, keys.to_open()),
        server=restore_server() if begun.scope == EVERYTHING else None,
        database=protected_database(),
        restore_id=reaper.mark_of(begun),
        folders=folders.configured(),
        wishes=restore.wishes_of(job),
        before_swap=before_swap,
        progress=progress,
    )


def _complete(begun: Restore, done: WithFiles) -> None:
    figures: dict[str, Any] = {"swap_ms": done.swap_ms, "seconds": done.seconds}
    before_schema = ""
    if done.restored is not None:
        before_schema = done.restored.before_schema
        figures |= {"tables": done.restored.tables, "rows": done.restored.rows}
        figures |= restore.proven_of(done.restored.proof)
    Restore.objects.filter(pk=begun.pk).update(**figures)
    now = timezone.now()
    # Unless the reaper was faster, who had given this process up: then other swaps may have followed.
    Restore.objects.filter(pk=begun.pk, swapped_at=None).update(
        state=Restore.State.SWAPPED,
        before_schema=before_schema,
        keeps_files=True,
        swapped_at=now,
        undo_until=reaper.undo_until(now),
    )
    begun.refresh_from_db()


def undo(made: Restore, before_swap: Callable[[], None], progress: Watch) -> Undone:
    """All that the restore brought goes back, by the same road."""
    return pipeline.undo_with_files(
        restore_server() if folders.is_of_database(made) else None,
        database=made.target,
        restore_id=reaper.mark_of(made),
        folders=folders.configured(),
        before_swap=before_swap,
        progress=progress,
    )
