"""Reads for Aktivitas: what is under way, and what was, narrowed down to what somebody looks for."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from backups.models import Job
from backups.models.job import ACTIVE, State, Trigger

# More than that at once is a queue that nobody works at; its length is said all the same.
MOST_SHOWN = 30


@dataclass(frozen=True, slots=True)
class JobSearch:
    """Each part may be empty; `asker` is a trigger, or the number of a person."""

    kind: str = ""
    state: str = ""
    asker: str = ""


def under_way() -> list[Job]:
    """At work first, then what waits in the order of asking; and what broke off and is being cleared up."""
    unsettled = Q(state__in=ACTIVE) | Q(lock__isnull=False)
    found = _told_of(Job.objects.filter(unsettled)).order_by("created_at")[:MOST_SHOWN]
    return sorted(found, key=lambda job: job.state != State.RUNNING)


def waiting_count() -> int:
    return Job.objects.filter(state=State.QUEUED).count()


def ended(search: JobSearch = JobSearch()) -> QuerySet[Job]:
    """The newest first. Without their log: a page shows thirty of them."""
    jobs = Job.objects.filter(state=search.state) if search.state else Job.objects.exclude(state__in=ACTIVE)
    if search.kind:
        jobs = jobs.filter(kind=search.kind)
    if search.asker in Trigger.values:
        jobs = jobs.filter(trigger=search.asker)
    elif search.asker:
        jobs = jobs.filter(requested_by__pk=int(search.asker))
    return _told_of(jobs).defer("log", "result")


def mark() -> str:
    """Another one whenever a job was asked for, begun, called off or ended."""
    newest = Job.objects.values_list("pk", flat=True).first()
    active = Job.objects.filter(Q(state__in=ACTIVE) | Q(lock__isnull=False)).order_by("pk")
    told = (newest, *active.values_list("pk", "state", "cancel_requested_at"))
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def _told_of(jobs: QuerySet[Job]) -> QuerySet[Job]:
    return jobs.select_related("requested_by", "archive").prefetch_related("slots__schedule")
