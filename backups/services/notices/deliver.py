"""Sending what waits: all for one channel in one message, and again after a pause when it did not arrive."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from backups.models import Channel, Delivery, Notice
from backups.models.notice import DeliveryState, Urgency

from .push import push

log = logging.getLogger(__name__)

# What happens within so long goes into one message.
GATHERED = timedelta(seconds=20)
# Longer than any sending takes; after a crash somebody else takes over.
CLAIMED = timedelta(minutes=3)
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720)]
# What nobody could be told within so long is told by the panel only.
TOLD_WITHIN = timedelta(days=3)
# No two hosts' clocks are further apart; what lies further ahead, a clock that was wrong has put there.
ASKEW = timedelta(hours=1)
AT_ONCE = 20
# Ring in quiet hours too, whatever the channel says: somebody does alone what takes two, or hushes others.
ALWAYS = frozenset({"break_glass", "channel_changed"})

_sending = threading.Lock()


def send_in_background(now: datetime) -> None:
    """From the clock: mail servers are slow, and what else is due must not wait for them."""
    if _ready(now).exists() and _sending.acquire(blocking=False):
        try:
            threading.Thread(target=_send_and_close, name="notices", daemon=True).start()
        except RuntimeError:
            _sending.release()
            raise


def _send_and_close() -> None:
    try:
        send_due()
    except Exception:
        log.exception("notices were not sent")
    finally:
        connection.close()
        _sending.release()


def send_due(now: datetime | None = None) -> int:
    """Each channel by itself; returns how many messages went out."""
    now = now or timezone.now()
    channels = Channel.objects.filter(pk__in=_ready(now).values("channel")).select_related("person")
    return sum(_send_to(channel, now) for channel in channels)


def _due(now: datetime, *, for_: timedelta = timedelta()) -> QuerySet[Delivery]:
    due = Q(due_at__lte=now - for_) | Q(due_at__gt=now + PAUSES[-1] + ASKEW)
    return Delivery.objects.filter(due, state=DeliveryState.WAITING)


def _ready(now: datetime) -> QuerySet[Delivery]:
    """Once one has waited long enough, all that came meanwhile goes with it."""
    return _due(now, for_=GATHERED).filter(channel__enabled=True)


def give_up_old(now: datetime) -> None:
    """A channel that was switched off, or away for days, is not flooded with what is no news any more."""
    waiting = Delivery.objects.filter(state=DeliveryState.WAITING)
    waiting.filter(notice__created_at__lt=now - TOLD_WITHIN).update(state=DeliveryState.FAILED)


def _send_to(channel: Channel, now: datetime) -> bool:
    free = Q(busy_until=None) | Q(busy_until__lt=now) | Q(busy_until__gt=now + CLAIMED + ASKEW)
    if not Channel.objects.filter(free, pk=channel.pk).update(busy_until=now + CLAIMED):
        return False
    try:
        waiting = list(
            _due(now).filter(channel=channel).select_related("notice").order_by("notice__created_at")
        )
        ready = [delivery for delivery in waiting if _may_ring(channel, delivery.notice, now)][:AT_ONCE]
        return bool(ready) and _send(channel, ready, now)
    finally:
        Channel.objects.filter(pk=channel.pk).update(busy_until=None)


def _may_ring(channel: Channel, notice: Notice, now: datetime) -> bool:
    if channel.quiet_from is None or channel.quiet_until is None or channel.quiet_from == channel.quiet_until:
        return True
    if notice.kind in ALWAYS or (notice.urgency == Urgency.URGENT and channel.urgent_rings):
        return True
    # At night where they are; without a zone of their own, by the panel's clock.
    clock = timezone.localtime(now, channel.person.zone if channel.person else None).time()
    begin, end = channel.quiet_from, channel.quiet_until
    quiet = begin <= clock < end if begin < end else clock >= begin or clock < end
    return not quiet


def _send(channel: Channel, ready: Sequence[Delivery], now: datetime) -> bool:
    notices = [delivery.notice for delivery in ready]
    mine = Delivery.objects.filter(pk__in=[delivery.pk for delivery in ready])
    if push(channel, notices):
        mine.update(state=DeliveryState.SENT, sent_at=timezone.now(), tries=F("tries") + 1)
        Channel.objects.filter(pk=channel.pk).update(last_sent_at=timezone.now(), failures=0)
        return True
    Channel.objects.filter(pk=channel.pk).update(failures=F("failures") + 1)
    for delivery in ready:
        _put_off(delivery, now)
    return False


def _put_off(delivery: Delivery, now: datetime) -> None:
    late = now - delivery.notice.created_at > TOLD_WITHIN
    if late or delivery.tries >= len(PAUSES):
        Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.FAILED, tries=F("tries") + 1)
        return
    due = now + PAUSES[delivery.tries]
    Delivery.objects.filter(pk=delivery.pk).update(due_at=due, tries=F("tries") + 1)


def send_test(channel: Channel) -> bool:
    """At once, whatever the hour."""
    notice = Notice(kind="test", urgency=Urgency.CALM, created_at=timezone.now())
    arrived = push(channel, [notice])
    changed = {"last_sent_at": timezone.now(), "failures": 0} if arrived else {"failures": F("failures") + 1}
    Channel.objects.filter(pk=channel.pk).update(**changed)
    return arrived
