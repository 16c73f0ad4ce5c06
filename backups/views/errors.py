"""Where Django has no page of its own; 403, 404 and 500 are templates that it finds by name."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.csrf import csrf_failure


def too_often(request: HttpRequest, *, seconds: int) -> HttpResponse:
    answer = render(request, "429.html", status=429)
    answer["Retry-After"] = str(seconds)
    return answer


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's own page; the record tells it from a page for others."""
    request.csrf_refused = True  # type: ignore[attr-defined]
    return csrf_failure(request, reason=reason)
