"""Guessing passwords takes time: a few wrong ones from one place, or for one account, and both wait."""

from __future__ import annotations

from django.http import HttpRequest

from backups.services import sign_in
from backups.views import known_device
from backups.views.access import address_of


def reserve(request: HttpRequest) -> int:
    return sign_in.reserve(_account(request), address_of(request))


def give_back(request: HttpRequest) -> None:
    sign_in.give_back(_account(request), address_of(request))


def _account(request: HttpRequest) -> str:
    return known_device.counted_as(request, request.POST.get("username", ""))
