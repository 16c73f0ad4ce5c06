"""Who holds a job: claimed by one conditional UPDATE, kept by a heartbeat, lost by silence."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from backups.engine.errors import BackupError, Busy, Cancelled
from backups.models import Archive, Job
from backups.models.job import State, Trigger

from .steady import steadily

LEASE = timedelta(seconds=20)
# A command claims what it asked for at once; one that did not has died in between.
CLAIMED_WITHIN = timedelta(seconds=60)
# No worker that lives has a lease for longer: the clock was ahead when this one was last renewed.
FARTHEST = timedelta(seconds=60)


def claim(job_id: uuid.UUID | str, worker: str) -> Job | None:
    """Take a waiting job. None when somebody else has it; Busy when the system has a writing job."""
    job = steadily(Job.objects.filter(pk=job_id, state=State.QUEUED).first)
    if job is None:
        return None
    now = timezone.now()

    def take() -> None:
        with transaction.atomic():
            Job.objects.filter(pk=job_id, state=State.QUEUED).update(
                state=State.RUNNING, worker=worker, lock=job.system if job.writes else None,
                started_at=now, heartbeat_at=now, lease_until=now + LEASE,
            )  # fmt: skip

    try:
        steadily(take)
    except IntegrityError:
        raise Busy(system=job.system) from None
    # By the name, not by the count: the answer to a claim that went through may have been lost.
    return steadily(Job.objects.filter(pk=job_id, state=State.RUNNING, worker=worker).first)


def new_worker_name() -> str:
    """Unlike any other, so that a lease that was lost is never renewed by its former holder."""
    return f"{os.environ.get('QPARKIN_CLUSTER', socket.gethostname())}:{os.getpid()}:{uuid.uuid4().hex[:8]}"[
        -100:
    ]


def renew(job: Job, **progress: Any) -> Job | None:
    """Keep the lease and write progress; the job as it is now, or None when it is no longer ours."""
    now = timezone.now()
    mine = Job.objects.filter(pk=job.pk, state=State.RUNNING, worker=job.worker).update(
        heartbeat_at=now, lease_until=now + LEASE, **progress
    )
    return Job.objects.get(pk=job.pk) if mine else None


def keep_log(job: Job, entries: list[dict[str, Any]]) -> None:
    _mine(job).update(log=entries)


def finish(job: Job, *, result: Mapping[str, Any], archive: Archive | None = None) -> bool:
    values: dict[str, Any] = {"state": State.DONE, "result": dict(result)}
    if archive is not None:
        values["archive"] = archive
    return _end(job, **values)


def fail(job: Job, error: BackupError) -> bool:
    state = State.CANCELLED if isinstance(error, Cancelled) else State.FAILED
    return _end(job, state=state, error_code=error.code, error_params=dict(error.params))


def release(job: Job) -> bool:
    """Back into the queue: the system is busy, and whoever asked does not wait for an answer."""
    return _mine(job).update(state=State.QUEUED, worker="", lock=None, lease_until=None) == 1


def _end(job: Job, **values: Any) -> bool:
    mine = job.worker
    now = timezone.now()
    steadily(lambda: _mine(job).update(finished_at=now, lock=None, lease_until=None, **values))
    steadily(job.refresh_from_db)
    # By the row, not by the count: the answer to an update that went through may have been lost.
    return job.state == values["state"] and job.worker == mine


def _mine(job: Job) -> QuerySet[Job]:
    return Job.objects.filter(pk=job.pk, state=State.RUNNING, worker=job.worker)


def overdue(now: datetime) -> list[Job]:
    """Jobs whose worker was not heard of within the lease, and commands that died before theirs began."""
    silent = Q(state=State.RUNNING) & (Q(lease_until__lt=now) | Q(lease_until__gt=now + FARTHEST))
    unborn = Q(state=State.QUEUED, trigger=Trigger.COMMAND, created_at__lt=now - CLAIMED_WITHIN)
    return list(Job.objects.filter(silent | unborn))


def interrupt(job: Job, *, now: datetime) -> bool:
    """End an overdue job, unless its worker was heard of meanwhile. Its lock stays until all is clear."""
    still = Job.objects.filter(pk=job.pk, state=job.state, worker=job.worker, lease_until=job.lease_until)
    return still.update(
        state=State.INTERRUPTED, finished_at=now, lease_until=None,
        error_code="interrupted", error_params={"reason": "its worker stopped"},
    ) == 1  # fmt: skip
