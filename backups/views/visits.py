"""Every request of somebody who is signed in belongs to a visit that still holds, or it is nobody's."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, ngettext

from backups.models import User, Visit
from backups.models.visit import Ended
from backups.services import visits
from backups.services.profile import set_language
from backups.views.access import address_of
from backups.views.preferences import AT_THE_DOOR

VISIT = "visit"
# A form that took longer than this to arrive was work, too.
LONG_REQUEST = 60


class VisitMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Before the person is asked for: a session that no longer holds is emptied by that.
        number = request.session.get(VISIT)
        if not request.user.is_authenticated and number is None:
            return self.get_response(request)
        visit = Visit.objects.filter(pk=number or 0, person=request.user.pk).first()
        if why := visits.why_over(visit):
            _show_out(request, visit, why)
            return self.get_response(request)
        began = time.monotonic()
        if visit and _is_by_hand(request):
            visits.note_seen(visit)
        answer = self.get_response(request)
        if visit and time.monotonic() - began > LONG_REQUEST:
            visits.note_seen(visit)
        return answer


def _is_by_hand(request: HttpRequest) -> bool:
    """What a page asks for by itself, every second perhaps, keeps nobody signed in."""
    return request.method != "GET" or "HX-Request" not in request.headers


def _show_out(request: HttpRequest, visit: Visit | None, why: str) -> None:
    if visit:
        visits.end(Visit.objects.filter(pk=visit.pk), why)
    logout(request)
    messages.info(request, words_for(why))


def words_for(why: str) -> str:
    """What the sign-in page says to whoever was shown out."""
    if why == Ended.IDLE:
        told = ngettext(
            "You were signed out because nothing was done for %(n)d minute.",
            "You were signed out because nothing was done for %(n)d minutes.",
            settings.SESSION_IDLE_MINUTES,
        ) % {"n": settings.SESSION_IDLE_MINUTES}
    elif why == Ended.TOO_LONG:
        told = ngettext(
            "You were signed out: nobody stays signed in for more than %(n)d hour.",
            "You were signed out: nobody stays signed in for more than %(n)d hours.",
            settings.SESSION_MAX_HOURS,
        ) % {"n": settings.SESSION_MAX_HOURS}
    else:
        told = gettext("You were signed out here, from another device or by a superadmin.")
    onward = gettext(
        "What runs goes on. Something you had just sent was not done: sign in, and send it again."
    )
    return f"{told} {onward}"


@receiver(user_logged_in)
def begin_visit(sender: object, request: HttpRequest, user: User, **_: Any) -> None:
    """By whatever door: this is what every way of signing in comes through."""
    del sender
    visits.end(Visit.objects.filter(pk=request.session.get(VISIT) or 0), Ended.SIGNED_OUT)
    agent = request.META.get("HTTP_USER_AGENT", "")
    # At the door it was to be forgotten soon.
    request.session.set_expiry(None)
    request.session[VISIT] = visits.begin(user, address=address_of(request), agent=agent).pk
    set_language(user, request.COOKIES.get(AT_THE_DOOR, ""))


@receiver(user_logged_out)
def end_visit(sender: object, request: HttpRequest, **_: Any) -> None:
    del sender
    session = getattr(request, "session", {})
    visits.end(Visit.objects.filter(pk=session.get(VISIT) or 0), Ended.SIGNED_OUT)
