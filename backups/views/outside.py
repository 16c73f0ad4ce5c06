"""For those who watch from outside: a health check, Prometheus, and QParkIn's own dashboards.

None of these has a session. Each shows itself to whoever holds its token, and to nobody where none is set.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from backups.services import metrics
from backups.services.status import status
from backups.views.verdict import SENTENCES

View = Callable[..., HttpResponseBase]
BADGE_SECONDS = 60


def over_tls(view: View) -> View:
    """A machine that asks in the clear has shown its token to the network: it is told, and not led on."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if settings.SECURE_SSL_REDIRECT and not request.is_secure():
            return HttpResponse("Ask by https://\n", status=403, content_type="text/plain; charset=utf-8")
        return view(request, *args, **kwargs)

    return guarded


def bearer(setting: str) -> Callable[[View], View]:
    """Only with `Authorization: Bearer` and the token of that setting."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest) -> HttpResponseBase:
            token = getattr(settings, setting)
            if not token:
                raise Http404
            scheme, _, given = request.headers.get("Authorization", "").partition(" ")
            if scheme.lower() == "bearer" and constant_time_compare(given.strip(), token):
                return view(request)
            return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})

        return guarded

    return guard


@never_cache
@require_GET
def health(request: HttpRequest) -> HttpResponse:
    """Whether the panel itself can answer; it says nothing about the backups."""
    del request
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "unavailable"}, status=503)
    return JsonResponse({"status": "ok"})


@never_cache
@require_GET
@over_tls
@bearer("METRICS_TOKEN")
def prometheus(request: HttpRequest) -> HttpResponse:
    del request
    return HttpResponse(metrics.exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")


@never_cache
@require_GET
@over_tls
@bearer("STATUS_TOKEN")
def api_status(request: HttpRequest) -> HttpResponse:
    now = status()
    with translation.override(_language(request)):
        sentence = translation.gettext(SENTENCES[now.home.state])
    return JsonResponse(
        {
            "state": now.home.state,
            "sentence": sentence,
            "last_backup_at": _iso(now.seen.last_backup_at),
            "next_run_at": _iso(now.seen.next_run_at),
            "last_proof_at": _iso(now.seen.last_proof_at),
            "url": request.build_absolute_uri(reverse("home")),
        }
    )


@require_GET
@over_tls
def badge(request: HttpRequest, key: str) -> HttpResponse:
    """A picture for a page of QParkIn's; whoever sees that page sees its address, hence a key of its own."""
    if not settings.STATUS_BADGE_KEY or not constant_time_compare(key, settings.STATUS_BADGE_KEY):
        raise Http404
    now = status()
    with translation.override(_language(request)):
        shown = {"state": now.home.state, "sentence": translation.gettext(SENTENCES[now.home.state])}
        answer = render(request, "badge.svg", shown, content_type="image/svg+xml")
    answer["Cache-Control"] = f"private, max-age={BADGE_SECONDS}"
    # It stands in a page of another site, and its key is all that guards it.
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


def _language(request: HttpRequest) -> str:
    """As asked by `?lang=`: the server of a dashboard speaks for its readers, not for itself."""
    wanted = request.GET.get("lang", "")
    return wanted if wanted in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
