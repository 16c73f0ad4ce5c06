"""Whoever is signed in reads the panel in their own language and by their own clock, on whatever machine."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from backups.models import User


class OwnWaysMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        person = request.user
        if not isinstance(person, User):
            return self.get_response(request)
        with translation.override(person.language), timezone.override(person.zone):
            answer = self.get_response(request)
            answer.headers.setdefault("Content-Language", person.language)
            return answer
