"""Reads for Aktivitas: what is under way, and what was, narrowed down to what somebody looks for."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

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
    found = _told_of(Job.objects.filter(pk__in=_unsettled())).order_by("created_at")[:MOST_SHOWN]
    return sorted(found, key=lambda job: job.state != State.RUNNING)


def _unsettled() -> set[UUID]:
    """Asked in two: with OR between them a server reads every job that there ever was."""
    active = Job.objects.filter(state__in=ACTIVE).order_by()
    return {*active.values_list("pk", flat=True), *holding().order_by().values_list("pk", flat=True)}


def holding() -> QuerySet[Job]:
    """Those that hold a system. By comparison: IS NOT NULL would read the whole index."""
    return Job.objects.filter(lock__gt="")


def waiting_count() -> int:
    return Job.objects.filter(state=State.QUEUED).count()


def ended(search: JobSearch = JobSearch()) -> tuple[QuerySet[Job], int]:
    """The newest first, and how many. Without their log: a page shows thirty of them."""
    jobs = _matching(search)
    active = [] if search.state else list(jobs.filter(state__in=ACTIVE).values_list("pk", flat=True))
    # Taken off the sum, since a count that has to look at each row's state takes a second.
    count = jobs.count() - len(active)
    return _told_of(jobs.exclude(pk__in=active)).defer("log", "result"), count


def _matching(search: JobSearch) -> QuerySet[Job]:
    jobs = Job.objects.filter(state=search.state) if search.state else Job.objects.all()
    if search.kind:
        jobs = jobs.filter(kind=search.kind)
    if search.asker in Trigger.values:
        jobs = jobs.filter(trigger=search.asker)
    elif search.asker:
        jobs = jobs.filter(requested_by__pk=int(search.asker))
    return jobs


def mark() -> str:
    """Another one whenever a job was asked for, begun, called off or ended."""
    newest = Job.objects.values_list("pk", flat=True).first()
    active = Job.objects.filter(pk__in=_unsettled()).order_by("pk")
    told = (newest, *active.values_list("pk", "state", "cancel_requested_at"))
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def _told_of(jobs: QuerySet[Job]) -> QuerySet[Job]:
    return jobs.select_related("requested_by", "archive").prefetch_related("slots__schedule")
