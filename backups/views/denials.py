"""What was refused at the door of a page: on the record, whoever asked."""

from __future__ import annotations

import logging

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponseBase

from backups.models import AuditEvent, User
from backups.services import repeats

log = logging.getLogger(__name__)

WHY = {401: "token", 403: "role", 429: "too_often"}
# Where "not there" is what is said to whoever may not have it.
NOT_THERE = {"download-link": "link", "export-link": "link", "badge": "token"}
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def note_denied(request: HttpRequest, answer: HttpResponseBase) -> None:
    """A record that cannot be written now changes no answer: it was a refusal, and stays one."""
    why = _why(request, answer.status_code)
    if why is None:
        return
    method = request.method if request.method in METHODS else "other"
    told = {"route": _route(request), "method": method, "why": why}
    person = request.user if isinstance(request.user, User) else None
    try:
        repeats.note("denied", actor=person, outcome=AuditEvent.Outcome.REFUSED, details=told)
    except DatabaseError:
        log.exception("a refused request was not recorded")


def _why(request: HttpRequest, status: int) -> str | None:
    if getattr(request, "csrf_refused", False):
        return "csrf"
    if status == 404:
        route = _route(request)
        return NOT_THERE.get(route) if route != "badge" or settings.STATUS_BADGE_KEY else None
    return WHY.get(status)


def _route(request: HttpRequest) -> str:
    return str(request.resolver_match.url_name) if request.resolver_match else ""
