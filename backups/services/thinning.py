"""Clearing by the clock: after each new backup, and at least once a day."""

from __future__ import annotations

from datetime import datetime

from django.core.cache import cache
from django.utils import timezone

from backups import queries, storage_queries
from backups.models import Job
from backups.models.job import Trigger

from . import policies, prune, shelves
from .connections import protected_database

# For which day and newest archive it was last looked whether anything has to go.
LOOKED = "thinning-looked"


def start_when_due(now: datetime) -> Job | None:
    """A job only where something goes by the index: a list of jobs that did nothing helps nobody."""
    newest = queries.whole_archives(protected_database()).values_list("pk", flat=True).first()
    mark = f"prune {timezone.localdate(now)} {newest or ''}"
    if newest is None or cache.get(LOOKED) == mark:
        return None
    _, plans = shelves.plan(now, storage_queries.failing())
    asked, refusing = None, policies.refusing(now)
    if any(plan.dropped for name, plan in plans.items() if name not in refusing):
        asked = prune.request_prune(requested_by=None, trigger=Trigger.SCHEDULE, idempotency_key=mark)
    cache.set(LOOKED, mark, None)
    return asked
