"""Who is asking, where proxies stand in front: a fixed number of them is believed, and nothing beyond.

Each proxy adds whom it heard from at the right end of X-Forwarded-For; what stands further left, anybody can
have written. So it is counted from the right.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from qparkin_backup import addresses

HEADER = "HTTP_X_FORWARDED_FOR"


class RealAddressMiddleware:
    """First of all: limits, the record and the log go by REMOTE_ADDR."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if told := _told(str(request.META.get(HEADER, "")), settings.TRUSTED_PROXIES):
            request.META["REMOTE_ADDR"] = told
        return self.get_response(request)


def _told(forwarded: str, proxies: int) -> str:
    """'' where fewer have spoken than there are, or what was said is no address."""
    said = [part.strip() for part in forwarded.split(",")]
    if not proxies or len(said) < proxies:
        return ""
    found = addresses.of(_without_port(said[-proxies]))
    return str(found) if found else ""


def _without_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
