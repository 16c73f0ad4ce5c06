"""Which hosts have workers, what they offer, and when they were last heard of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from backups.models import Job, WorkerHost

from . import abilities, queue
from .refusals import KeyElsewhere, NobodyOffers

# The clock tells every five seconds; a storage that is slow to list may hold it up for a while.
LIVE = timedelta(seconds=60)
# A knock at a door where nobody is does no harm.
RECENT = timedelta(minutes=10)
FORGOTTEN = timedelta(days=7)


def note_here(now: datetime | None = None) -> None:
    """This host has workers, and they are there."""
    now = now or timezone.now()
    values = {"offers": sorted(abilities.offered()), "seen_at": now, "version": settings.VERSION}
    WorkerHost.objects.update_or_create(name=settings.WORKER_NAME, defaults=values)
    for host in WorkerHost.objects.filter(seen_at__lt=now - FORGOTTEN):
        forget(host)


def note_start() -> None:
    note_here()
    WorkerHost.objects.filter(name=settings.WORKER_NAME).update(started_at=timezone.now())


def forget(host: WorkerHost) -> None:
    """It is gone for good: nobody counts on it, and what was knocked at its door is thrown away."""
    queue.clear(host.name)
    host.delete()


def live() -> list[WorkerHost]:
    return list(WorkerHost.objects.filter(seen_at__gt=timezone.now() - LIVE))


def last_heard_of(needs: Iterable[str] = ()) -> WorkerHost | None:
    """Of those that meet `needs` the one that answered last."""
    found = WorkerHost.objects.order_by("-seen_at")
    return next((host for host in found if host.can_meet(list(needs))), None)


def is_offered(needs: list[str]) -> bool:
    """By this host as it is set up, or by one that answered within days."""
    return set(needs) <= abilities.offered() or last_heard_of(needs) is not None


def refuse_unless_offered(needs: list[str]) -> None:
    if is_offered(needs):
        return
    refuse_without_the_key(needs)
    raise NobodyOffers(needs=", ".join(missing(needs)))


def refuse_without_the_key(needs: list[str]) -> None:
    """Where this host has no key and another one is known to have it: that one is named."""
    if abilities.IDENTITY not in needs or abilities.IDENTITY in abilities.offered():
        return
    holder = last_heard_of([abilities.IDENTITY])
    if holder is not None:
        raise KeyElsewhere(host=holder.name)


def missing(needs: list[str]) -> list[str]:
    """What no host offers at all; where each is offered by some and all by none: everything."""
    offers: set[str] = set(abilities.offered()).union(*(host.offers for host in WorkerHost.objects.all()))
    return [need for need in needs if need not in offers] or needs


def doors(job: Job) -> list[str]:
    """Where to knock for a job: at each host that may take it and was heard of lately, else here."""
    recent = WorkerHost.objects.filter(seen_at__gt=timezone.now() - RECENT)
    able = [host.name for host in recent if host.can_meet(job.needs)]
    if able:
        return able
    return [settings.WORKER_NAME] if abilities.can_do(job) else []


def is_ours_to_clear(job: Job) -> bool:
    """After a worker that fell silent: its own host clears up while it lives, else any that is able."""
    if not abilities.reaches_places_of(job):
        return False
    return not any(_worked_on(job, host.name) for host in live() if host.name != settings.WORKER_NAME)


def _worked_on(job: Job, name: str) -> bool:
    cluster = job.worker.split(":")[0]
    return cluster == name or (cluster.startswith(f"{name}-") and cluster[len(name) + 1 :].isdecimal())
