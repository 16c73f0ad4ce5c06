"""For the one who lost the phone, and the codes with it: at the server, by whoever may log in there."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db import transaction

from backups.models import User
from backups.models.visit import Ended
from backups.services import audit, visits
from backups.services.people_refusals import PersonUnknown


def reset(email: str) -> tuple[int, int]:
    """How many factors and sessions are gone. The password stays, and opens no more than a set-up."""
    person = User.objects.filter(email=email.strip().lower()).first()
    if person is None:
        raise PersonUnknown(email=email)
    with transaction.atomic():
        factors = Authenticator.objects.filter(user=person)
        kinds = sorted(factors.values_list("type", flat=True))
        factors.delete()
        sessions = visits.end_all(person, Ended.TAKEN_BACK)
        told = {"email": person.email, "factors": kinds, "sessions": sessions, "trigger": "command"}
        audit.record("reset_mfa", actor=None, about=person, details=told)
    return len(kinds), sessions
