"""Reading each copy whole once in VERIFY_DAYS: a share of them every day, while nothing else is to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db.models import QuerySet, Sum
from django.utils import timezone

from backups import queries, storage_queries
from backups.models import Archive, Copy, Job
from backups.models.archive import AHEAD
from backups.models.job import Kind, State, Trigger

from . import verify
from .asked_once import asked_once
from .connections import protected_database
from .giving_way import GaveWay
from .reading_share import Lying, next_to_read

# The clock beats every few seconds; this need not be known so often.
LOOKED = "rolling-looked"
LOOK_EVERY_SECONDS = 60
# One that failed, or took its worker down with it, is not tried again at once; what is in doubt is sooner.
AGAIN_AFTER = timedelta(hours=20)
IN_DOUBT_PAUSE = timedelta(hours=1)
WAITS_FOR = timedelta(hours=2)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def ask_when_quiet(now: datetime) -> Job | None:
    """At most one at a time, and none while anything else waits or is at work."""
    if settings.VERIFY_DAYS <= 0 or not cache.add(LOOKED, 1, LOOK_EVERY_SECONDS):
        return None
    if _is_busy(now):
        return None
    copy = _next(now)
    return _ask(copy.archive, copy.storage) if copy else None


def _is_busy(now: datetime) -> bool:
    """What waits for longer waits for a host that is not there."""
    at_work = Job.objects.filter(state=State.RUNNING)
    waiting = Job.objects.filter(state=State.QUEUED, created_at__gt=now - WAITS_FOR)
    return at_work.exists() or waiting.exists()


def _next(now: datetime) -> Copy | None:
    copies = {copy.pk: copy for copy in _readable()}
    tried = _tried(now)
    lying = [
        Lying(copy.pk, copy.bytes, _known_since(copy, now), doubted=copy.unread_at is not None)
        for copy in copies.values()
        if now >= _not_before(copy, tried.get((copy.archive_id, copy.storage), []), now)
    ]
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    wanted = next_to_read(lying, now, days=settings.VERIFY_DAYS, read_today=_read_since(today))
    return copies[wanted.pk] if wanted else None


def _known_since(copy: Copy, now: datetime) -> datetime:
    """A time that is still to come was told by a clock that ran ahead: then nobody knows."""
    return copy.known_since if copy.known_since < now + AHEAD else LONG_AGO


def _not_before(copy: Copy, tried: list[datetime], now: datetime) -> datetime:
    """What is in doubt is read at once, and then after longer and longer pauses."""
    if copy.unread_at:
        return max([min(copy.unread_at, now), *tried]) + len(tried) * IN_DOUBT_PAUSE
    return max(tried) + AGAIN_AFTER if tried else _known_since(copy, now)


def _readable() -> QuerySet[Copy]:
    """Whole as far as anybody knows, at storages that answer."""
    away = storage_queries.failing() | storage_queries.in_doubt()
    places = [name for name in storage_queries.names() if name not in away]
    ours = queries.archives_of(protected_database())
    lying = Copy.objects.filter(archive__in=ours, storage__in=places, state=Copy.State.WHOLE)
    return lying.filter(leaving__isnull=True).select_related("archive")


def _asked() -> QuerySet[Job]:
    """What this module asked for. One that gave way to other work did not count."""
    asked = Job.objects.filter(kind=Kind.VERIFY, trigger=Trigger.SCHEDULE, options__has_key="storage")
    return asked.exclude(error_code=GaveWay.code)


def _tried(now: datetime) -> dict[tuple[str | None, str], list[datetime]]:
    """When each copy was asked for lately, by archive and storage."""
    found: dict[tuple[str | None, str], list[datetime]] = {}
    for job in _asked().filter(created_at__gt=now - AGAIN_AFTER, created_at__lt=now + AHEAD):
        found.setdefault((job.archive_id, job.options["storage"]), []).append(job.created_at)
    return found


def _read_since(moment: datetime) -> int:
    today = _asked().filter(created_at__range=(moment, moment + timedelta(days=2)))
    found = today.aggregate(bytes=Sum("archive__bytes"))
    return int(found["bytes"] or 0)


def _ask(archive: Archive, storage: str) -> Job:
    before = Job.objects.filter(kind=Kind.VERIFY, archive=archive, options__storage=storage)
    return asked_once(
        before,
        f"read {archive.pk} {storage}",
        lambda key: verify.request_verify(
            archive,
            requested_by=None,
            trigger=Trigger.SCHEDULE,
            storage=storage,
            idempotency_key=key,
        ),
    )
