"""Keys that somebody else may hold: `PUBLIC@MOMENT`, by blanks, commas or lines apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from django.core.exceptions import ImproperlyConfigured


@dataclass(frozen=True, slots=True)
class Revoked:
    public: str
    since: datetime


def parsed(name: str, text: str) -> tuple[Revoked, ...]:
    return tuple(_one(name, part) for part in re.split(r"[\s,]+", text) if part)


def written(revoked: tuple[Revoked, ...]) -> str:
    """The inverse of `parsed`, to the instant: what was sealed earlier in that second is still believed."""
    return ",".join(f"{one.public}@{one.since.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}" for one in revoked)


def _one(name: str, part: str) -> Revoked:
    public, at, moment = part.rpartition("@")
    try:
        since = datetime.fromisoformat(moment)
    except ValueError:
        since = None
    if not at or not public or since is None or since.tzinfo is None:
        raise ImproperlyConfigured(
            f"{name} holds something else than PUBLIC-KEY@MOMENT, e.g. ...=@2026-11-23T08:00:00Z"
        )
    return Revoked(public, since)
