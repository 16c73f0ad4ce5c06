"""Looking at an archive byte for byte, at each storage where it lies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backups.engine import pipeline
from backups.engine.errors import ArchiveUnknown, BackupError, SealBroken
from backups.engine.pipeline import Source
from backups.engine.pipeline.in_turn import ANOTHER, OF_THIS_COPY, gravest
from backups.engine.seal import Seal
from backups.engine.storage import ArchiveStorage
from backups.engine.stream import Progress
from backups.models import Archive, AuditEvent, Copy, Job, User
from backups.models.job import Kind, Trigger

from . import archives, audit, copies, copy_rows, job_log, jobs, keys, reading, retained, storages
from .finished import Finished
from .giving_way import GivingWay
from .index_row import from_seal
from .watch import Watch


def request_verify(
    archive: Archive,
    *,
    requested_by: User | None,
    trigger: str,
    deep: bool = False,
    storage: str = "",
    address: str = "",
    idempotency_key: str | None = None,
) -> Job:
    """Of every copy, or of the one at `storage`."""
    if storage and storage not in {where.name for where, _ in storages.everywhere(archive)}:
        raise storages.unknown(storage)
    return jobs.request(
        Kind.VERIFY,
        requested_by=requested_by,
        trigger=trigger,
        archive=archive,
        options={"deep": deep, **({"storage": storage} if storage else {})},
        idempotency_key=idempotency_key,
        address=address,
    )


def run_verify(job: Job, progress: Watch) -> Finished:
    """One copy that fails keeps no other from being looked at; then the first problem is raised."""
    archive, deep = archives.of(job), bool(job.options.get("deep"))
    told, members = [], 0
    problems: list[BackupError] = []
    # What the clock asked for takes no worker from anybody.
    watch = GivingWay(progress) if job.trigger == Trigger.SCHEDULE else progress
    for storage, name in storages.asked_for(archive, job.options.get("storage", "")):
        job_log.note("from_storage", storage=storage.name)
        try:
            members = check_at(archive, storage, name, deep=deep, progress=watch).members
            told.append({"storage": storage.name, "ok": True})
        except OF_THIS_COPY as problem:
            problems.append(problem)
            told.append({"storage": storage.name, "ok": False, "code": problem.code})
    Job.objects.filter(pk=job.pk).update(result={"id": archive.pk, "ok": not problems, "copies": told})
    if problems:
        copies.ask_for_what_is_due()
        raise gravest(problems)
    result: dict[str, Any] = {"id": archive.pk, "ok": True, "members": members, "copies": told}
    audited = {"archive": archive.pk, "deep": deep, "storages": [line["storage"] for line in told]}
    return Finished(result=result, archive=archive, audited=audited)


def check_copy(archive: str, *, storage: str, progress: Watch) -> None:
    """Every byte of the copy at one storage against its seal."""
    copy = Copy.objects.select_related("archive").get(archive=archive, storage=storage)
    place = storages.named(storage)
    if place is None:
        raise ArchiveUnknown(archive=archive)
    check_at(copy.archive, place, copy.name, deep=False, progress=progress)


def check_archive(archive: Archive, *, deep: bool, progress: Watch) -> pipeline.Verified:
    """Every byte of the copy that would be opened first."""
    storage, name = storages.holding(archive)
    return check_at(archive, storage, name, deep=deep, progress=progress)


def check_at(
    archive: Archive, storage: ArchiveStorage, name: str, *, deep: bool, progress: Progress
) -> pipeline.Verified:
    """Every byte against the seal; what is found goes on the copy's row."""
    source = Source(storage, name, archive.pk, keys.to_open() if deep else keys.to_check())
    try:
        verified = pipeline.verify(source, deep=deep, progress=progress)
        _refuse_another(archive, storage.name, verified.seal)
    except OF_THIS_COPY as problem:
        reading.note(archive, storage.name, problem)
        raise
    copy_rows.mark_whole(archive, storage=storage.name, sha256=verified.sha256)
    retained.note(archive.pk, storage)
    return verified


def _refuse_another(archive: Archive, storage: str, seal: Seal) -> None:
    """Two archives with one id: the one that is whole is it; of two whole ones the one that was known."""
    if seal.digest == archive.seal_digest or not archive.seal_digest:
        return
    if archive.copies.filter(state=Copy.State.WHOLE).exclude(storage=storage).exists():
        raise SealBroken(archive=archive.pk, what=ANOTHER)
    size = archive.copies.get(storage=storage).bytes
    # Nothing here can say which of the two was first; so at least it is never taken in silence.
    told = {"storage": storage, "before": archive.seal_digest, "after": seal.digest}
    audit.record("other_seal", actor=None, about=archive, outcome=AuditEvent.Outcome.FAILED, details=told)
    Archive.with_pruned.filter(pk=archive.pk).update(**from_seal(seal, size=size))


def settle_doubles(progress: Progress) -> Iterator[BackupError]:
    """Where two archives have one id, read all of both."""
    for copy in Copy.objects.filter(problem_params__what=ANOTHER).select_related("archive"):
        for storage, name in storages.everywhere(copy.archive):
            try:
                check_at(copy.archive, storage, name, deep=False, progress=progress)
            except BackupError as problem:
                yield problem
