"""Reads for Cadangan: the list narrowed down, and what an archive is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from backups import queries
from backups.models import Archive, Job
from backups.models.archive import DATABASE, FILES

CONTENTS = {"database": [DATABASE], "files": [FILES], "both": [DATABASE, FILES]}
# More than its state: whether it was ever proven, is held, or unlike those before it.
UNPROVEN, PINNED, STRANGE = "unproven", "pinned", "strange"
DONE_WITH_IT = 12


@dataclass(frozen=True, slots=True)
class ArchiveSearch:
    """Each part may be empty. The days are those of the panel's time zone, both of them included."""

    state: str = ""
    purpose: str = ""
    content: str = ""
    since: date | None = None
    until: date | None = None


def found(search: ArchiveSearch) -> QuerySet[Archive]:
    archives = queries.archives().filter(_of_state(search.state))
    if search.purpose:
        archives = archives.filter(purpose=search.purpose)
    if search.content:
        archives = archives.filter(content=CONTENTS[search.content])
    if search.since:
        archives = archives.filter(created__gte=_midnight(search.since))
    if search.until:
        archives = archives.filter(created__lt=_midnight(search.until + timedelta(days=1)))
    return archives


def _of_state(state: str) -> Q:
    if state == UNPROVEN:
        return Q(proofs__isnull=True)
    if state == PINNED:
        return Q(pinned_until__gt=timezone.now())
    if state == STRANGE:
        return ~Q(anomalies=[])
    return Q(state=state) if state else Q()


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def before_it(archive: Archive) -> Archive | None:
    """The newest whole one before it that holds the same; a safety backup is no measure of anything."""
    earlier = queries.whole_archives(archive.database).filter(created__lt=archive.created)
    return earlier.filter(content=archive.content).first()


def done_with(archive: Archive) -> QuerySet[Job]:
    """What was made of it since, the newest first."""
    jobs = Job.objects.filter(archive=archive).exclude(kind=Job.Kind.BACKUP)
    told = jobs.select_related("requested_by").prefetch_related("slots__schedule")
    return told.defer("log", "result")[:DONE_WITH_IT]
