"""After jobs that did not come through: what they left is swept, and what they sealed is read back.

A worker that dies while it reads back what it wrote leaves an archive with a good seal: it is listed, since
what a storage holds is listed, but nobody has seen yet that every byte of it is there.
"""

from __future__ import annotations

import logging
from datetime import datetime

from backups.engine import pipeline
from backups.engine.errors import BackupError, StorageRefused
from backups.engine.pipeline.backup import SIDECAR
from backups.engine.storage import ArchiveStorage
from backups.models import Archive, Job
from backups.models.job import Kind, State, Trigger

from . import jobs, leftovers, storage_look, storages

log = logging.getLogger(__name__)

ENDED_BADLY = (State.INTERRUPTED, State.FAILED, State.CANCELLED)


def look_after(now: datetime) -> None:
    """Until every storage has answered, for a day at most."""
    since = now - leftovers.ABANDONED
    ended = Job.objects.filter(state__in=ENDED_BADLY, finished_at__gte=since, lock=None)
    for job in ended.exclude(archive_begun=""):
        if leftovers.sweep(job) and _read_back(job):
            Job.objects.filter(pk=job.pk).update(archive_begun="")


def _read_back(job: Job) -> bool:
    """True when nothing is left to be done. Every storage is asked, whatever another one answers."""
    name = pipeline.archive_name(job.system, job.archive_begun)
    answers = [_taken_up(storage, name) for storage in storages.every()]
    if False in answers:
        return False
    archive = Archive.objects.filter(pk=job.archive_begun, verified_at=None).first()
    if archive is not None and archive.is_whole:
        jobs.request(
            Kind.VERIFY,
            requested_by=None,
            trigger=Trigger.SCHEDULE,
            archive=archive,
            options={"deep": False},
            idempotency_key=f"read back {archive.pk}",
        )
    return True


def _taken_up(storage: ArchiveStorage, name: str) -> bool:
    """Into the index, if it lies there sealed; by name, since not every key may list. False: no answer."""
    try:
        if storage.exists(name + SIDECAR):
            storage_look.take_up(storage, name)
    except StorageRefused:
        # So a key that may not list is told of what is not there.
        return True
    except BackupError as error:
        log.warning("whether %s lies at %s is not known: %s", name, storage.name, error)
        return False
    return True
