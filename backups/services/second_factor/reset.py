"""For the one who lost the phone, and the codes with it: at the server, by whoever may log in there."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from backups.models import User
from backups.services import audit
from backups.services.refusals import PersonUnknown


def reset(email: str) -> tuple[int, int]:
    """How many factors and sessions are gone. The password stays, and opens no more than a set-up."""
    person = User.objects.filter(email=email.strip().lower()).first()
    if person is None:
        raise PersonUnknown(email=email)
    with transaction.atomic():
        factors = Authenticator.objects.filter(user=person)
        kinds = sorted(factors.values_list("type", flat=True))
        factors.delete()
        sessions = _end_sessions(person)
        told = {"email": person.email, "factors": kinds, "sessions": sessions, "trigger": "command"}
        audit.record("reset_mfa", actor=None, about=person, details=told)
    return len(kinds), sessions


def _end_sessions(person: User) -> int:
    open_ones = Session.objects.filter(expire_date__gt=timezone.now()).iterator()
    theirs = [one.pk for one in open_ones if one.get_decoded().get(SESSION_KEY) == str(person.pk)]
    return Session.objects.filter(pk__in=theirs).delete()[0]
