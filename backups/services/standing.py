"""Why a job does not move, where that needs a word: it waits, is being called off, or its worker is gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from backups import activity_queries
from backups.models import Job, WorkerHost
from backups.models.job import State, Trigger

from . import hosts

# A knock is answered within seconds; whoever waits for longer finds every worker at work.
SOON = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Standing:
    """`slug` is turn, behind, workers_busy, nobody, silent_workers, command, silent, cancelling, clearing
    or nothing at all.

    `behind` is the job that it waits for, `since` when somebody was last heard of.
    """

    slug: str = ""
    behind: Job | None = None
    since: datetime | None = None


def of(job: Job) -> Standing:
    return of_each([job])[job.pk]


def of_each(jobs: Iterable[Job]) -> Mapping[Any, Standing]:
    """Two questions, however many jobs; none where nothing waits, as a page asks every second."""
    told, now = list(jobs), timezone.now()
    waits = any(job.state == State.QUEUED for job in told)
    known = list(WorkerHost.objects.order_by("-seen_at")) if waits else []
    holders = {str(job.lock): job for job in activity_queries.holding()} if waits else {}
    return {job.pk: _standing(job, known, holders, now) for job in told}


def _standing(job: Job, known: list[WorkerHost], holders: Mapping[str, Job], now: datetime) -> Standing:
    if job.state == State.QUEUED:
        return _waiting(job, known, holders, now)
    if job.state == State.RUNNING and job.lease_until and job.lease_until < now:
        return Standing("silent", since=job.heartbeat_at)
    if job.state == State.RUNNING and job.cancel_requested_at:
        return Standing("cancelling")
    return Standing("clearing") if job.is_finished and job.lock else Standing()


def _waiting(job: Job, known: list[WorkerHost], holders: Mapping[str, Job], now: datetime) -> Standing:
    if job.trigger == Trigger.COMMAND:
        return Standing("command")
    able = next((host for host in known if host.can_meet(job.needs)), None)
    if able is None:
        return Standing("nobody")
    if able.seen_at < now - hosts.LIVE:
        return Standing("silent_workers", since=able.seen_at)
    if job.writes and (holder := holders.get(job.system)):
        return Standing("behind", behind=holder)
    return Standing("workers_busy" if now - job.created_at > SOON else "turn")
