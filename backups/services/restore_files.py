"""Restoring folders of files, alone or with the database of the same archive as one act."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.utils import timezone

from backups.engine import pipeline
from backups.engine.errors import NotInArchive
from backups.engine.pipeline import Undone, WithFiles
from backups.models import Archive, Job, Restore, User
from backups.models.job import Kind

from . import application, archives, backup, drill, folders, jobs, keys, reaper, restore, storages
from .connections import forget_protected_state, protected_database, restore_server
from .finished import Finished
from .folders import DATABASE, EVERYTHING, FILES
from .watch import Watch


def request_restore_of_files(  # noqa: PLR0913 - each is one switch of the form
    archive: Archive,
    *,
    requested_by: User | None,
    trigger: str,
    scope: str,
    accepted: Iterable[str] = (),
    safety_backup: bool = True,
    enable_events: bool = False,
    reason: str = "",
    address: str = "",
) -> Job:
    """`scope` is files, or everything: database and files as one act with one undo."""
    archives.refuse_other(archive)
    refuse_without(archive, scope)
    options = {
        "scope": scope,
        "target": None,
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


def refuse_without(archive: Archive, scope: str) -> None:
    """Refuse to restore what the archive does not hold."""
    needed = {FILES: ("files",), DATABASE: ("database",), EVERYTHING: ("database", "files")}[scope]
    for part in needed:
        if part not in archive.content:
            raise NotInArchive(archive=archive.pk, what="the database" if part == DATABASE else part)


def run_restore(job: Job, progress: Watch) -> Finished:
    """By what was asked for: the database alone, or files too."""
    scope = job.options.get("scope")
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
        _keep_what_is_there(job, begun, archive, progress)
        with around:
            done = _restored(job, begun, archive, around.after(progress.confirm), progress)
    except (pipeline.NotAccepted, pipeline.Unproven) as refused:
        drill.record_proof(archive, job, refused.proof)
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
        drill.record_proof(archive, job, done.restored.proof)
    files = {"folders": done.folders, "files": done.files, "file_bytes": done.bytes}
    files["owners_lost"] = done.owners_lost
    result = {**restore.restore_result(begun), **files, "scope": begun.scope, "application": around.told()}
    audited = {"archive": archive.pk, "target": begun.target, "scope": begun.scope, "files": done.files}
    return Finished(result=result, archive=archive, audited=audited)


def _restored(
    job: Job, begun: Restore, archive: Archive, before_swap: Callable[[], None], progress: Watch
) -> WithFiles:
    return pipeline.restore_with_files(
        storages.source(archive, keys.to_open()),
        server=restore_server() if begun.scope == EVERYTHING else None,
        database=protected_database(),
        restore_id=reaper.mark_of(begun),
        folders=folders.configured(),
        wishes=restore.wishes_of(job),
        before_swap=before_swap,
        progress=progress,
    )


def _keep_what_is_there(job: Job, begun: Restore, archive: Archive, progress: Watch) -> None:
    """A safety backup of what will be moved aside; of files alone that is only those that are there."""
    if begun.scope == EVERYTHING:
        restore.keep_what_is_there(job, begun, archive, progress, content=EVERYTHING)
        return
    if job.options.get("safety_backup", True) and folders.present():
        begun.safety_archive = backup.make_safety_archive(job, progress=progress, content=FILES)
    else:
        begun.safety_skipped = True
    begun.save()


def _complete(begun: Restore, done: WithFiles) -> None:
    figures: dict[str, Any] = {"swap_ms": done.swap_ms, "seconds": done.seconds}
    before_schema = ""
    if done.restored is not None:
        before_schema = done.restored.before_schema
        figures |= {"tables": done.restored.tables, "rows": done.restored.rows}
        figures |= drill.findings_of(done.restored.proof)
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
