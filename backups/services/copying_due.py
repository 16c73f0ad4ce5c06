"""Which copies are missing where, and which of them is to be made next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from backups import queries
from backups.models import Archive, AuditEvent, Copy, Job
from backups.models.job import ACTIVE, Kind, Trigger

from . import storages
from .connections import protected_database

DAY = timedelta(days=1)


def next_ones() -> Iterator[tuple[str, Archive]]:
    """(storage, archive): for each storage that is not being copied to, the newest one that it lacks."""
    room, now = _room(), timezone.now()
    busy = {job.options.get("storage") for job in _in_the_background().filter(kind=Kind.COPY)}
    for position, storage in enumerate(storages.every()):
        if room <= 0:
            return
        if storage.name in busy:
            continue
        archive = lacking(storage.name, now, is_first=position == 0).first()
        if archive is not None:
            room -= 1
            yield storage.name, archive


def all_lacking() -> list[tuple[str, Archive]]:
    """Whenever they were tried: somebody asks for it now."""
    return [
        (storage.name, archive)
        for position, storage in enumerate(storages.every())
        for archive in lacking(storage.name, None, is_first=position == 0)
    ]


def lacking(storage: str, now: datetime | None, *, is_first: bool = False) -> QuerySet[Archive]:
    """Archives of ours whose copy there is not whole and may be tried by `now`; they are whole elsewhere.

    The first storage is written to by backups: there, only copies that were are made anew.
    """
    here = Copy.objects.filter(storage=storage)
    due = here.exclude(state=Copy.State.WHOLE).filter(leaving__isnull=True)
    if now:
        # No pause is as long as that: a clock ran ahead.
        due = due.filter(Q(try_after=None) | Q(try_after__lte=now) | Q(try_after__gt=now + 2 * DAY))
    elsewhere = Copy.objects.filter(archive=OuterRef("pk"), state=Copy.State.WHOLE, leaving__isnull=True)
    elsewhere = elsewhere.exclude(storage=storage)
    ours = queries.archives_of(protected_database())
    # One list for all, not a question for each archive: there may be thousands, and nearly none is due.
    lacking = Q(pk__in=due.values("archive"))
    if not is_first:
        # What retention has let go there is not brought back.
        let_go = AuditEvent.objects.filter(action="drop_archive", details__storage=storage)
        lacking |= ~Q(pk__in=here.values("archive")) & ~Q(pk__in=let_go.values("object_id"))
    return ours.filter(lacking).filter(Exists(elsewhere))


def _room() -> int:
    """One worker stays free: neither a slow upload nor a long check holds up a backup."""
    return max(1, settings.WORKERS - 1) - _in_the_background().count()


def _in_the_background() -> QuerySet[Job]:
    return Job.objects.filter(kind__in=(Kind.COPY, Kind.VERIFY), state__in=ACTIVE, trigger=Trigger.SCHEDULE)
