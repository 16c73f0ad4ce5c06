"""Errors in our own words. Little can go wrong with them: neither a person nor a database is asked.

400, 413, 500 and 503 come from here; 403 and 404 are templates that Django finds by name.
"""

from __future__ import annotations

import sys
from math import ceil

from django.core.exceptions import RequestDataTooBig
from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    NotSupportedError,
    ProgrammingError,
)
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.utils import translation
from django.views.csrf import csrf_failure

from backups.views.chosen_language import language_of

# A fault of ours; any other error of a database says that it is away, full, locked or broken.
OUR_FAULT = (IntegrityError, DataError, ProgrammingError, NotSupportedError)
AWAY_SECONDS = 30


def said(request: HttpRequest, template: str, *, status: int, **shown: object) -> HttpResponse:
    """Outside of every middleware's reach, maybe: so the language is looked up anew."""
    # Only if it is known already who it is; asking would be a question to the database.
    own = getattr(getattr(request, "_cached_user", None), "language", "")
    with translation.override(own or language_of(request)):
        # And without the request's processors, for the same reason.
        page = get_template(template).render({"request": request, **shown})
    return HttpResponse(page, status=status)


def too_often(request: HttpRequest, *, seconds: int) -> HttpResponse:
    answer = said(request, "429.html", status=429, minutes=ceil(seconds / 60))
    answer["Retry-After"] = str(seconds)
    return answer


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return said(request, "413.html", status=413)
    return said(request, "400.html", status=400)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's own page; the record tells it from a page for others."""
    request.csrf_refused = True  # type: ignore[attr-defined]
    return csrf_failure(request, reason=reason)


def broken(request: HttpRequest) -> HttpResponse:
    """Called while the error is being handled, so it can be asked what it is."""
    error = sys.exc_info()[1]
    away = isinstance(error, DatabaseError) and not isinstance(error, OUR_FAULT)
    if not (away or isinstance(error, InterfaceError)):
        return said(request, "500.html", status=500)
    answer = said(request, "503.html", status=503)
    answer["Retry-After"] = str(AWAY_SECONDS)
    return answer
