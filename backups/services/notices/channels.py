"""Ways to reach people: added, changed, taken away. What is secret of them goes in and never comes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.text import Truncator

from backups.models import Channel, User
from backups.services import audit, secret_text

from .address import Address

LONGEST_HINT = 200


def save(channel: Channel, *, address: Address | None, by: User, at: str = "") -> Channel:
    """Add or change; without a new address the old one stays."""
    added = channel.pk is None
    if address is not None:
        channel.locked_address = secret_text.lock(address.url)
        # Many people get a letter; MariaDB refuses more than the column holds.
        channel.hint = Truncator(address.hint).chars(LONGEST_HINT)
    channel.failures = 0
    channel.save()
    told: dict[str, Any] = {"actor": by, "about": channel, "address": at, "details": _told(channel)}
    if added:
        audit.record("add_channel", **told)
    else:
        audit.record("change_channel", **told)
    return channel


def remove(channel: Channel, *, by: User, at: str = "") -> None:
    audit.record("remove_channel", actor=by, about=channel, address=at, details=_told(channel))
    channel.delete()


def _told(channel: Channel) -> Mapping[str, Any]:
    return {"name": channel.name, "kind": channel.kind, "hint": channel.hint, "enabled": channel.enabled}
