"""What one person hears of, by mail to their own address: in words for whoever works in a mall, no figures.

A superadmin's own channels tell the whole story; here is only whether all is well, and what concerns oneself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from django.db import transaction
from django.urls import reverse

from backups import mall_news, queries
from backups.models import AuditEvent, Channel, Job, Notice, User, Visit
from backups.services import repeats, secret_text
from backups.services.connections import protected_database

from .tidings import FACTOR_CHANGES, NEWS, Tiding

# What may be chosen; what concerns somebody's own account is told unasked.
UNSAFE, SAFE, RESTORING = "data_unsafe", "data_safe", "data_restored_now"
RESTORED = "data_restored"
CHOICES = (UNSAFE, SAFE, RESTORING)
# Whoever hears that a restore has begun hears of its end too.
ALONG = {RESTORING: (RESTORING, RESTORED)}
FOR_MALLS = frozenset({UNSAFE, SAFE, RESTORING, RESTORED})


@dataclass(frozen=True, slots=True)
class Wishes:
    kinds: tuple[str, ...]
    quiet_from: time | None
    quiet_until: time | None


def wishes_of(person: User) -> Wishes:
    channel = Channel.objects.filter(person=person).first()
    if channel is None:
        return Wishes((), None, None)
    kinds = tuple(kind for kind in CHOICES if kind in channel.kinds)
    return Wishes(kinds, channel.quiet_from, channel.quiet_until)


def set_wishes(person: User, wishes: Wishes) -> None:
    kinds = [kind for choice in wishes.kinds for kind in ALONG.get(choice, (choice,))]
    with transaction.atomic():
        channel = channel_of(person)
        channel.kinds, channel.quiet_from, channel.quiet_until = kinds, wishes.quiet_from, wishes.quiet_until
        channel.save()
        # Each wish once in a while: the record only grows.
        repeats.note("change_own_notices", actor=person, details={"kinds": list(wishes.kinds)})


def channel_of(person: User) -> Channel:
    """Made where it is missing. Nothing in it rings at night: nobody in a mall could do anything then."""
    first = {
        "name": f"{person.email[:80]} (#{person.pk})",
        "kind": Channel.Kind.MAIL,
        "locked_address": secret_text.lock(person.email),
        "hint": person.email[:200],
        "language": person.language,
        "enabled": person.is_active,
        "urgent_rings": False,
    }
    return Channel.objects.get_or_create(person=person, defaults=first)[0]


def tidings(now: datetime) -> Iterator[Tiding]:
    since = now - NEWS
    if Channel.objects.filter(person__isnull=False, enabled=True).exclude(kinds=[]).exists():
        yield from _state()
        yield from _restores(since)
    yield from _new_places(since)
    yield from _factors(since)


def _state() -> Iterator[Tiding]:
    """Only a change is news: what was told last is in the rows of what was told."""
    state = queries.home_state(protected_database()).state
    last = Notice.objects.filter(kind__in=(UNSAFE, SAFE)).order_by("-pk").first()
    key, page = f"after {last.pk if last else 0}", reverse("home")
    if state == "attention" and not (last and last.kind == UNSAFE):
        yield Tiding(UNSAFE, f"unsafe {key}", page)
    elif state == "safe" and last and last.kind == UNSAFE:
        yield Tiding(SAFE, f"safe {key}", page)


def _restores(since: datetime) -> Iterator[Tiding]:
    """Of live data; what is tried out beside it is no concern of a mall."""
    page = reverse("home")
    jobs = Job.objects.filter(kind__in=(Job.Kind.RESTORE, Job.Kind.UNDO), created_at__gte=since)
    for job in jobs:
        if not job.started_at or not mall_news.touches_live(job):
            continue
        yield Tiding(RESTORING, f"{job.pk} malls", page)
        if job.is_finished:
            yield Tiding(RESTORED, f"{job.pk} malls done", page)


def _new_places(since: datetime) -> Iterator[Tiding]:
    for visit in Visit.objects.filter(new_place=True, began_at__gte=since):
        told = {"address": visit.address, "device": f"{visit.browser} {visit.system}".strip() or "?"}
        yield Tiding("own_new_place", f"visit {visit.pk} own", reverse("me"), told, visit.person_id)


def _factors(since: datetime) -> Iterator[Tiding]:
    changes = AuditEvent.objects.filter(action__in=FACTOR_CHANGES, at__gte=since, outcome="ok")
    for pk, actor in changes.exclude(actor=None).values_list("pk", "actor_id"):
        yield Tiding("own_factor_changed", f"event {pk} own", reverse("me"), {}, actor)


def hears(channel: Channel, tiding: Tiding) -> bool:
    """Whether a person's own channel is for this."""
    if tiding.person is not None:
        return channel.person_id == tiding.person
    return tiding.kind in channel.kinds


def with_that_of(tiding: Tiding, listening: Sequence[Channel]) -> Sequence[Channel]:
    """Whoever has never set anything is told all the same of what concerns their account."""
    if tiding.person is None or any(channel.person_id == tiding.person for channel in listening):
        return listening
    person = User.objects.filter(pk=tiding.person, is_active=True, source="").first()
    return [*listening, channel_of(person)] if person else listening
