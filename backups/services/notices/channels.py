"""Ways to reach people: added, changed, taken away. What is secret of them goes in and never comes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.text import Truncator

from backups.models import Channel, Notice, User
from backups.models.notice import Urgency
from backups.services import audit, secret_text

from .address import Address
from .push import push

LONGEST_HINT = 200
# In the record of a change: after it, somebody who was told before is told no more.
PARTED = "parted"


def save(channel: Channel, *, address: Address | None, by: User, at: str = "") -> Channel:
    """Add or change; without a new address the old one stays."""
    before = Channel.objects.filter(pk=channel.pk).first()
    parted = before is not None and _parts(before, channel, address)
    if address is not None:
        channel.locked_address = secret_text.lock(address.url)
        # Many people get a letter; MariaDB refuses more than the column holds.
        channel.hint = Truncator(address.hint).chars(LONGEST_HINT)
    channel.failures = 0
    channel.save()
    told: dict[str, Any] = {"actor": by, "about": channel, "address": at}
    if before is None:
        audit.record("add_channel", **told, details=_told(channel))
        return channel
    audit.record("change_channel", **told, details={**_told(channel), **({PARTED: True} if parted else {})})
    if parted:
        _take_leave(before, by)
    return channel


def remove(channel: Channel, *, by: User, at: str = "") -> None:
    audit.record("remove_channel", actor=by, about=channel, address=at, details=_told(channel))
    # First of all by the way itself: a thief who silences the alarm sets it off.
    _take_leave(channel, by)
    channel.delete()


def _parts(before: Channel, channel: Channel, address: Address | None) -> bool:
    """Whoever was told by it until now will not be."""
    elsewhere = address is not None and address.url != secret_text.unlock(before.locked_address)
    return before.enabled and (elsewhere or not channel.enabled)


def _take_leave(channel: Channel, by: User) -> None:
    """Once, now. What never worked, or works no more, is not waited for."""
    if channel.enabled and channel.last_sent_at and not channel.failures:
        told = {"who": by.display_name}
        push(
            channel,
            [Notice(kind="channel_gone", urgency=Urgency.URGENT, params=told, created_at=timezone.now())],
        )


def _told(channel: Channel) -> Mapping[str, Any]:
    return {"name": channel.name, "kind": channel.kind, "hint": channel.hint, "enabled": channel.enabled}
