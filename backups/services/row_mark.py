"""A mark on a row that decides something: whoever writes the database, but has not SECRET_KEY, makes none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac


def mark(purpose: str, told: Mapping[str, Any]) -> str:
    return _under(settings.SECRET_KEY, purpose, told)


def holds(found: str, purpose: str, told: Mapping[str, Any]) -> bool:
    """Under the key of today, or one before it that is still kept."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(constant_time_compare(found, _under(key, purpose, told)) for key in keys)


def _under(secret: str | bytes, purpose: str, told: Mapping[str, Any]) -> str:
    # A key of its own: what this makes is worth nothing where SECRET_KEY is used for something else.
    text = json.dumps([purpose, dict(told)], sort_keys=True, default=_plain)
    return salted_hmac("qparkin-backup row mark", text, secret=secret, algorithm="sha256").hexdigest()


def _plain(value: object) -> str:
    """However a database gives the moment back, it is the same one."""
    return f"{value.timestamp():.6f}" if isinstance(value, datetime) else str(value)
