"""Redis as queue and cache, from one URL. Its password is in no message."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from django.core.exceptions import ImproperlyConfigured

SCHEMES = {"redis", "rediss", "unix"}
CONNECT_SECONDS, ANSWER_SECONDS = 3, 15


def checked_url(url: str) -> str:
    """Refused here, in our own words: what a URL parser says of a wrong one may hold the password."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in SCHEMES and (parts.port or 0) >= 0 and not parts.fragment
    except ValueError:
        sound = False
    if url and not sound:
        raise ImproperlyConfigured(
            "QUEUE_URL is not redis://:password@host:6379/0; write special characters of the password as %XX."
        )
    return url


def with_timeouts(url: str) -> str:
    """Whatever Redis does, nobody waits for it for ever."""
    limits = {"socket_connect_timeout": CONNECT_SECONDS, "socket_timeout": ANSWER_SECONDS}
    return url + ("&" if urlsplit(url).query else "?") + urlencode(limits)


def cache(url: str) -> dict[str, object]:
    return {
        "BACKEND": "qparkin_backup.redis_cache.LossTolerantCache",
        "LOCATION": url,
        "KEY_PREFIX": "qparkin",
        "OPTIONS": {
            # A page asks it in passing.
            "socket_connect_timeout": 1,
            "socket_timeout": 1,
            "serializer": "qparkin_backup.redis_cache.PlainValues",
        },
    }


def is_local(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "unix" or parts.hostname in {None, "localhost", "127.0.0.1", "::1"}


def has_password(url: str) -> bool:
    parts = urlsplit(url)
    return bool(parts.password) or "password=" in parts.query
