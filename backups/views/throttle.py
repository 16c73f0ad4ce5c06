"""Guessing passwords takes time: a few wrong ones from one place, or for one account, and both wait."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from django.core.cache import cache
from django.http import HttpRequest

from backups.views.access import address_of

WINDOW_SECONDS = 15 * 60
# One account is guessed at from many places, one place guesses at many accounts: both are counted.
TRIES_FOR_ACCOUNT = 8
TRIES_FROM_ADDRESS = 30


def is_barred(request: HttpRequest) -> bool:
    return any(cache.get(key, 0) >= most for key, most in _counters(request))


def count_failure(request: HttpRequest) -> None:
    for key, _ in _counters(request):
        if not cache.add(key, 1, WINDOW_SECONDS):
            cache.incr(key)


def forget_failures(request: HttpRequest) -> None:
    """Whoever knew the password was not guessing; the place stays counted."""
    cache.delete(next(_counters(request))[0])


def _counters(request: HttpRequest) -> Iterator[tuple[str, int]]:
    account = request.POST.get("username", "").strip().lower()
    for kind, value, most in (
        ("account", f"{account} {address_of(request)}", TRIES_FOR_ACCOUNT),
        ("address", address_of(request), TRIES_FROM_ADDRESS),
    ):
        yield f"sign-in-{kind}-{hashlib.sha256(value.encode()).hexdigest()[:32]}", most
