"""Reads of the record of who did what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from backups.models import AuditEvent


@dataclass(frozen=True, slots=True)
class AuditSearch:
    """Each part may be empty. The days are those of the panel's time zone, both of them included."""

    text: str = ""
    action: str = ""
    outcome: str = ""
    since: date | None = None
    until: date | None = None


def audit_events(search: AuditSearch = AuditSearch()) -> QuerySet[AuditEvent]:
    events = AuditEvent.objects.select_related("actor")
    if search.text:
        text = search.text
        found = Q(actor_label__icontains=text) | Q(actor__name__icontains=text) | Q(object_id__icontains=text)
        events = events.filter(found | Q(address__icontains=text) | Q(details__icontains=text))
    if search.action:
        events = events.filter(action=search.action)
    if search.outcome:
        events = events.filter(outcome=search.outcome)
    if search.since:
        events = events.filter(at__gte=_midnight(search.since))
    if search.until:
        events = events.filter(at__lt=_midnight(search.until + timedelta(days=1)))
    return events


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
