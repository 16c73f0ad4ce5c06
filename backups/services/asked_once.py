"""One job at a time of what several clocks and people ask for at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from django.db.models import QuerySet

from backups.models import Job
from backups.models.job import ACTIVE


def asked_once(before: QuerySet[Job], key: str, ask: Callable[[str], Job]) -> Job:
    """The active one of `before`, or a new one that `ask` asks for by a numbered idempotency key.

    Counted before it is looked whether one is active: whoever asked in between is found, or asked for the
    same number, which is the same job. The other way round two of them would both be new.
    """
    asked = before.count()
    if active := before.filter(state__in=ACTIVE).first():
        return active
    for number in count(asked):
        job = ask(f"{key} {number}")
        if job.is_active:
            return job
    raise AssertionError("unreachable")
