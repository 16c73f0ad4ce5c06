"""Telling people who do not look at the panel.

What there is to tell is read from the panel's own rows, written down once, and sent by the clock. So no work
waits for a mail server or fails because of one, and what a crash left untold is told at the next beat.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import chain

from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils import timezone

from backups.models import Channel, Delivery, Notice
from backups.models.notice import Urgency

from . import own
from .deliver import give_up_old
from .tidings import Tiding, tidings

URGENT = frozenset(
    {
        "backup_failed", "backup_missed", "archive_damaged", "copy_failed", "storage_lost", "storage_full",
        "anomaly", "proof_failed", "restore_failed", "mfa_reset", "codes_guessed", "key_changed",
        "break_glass", "approval_wanted", "channel_changed", own.UNSAFE,
    }
)  # fmt: skip
# Nobody waits for a notice by the second, and the clock beats more often than that.
GATHERED = "notices-gathered"
EVERY_SECONDS = 15
# Longer than anything is news: what is still so then may be told once more.
KEPT = timedelta(days=90)


def gather(now: datetime | None = None) -> None:
    """From the clock: write down what is new, and let go of what is old."""
    now = now or timezone.now()
    if cache.add(GATHERED, "", EVERY_SECONDS):
        write_down(chain(tidings(now), own.tidings(now)))
        give_up_old(now)
        Notice.objects.filter(created_at__lt=now - KEPT).delete()


def write_down(found: Iterable[Tiding]) -> int:
    """Each once, whoever finds it; returns how many were new."""
    by_key = {tiding.key: tiding for tiding in found}
    known = set(Notice.objects.filter(key__in=by_key).values_list("key", flat=True))
    new = [tiding for key, tiding in by_key.items() if key not in known]
    listening = list(Channel.objects.filter(enabled=True)) if new else []
    return sum(_write(tiding, listening) for tiding in new)


def _write(tiding: Tiding, listening: Sequence[Channel]) -> bool:
    urgent = tiding.kind in URGENT
    told = [channel for channel in own.with_that_of(tiding, listening) if _hears(channel, tiding, urgent)]
    try:
        with transaction.atomic():
            notice = Notice.objects.create(
                kind=tiding.kind, urgency=Urgency.URGENT if urgent else Urgency.CALM, path=tiding.path,
                key=tiding.key, params=dict(tiding.params),
            )  # fmt: skip
            Delivery.objects.bulk_create(
                Delivery(notice=notice, channel=channel, due_at=notice.created_at) for channel in told
            )
    except IntegrityError:
        # Another clock was quicker.
        return False
    return True


def _hears(channel: Channel, tiding: Tiding, urgent: bool) -> bool:
    if channel.person_id:
        return bool(settings.SMTP_URL) and own.hears(channel, tiding)
    if tiding.person is not None or tiding.kind in own.FOR_MALLS:
        return False
    return urgent or not channel.urgent_only
