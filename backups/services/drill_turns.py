"""Each storage has its turn: its newest archive is fetched from there and proven, before its proof is old.

A drill right after a backup proves what the first storage keeps, since the copies are not there yet.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db.models import Max
from django.utils import timezone

from backups import queries, storage_queries
from backups.models import Archive, Copy, Job, Proof
from backups.models.archive import AHEAD
from backups.models.job import ACTIVE, Kind, Trigger

from . import abilities, drill, hosts
from .connections import protected_database

LOOKED = "drill-turns-looked"
LOOK_EVERY_SECONDS = 60
# One that failed is not tried again at once.
AGAIN_AFTER = timedelta(hours=20)


def ask_when_due(now: datetime) -> Job | None:
    """At most one at a time, and only where there are several storages."""
    if not settings.DRILL_AFTER_BACKUP or len(storage_queries.names()) < 2:
        return None
    if not cache.add(LOOKED, 1, LOOK_EVERY_SECONDS):
        return None
    if Job.objects.filter(state__in=ACTIVE, writes=True).exists():
        return None
    for storage in _due(now):
        archive = _newest_at(storage)
        if archive is not None and hosts.is_offered(abilities.needed(Kind.DRILL, {"storage": storage})):
            return drill.request_drill(
                archive, requested_by=None, trigger=Trigger.SCHEDULE, storage=storage,
                idempotency_key=f"turn {storage} {now:%Y%m%d%H%M}",
            )  # fmt: skip
    return None


def _due(now: datetime) -> list[str]:
    """Storages that answer and whose last proof is as old as one may be, those without any first."""
    away = storage_queries.failing() | storage_queries.in_doubt()
    tried = Job.objects.filter(kind=Kind.DRILL, created_at__gt=now - AGAIN_AFTER, created_at__lt=now + AHEAD)
    tried_at = {job.options.get("storage") for job in tried}
    proven = last_proven()
    limit = now - timedelta(days=settings.PROOF_AMBER_DAYS)
    waiting = [
        name
        for name in storage_queries.names()
        if name not in away | tried_at and (name not in proven or proven[name] <= limit)
    ]
    return sorted(waiting, key=lambda name: (name in proven, proven.get(name, now)))


def last_proven() -> dict[str, datetime]:
    """By storage: when an archive that was read from there was last proven."""
    ours = queries.archives_of(protected_database())
    # One that a clock of 2099 has dated says nothing of how old it is.
    dated = Proof.objects.filter(made_at__lt=timezone.now() + AHEAD)
    proofs = dated.filter(archive__in=ours, proven=True).exclude(storage="")
    return dict(proofs.order_by().values_list("storage").annotate(Max("made_at")))


def _newest_at(storage: str) -> Archive | None:
    there = Copy.objects.filter(storage=storage, state=Copy.State.WHOLE, leaving__isnull=True)
    return queries.whole_archives(protected_database()).filter(pk__in=there.values("archive")).first()
