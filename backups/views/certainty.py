"""How sure the panel is of who sits there: by what, and since when."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone

from backups.models import User
from backups.services.second_factor import factors

FRESH = timedelta(minutes=5)
# Whoever opened a page of these in time may read it in peace and send it; anything else is asked for anew.
FRESH_TO_SEND = timedelta(minutes=30)
WHEN, OPENED, SECOND = "was_sure_at", "opened_by_the_sure", "second_factor_of"
MOST_OPENED = 10


def note_sure(request: HttpRequest, *, second_factor_of: User | None = None) -> None:
    """The password, or a second factor, was given just now."""
    request.session[WHEN] = timezone.now().timestamp()
    request.session[OPENED] = []
    if second_factor_of:
        request.session[SECOND] = second_factor_of.pk


def gave_second_factor(request: HttpRequest, person: User) -> bool:
    """In this session, whenever that was."""
    return bool(request.session.get(SECOND) == person.pk)


def is_sure(request: HttpRequest, person: User) -> bool:
    # A large file takes longer to arrive than anybody stays sure: it counts when it began to.
    now = getattr(request, "upload_began", None) or timezone.now()
    was_opened = request.method != "GET" and request.path in request.session.get(OPENED, [])
    allowed = FRESH_TO_SEND if was_opened else FRESH
    age = now.timestamp() - float(request.session.get(WHEN, 0))
    if not 0 <= age <= allowed.total_seconds():
        return False
    # A password says nothing where there is something better to ask for.
    return gave_second_factor(request, person) or not factors.has_one(person)


def note_opened(request: HttpRequest) -> None:
    opened = [path for path in request.session.get(OPENED, []) if path != request.path]
    request.session[OPENED] = [*opened, request.path][-MOST_OPENED:]
