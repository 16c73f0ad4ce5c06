"""Wishes that wait for somebody, and what was done alone."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils import timezone

from backups.models import Approval, User
from backups.models.approval import GOOD, OPEN, State


def is_any_open() -> bool:
    """Whether there is anything to show anybody: mostly there is not, which is asked in one question."""
    wanted = Q(state__in=OPEN, until__gt=timezone.now())
    return Approval.objects.filter(wanted | Q(alone_at__isnull=False, noted_at=None)).exists()


def waiting_for(person: User) -> QuerySet[Approval]:
    """What this superadmin may decide about, the most urgent first."""
    wanted = _shown().filter(state=State.WANTED, until__gt=timezone.now())
    return wanted.exclude(asked_by=person).order_by("until")


def open_of(person: User) -> QuerySet[Approval]:
    """What this person asked for and may still do, or withdraw."""
    return _shown().filter(asked_by=person, state__in=OPEN, until__gt=timezone.now())


def agreed_to(person: User) -> QuerySet[Approval]:
    return open_of(person).filter(state__in=GOOD)


def past() -> QuerySet[Approval]:
    over = Q(state__in=OPEN, until__lte=timezone.now()) | ~Q(state__in=OPEN)
    return _shown().filter(over)


def unseen_alone() -> QuerySet[Approval]:
    """Done, or about to be done, without a second person: until another superadmin has taken note."""
    return _shown().filter(alone_at__isnull=False, noted_at=None).order_by("alone_at")


def superadmins() -> QuerySet[User]:
    return User.objects.filter(is_active=True, role=User.Role.SUPERADMIN)


def _shown() -> QuerySet[Approval]:
    return Approval.objects.select_related("asked_by", "decided_by", "noted_by", "archive", "job")
