"""Guessing passwords takes time: a few wrong ones from one place, or for one account, and both wait."""

from __future__ import annotations

from django.http import HttpRequest

from backups.services import sign_in
from backups.views.access import address_of


def seconds_barred(request: HttpRequest) -> int:
    return sign_in.seconds_barred(_account(request), address_of(request))


def count_failure(request: HttpRequest) -> None:
    sign_in.count_failure(_account(request), address_of(request))


def _account(request: HttpRequest) -> str:
    return request.POST.get("username", "")
