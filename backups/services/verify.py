"""Looking at an archive byte for byte."""

from __future__ import annotations

from backups.engine import pipeline
from backups.engine.errors import ArchiveDamaged, ArchiveUnknown, SealBroken
from backups.engine.pipeline import Source
from backups.models import Archive, Copy, Job, User
from backups.models.job import Kind

from . import archives, catalogue, jobs, keys, storages
from .finished import Finished
from .watch import Watch


def request_verify(
    archive: Archive, *, requested_by: User | None, trigger: str, deep: bool = False, address: str = ""
) -> Job:
    return jobs.request(
        Kind.VERIFY,
        requested_by=requested_by,
        trigger=trigger,
        archive=archive,
        options={"deep": deep},
        address=address,
    )


def run_verify(job: Job, progress: Watch) -> Finished:
    archive, deep = archives.of(job), bool(job.options.get("deep"))
    verified = check_archive(archive, deep=deep, progress=progress)
    result = {"id": archive.pk, "ok": True, "members": verified.members}
    return Finished(result=result, archive=archive, audited={"archive": archive.pk, "deep": deep})


def check_copy(archive: str, *, storage: str, progress: Watch) -> None:
    """Every byte of the copy at one storage against its seal."""
    copy = Copy.objects.select_related("archive").get(archive=archive, storage=storage)
    place = storages.named(storage)
    if place is None:
        raise ArchiveUnknown(archive=archive)
    _check(copy.archive, Source(place, copy.name, archive, keys.to_check()), deep=False, progress=progress)


def check_archive(archive: Archive, *, deep: bool, progress: Watch) -> pipeline.Verified:
    """Every byte against the seal; what is found goes on the archive's row."""
    source = storages.source(archive, keys.to_open() if deep else keys.to_check())
    return _check(archive, source, deep=deep, progress=progress)


def _check(archive: Archive, source: Source, *, deep: bool, progress: Watch) -> pipeline.Verified:
    try:
        verified = pipeline.verify(source, deep=deep, progress=progress)
    except (ArchiveDamaged, SealBroken) as problem:
        catalogue.mark_damaged(archive, storage=source.storage.name, problem=problem)
        raise
    catalogue.mark_whole(archive, storage=source.storage.name)
    return verified
