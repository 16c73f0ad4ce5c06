"""Visits: from signing in to signing out, or to where they end by themselves.

Nothing done for `SESSION_IDLE_MINUTES`, or `SESSION_MAX_HOURS` since the sign-in, and it is over; half an
hour and twelve hours unless the settings say otherwise, as NIST SP 800-63B has it for two factors (AAL2).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db.models import Max, QuerySet
from django.utils import timezone

from backups.models import User, Visit
from backups.models.visit import Ended

from .devices import device_of, network_of

# Not every click is written down.
NOTED_EVERY = timedelta(minutes=1)
# No two hosts' clocks are further apart; what lies further ahead, a clock that was wrong has put there.
ASKEW = timedelta(hours=1)
# As long as a place is known again.
KEPT = timedelta(days=180)
CLEARED, CLEARED_EVERY = "visits-cleared", 3600


def begin(person: User, *, address: str, agent: str) -> Visit:
    """Somebody has just signed in."""
    now, device, network = timezone.now(), device_of(agent), network_of(address)
    earlier = Visit.objects.filter(person=person)
    known = (
        earlier.filter(network=network).exists()
        and earlier.filter(browser=device.browser, system=device.system).exists()
    )
    return Visit.objects.create(
        person=person, began_at=now, seen_at=now, address=address[:45], network=network,
        browser=device.browser, system=device.system, new_place=not known and earlier.exists(),
    )  # fmt: skip


def open_visits(now: datetime | None = None) -> QuerySet[Visit]:
    """Those that still hold."""
    now = now or timezone.now()
    seen = {"seen_at__gt": now - idle_time(), "seen_at__lte": now + ASKEW}
    recent = Visit.objects.filter(ended_at=None, **seen)
    return recent.filter(began_at__gt=now - longest_time(), began_at__lte=now + ASKEW)


def why_over(visit: Visit | None, now: datetime | None = None) -> str:
    """One of `Ended`; '' while it holds. A visit that nobody knows was taken back."""
    now = now or timezone.now()
    if visit is None:
        return Ended.TAKEN_BACK
    if visit.ended_at:
        return visit.ended_because
    if not -ASKEW <= now - visit.began_at < longest_time():
        return Ended.TOO_LONG
    return "" if -ASKEW <= now - visit.seen_at < idle_time() else Ended.IDLE


def note_seen(visit: Visit, now: datetime | None = None) -> None:
    now = now or timezone.now()
    if now - visit.seen_at >= NOTED_EVERY:
        Visit.objects.filter(pk=visit.pk, ended_at=None).update(seen_at=now)


def end(visits: QuerySet[Visit], because: str) -> int:
    """At once: the next request of each finds the door closed. Returns how many there were."""
    return visits.filter(ended_at=None).update(ended_at=timezone.now(), ended_because=because)


def end_all(person: User, because: str, *, but: int | None = None) -> int:
    """Of one person; the one that `but` names goes on."""
    return end(open_visits().filter(person=person).exclude(pk=but or 0), because)


def clear_old(now: datetime) -> None:
    """From the clock. Each person's last one stays: by it the next one from elsewhere is seen to be new."""
    if not cache.add(CLEARED, "", CLEARED_EVERY):
        return
    Session.objects.filter(expire_date__lt=now).delete()
    last = User.objects.annotate(last=Max("visits")).exclude(last=None).values_list("last", flat=True)
    Visit.objects.filter(began_at__lt=now - KEPT).exclude(pk__in=list(last)).delete()


def idle_time() -> timedelta:
    return timedelta(minutes=settings.SESSION_IDLE_MINUTES)


def longest_time() -> timedelta:
    return timedelta(hours=settings.SESSION_MAX_HOURS)
