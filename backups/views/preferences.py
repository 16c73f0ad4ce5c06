"""Language and theme: a person's own, and cookies, so that the sign-in page knows them too."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from backups.models import User
from backups.services.profile import set_language, set_theme
from backups.templatetags.shell import THEMES
from backups.views.access import safe_next

YEAR = 365 * 24 * 3600
# A choice made at the door counts for whoever comes in by it, and not for the next one at this machine.
AT_THE_DOOR, JUST_NOW = f"{settings.LANGUAGE_COOKIE_NAME}_at_the_door", 600


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    known = [code for code, _ in settings.LANGUAGES]
    answer = _keep(request, settings.LANGUAGE_COOKIE_NAME, "language", known)
    if isinstance(request.user, User):
        set_language(request.user, request.POST.get("language", ""))
    elif (choice := request.POST.get("language", "")) in known:
        answer.set_cookie(
            AT_THE_DOOR, choice, max_age=JUST_NOW, samesite="Lax", secure=request.is_secure(), httponly=True
        )
    return answer


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, User):
        set_theme(request.user, request.POST.get("theme", ""))
    return _keep(request, settings.THEME_COOKIE_NAME, "theme", list(THEMES))


def _keep(request: HttpRequest, cookie: str, field: str, allowed: list[str]) -> HttpResponse:
    answer = redirect(safe_next(request))
    choice = request.POST.get(field, "")
    if choice in allowed:
        answer.set_cookie(cookie, choice, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return answer
