"""What jobs that did not come through left at the storages: files half-written, archives without a seal."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.utils import timezone

from backups.engine import pipeline
from backups.engine.errors import BackupError, StorageRefused
from backups.engine.pipeline.backup import SIDECAR
from backups.engine.pipeline.names import archive_of
from backups.engine.storage import ArchiveStorage
from backups.models import Archive, Job
from backups.models.job import ACTIVE

from . import storages

log = logging.getLogger(__name__)

# Nobody writes so slowly.
ABANDONED = timedelta(hours=24)


def sweep(job: Job) -> bool:
    """False when a storage did not answer: then it is to be tried again."""
    answered = [_swept(storage, job) for storage in storages.every()]
    return all(answered)


def sweep_here() -> None:
    """When workers start: whoever ended a job of theirs may be a host that does not reach this disk."""
    for storage in storages.every():
        try:
            for name in storage.sweep(_is_somebodys):
                log.warning("the unfinished archive %s was removed", name)
        except BackupError as error:
            log.warning("what was half-written is still there: %s", error)


def _swept(storage: ArchiveStorage, job: Job) -> bool:
    try:
        for name in storage.sweep(_is_somebodys):
            log.warning("the unfinished archive %s was removed", name)
        _remove_unsealed(storage, job)
    except StorageRefused as error:
        # That is an answer: whoever may list and delete there has to sweep.
        log.info("after the %s job %s: %s", job.kind, job.pk, error)
    except BackupError as error:
        log.warning("after the %s job %s: %s", job.kind, job.pk, error)
        return False
    return True


def _is_somebodys(name: str, written: datetime) -> bool:
    """Other panels may write into the same place; of theirs only what lay there for long is rubbish."""
    archive = archive_of(name.removesuffix(SIDECAR))
    # A copy of an archive is written long after the job that made it has ended.
    if Job.objects.filter(archive=archive, state__in=ACTIVE).exists():
        return True
    if Job.objects.filter(archive_begun=archive).exclude(state__in=ACTIVE).exists():
        return False
    return timezone.now() - written < ABANDONED


def _remove_unsealed(storage: ArchiveStorage, job: Job) -> None:
    """It died between an archive and the seal beside it: without that the archive does not exist."""
    if not job.archive_begun or _is_good(job):
        return
    name = pipeline.archive_name(job.system, job.archive_begun)
    if storage.exists(name) and not storage.exists(name + SIDECAR):
        storage.delete(name)
        log.warning("the archive %s, which has no seal, was removed", name)


def _is_good(job: Job) -> bool:
    """Somebody has read it back, and it was not being let go."""
    found = Archive.with_pruned.filter(pk=job.archive_begun, verified_at__isnull=False)
    if job.kind == Job.Kind.PRUNE:
        found = found.filter(pruned_at=None)
    return found.exists()
