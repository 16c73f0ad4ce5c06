"""The last moves of every sign-in, whatever it was made with."""

from __future__ import annotations

from allauth.account.utils import perform_login
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from backups.models import User
from backups.services import audit, sign_in
from backups.views import known_device
from backups.views.access import address_of
from backups.views.certainty import note_sure


def begin(request: HttpRequest, person: User, onward: str, *, typed: str = "") -> HttpResponse:
    """The password was right: to the second step where there is one, else in."""
    answer: HttpResponse = perform_login(request, person, redirect_url=onward)
    return entered(request, person, answer, by="password", typed=typed)


def entered(
    request: HttpRequest, person: User, answer: HttpResponse, *, by: str, typed: str = ""
) -> HttpResponse:
    """`by` what at last; where a step is still to come, nobody is in yet.

    `typed` is what this person's password was just right for; nothing else that a form holds is.
    """
    if not request.user.is_authenticated:
        return answer
    note_sure(request, second_factor_of=None if by == "password" else person)
    # As it was typed too: whoever comes from QParkIn has a name there.
    for account in {person.email, typed} - {""}:
        sign_in.forget_failures(known_device.counted_as(request, account))
    if not person.source:
        known_device.remember(request, answer, person)
    told = {"by": by} | ({"source": person.source} if person.source else {})
    audit.record("sign_in", actor=person, address=address_of(request), details=told)
    # The language chosen at the door counts; without a choice, the person's own.
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, person.language, samesite="Lax", secure=request.is_secure()
        )
    return answer
