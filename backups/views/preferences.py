"""Language and theme: cookies, so that the sign-in page knows them too."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from backups.models import User
from backups.services.people import set_language
from backups.templatetags.shell import THEMES
from backups.views.access import safe_next

YEAR = 365 * 24 * 3600


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, User):
        set_language(request.user, request.POST.get("language", ""))
    return _keep(request, settings.LANGUAGE_COOKIE_NAME, "language", [code for code, _ in settings.LANGUAGES])


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    return _keep(request, "theme", "theme", list(THEMES))


def _keep(request: HttpRequest, cookie: str, field: str, allowed: list[str]) -> HttpResponse:
    answer = redirect(safe_next(request))
    choice = request.POST.get(field, "")
    if choice in allowed:
        answer.set_cookie(cookie, choice, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return answer
