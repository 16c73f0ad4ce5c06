"""People, their visits and the links that are open, for pages that list them."""

from __future__ import annotations

from collections.abc import Iterable

from django.apps import apps
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from backups.models import AuditEvent, Invitation, User, Visit


def everybody(open_visits: QuerySet[Visit]) -> QuerySet[User]:
    """Those who may come in first, then those who are switched off; each with their open sessions."""
    open_ = Count("visits", filter=Q(visits__in=open_visits))
    return User.objects.annotate(sessions=open_).order_by("-is_active", "-role", "name", "email")


def invitations() -> QuerySet[Invitation]:
    """Of newcomers: those that are open, and those that ran out unused, until somebody takes them back."""
    unused = Invitation.objects.filter(person=None, used_at=None, revoked_at=None)
    return unused.exclude(email__in=User.objects.values("email")).select_related("invited_by")


def with_second_factor(people: Iterable[User]) -> frozenset[int]:
    """Their ids; nobody's where the panel knows no second factor."""
    if not apps.is_installed("allauth.mfa"):
        return frozenset()
    from allauth.mfa.models import Authenticator

    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    found = Authenticator.objects.filter(user__in=[person.pk for person in people], type__in=kinds)
    return frozenset(found.values_list("user_id", flat=True))


def own_events(person: User) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(actor=person).select_related("actor").order_by("-pk")


def links_for(person: User) -> QuerySet[Invitation]:
    """For a new password, and still good."""
    return Invitation.objects.filter(
        person=person, used_at=None, revoked_at=None, expires_at__gt=timezone.now()
    )
