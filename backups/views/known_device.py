"""A browser in which somebody has signed in before has a count of wrong tries of its own.

Whoever guesses at an account from elsewhere then keeps strangers waiting, and not its owner (OWASP calls it a
device cookie). It opens nothing: who takes it along has eight tries more at that one account.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from backups.models import User
from backups.services import sign_in

KEPT = timedelta(days=180)
SALT = "backups.known-device"


def counted_as(request: HttpRequest, account: str) -> str:
    """The name under which tries at this account are counted, from this browser."""
    device = _device(request, account)
    return sign_in.on_device(device) if device else account


def remember(request: HttpRequest, answer: HttpResponse, person: User) -> None:
    """Once all of a sign-in was right."""
    device = _device(request, person.email) or secrets.token_urlsafe(16)
    answer.set_cookie(
        settings.DEVICE_COOKIE_NAME, signing.dumps([device, sign_in.digest_of(person.email)], salt=SALT),
        max_age=int(KEPT.total_seconds()), samesite="Lax", secure=request.is_secure(), httponly=True,
    )  # fmt: skip


def _device(request: HttpRequest, account: str) -> str:
    """'' where nobody, or somebody else, has signed in here before."""
    try:
        told = signing.loads(request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), salt=SALT, max_age=KEPT)
        device, of = told
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(device) if of == sign_in.digest_of(account) else ""
