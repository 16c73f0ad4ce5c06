"""Where a second factor is demanded, nothing else opens without it: a new address is shut too."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse

from backups.models import User
from backups.services.second_factor import factors
from backups.templatetags.shell import BEFORE
from backups.views.certainty import gave_second_factor

# What nobody has to be signed in for, and the ways out and on.
ALWAYS_OPEN = frozenset(
    {
        "sign-in", "second-step", "passkey-sign-in", "sign-out", "language", "theme", "step-up",
        "health", "metrics", "api-status", "badge",
    }
)  # fmt: skip
# For whoever has no factor yet.
TO_SET_UP = frozenset({"second-factor", "factor-app", "passkey-new"})


class SecondFactorGate:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._turned_back(request) or self.get_response(request)

    def _turned_back(self, request: HttpRequest) -> HttpResponse | None:
        if not is_shut(request):
            return None
        # For what stays open: it tells nothing of what is amiss behind.
        setattr(request, BEFORE, True)
        # Not known to be open is shut, an address that is not there, too.
        if (route := _route(request)) in ALWAYS_OPEN:
            return None
        if factors.has_one(cast(User, request.user)):
            return _to(request, "step-up")
        return None if route in TO_SET_UP else _to(request, "second-factor")


def is_shut(request: HttpRequest) -> bool:
    """A second factor is demanded of whoever asks, and was not given in this session."""
    person = request.user
    if not isinstance(person, User) or not factors.is_demanded_of(person):
        return False
    return not gave_second_factor(request, person)


def _route(request: HttpRequest) -> str | None:
    with suppress(Resolver404):
        return resolve(request.path_info).url_name
    return None


def _to(request: HttpRequest, route: str) -> HttpResponse:
    if getattr(request, "htmx", False):
        # A fragment would put the page into the middle of another one.
        answer = HttpResponse(status=204)
        answer["HX-Refresh"] = "true"
        return answer
    onward = request.get_full_path() if request.method == "GET" else reverse("home")
    return redirect(f"{reverse(route)}?{urlencode({'next': onward})}")
