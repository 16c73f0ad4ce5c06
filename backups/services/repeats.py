"""Events that anybody can cause as often as they like: the first is recorded at once, the others are counted.

So a flood of refused requests fills neither the record nor the disk, and still shows with its number.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from backups.models import AuditEvent, Repeat, User

from . import audit
from .audit_origin import origin

WINDOW = timedelta(minutes=15)
# Of people who are not signed in; beyond it all of one action are one, since addresses cost nothing.
MOST_STRANGERS = 100
# What ends later was begun by a clock that was wrong.
NO_WINDOW = timedelta(days=1)


def note(
    action: str,
    *,
    actor: User | None,
    outcome: str = AuditEvent.Outcome.OK,
    details: Mapping[str, Any],
    window: timedelta = WINDOW,
) -> None:
    """Record it, or count it where the same person did the same from the same place just now."""
    wanted = Repeat(
        action=action, actor=actor, outcome=str(outcome), address=origin().address, details=dict(details)
    )
    if _is_counted(wanted) or (_is_crowded(wanted) and _is_counted(_without_place(wanted))):
        return
    wanted.until = timezone.now() + window
    try:
        with transaction.atomic():
            wanted.save(force_insert=True)
            _record(wanted)
    except IntegrityError:
        # The same, at the same moment.
        _is_counted(wanted)


def close_windows(now: datetime) -> None:
    """From the clock: what was counted goes into the record."""
    over = Q(until__lte=now) | Q(until__gt=now + NO_WINDOW)
    for pk in list(Repeat.objects.filter(over).values_list("pk", flat=True)):
        _close(pk)


def _close(pk: int) -> None:
    with transaction.atomic():
        # Without its person: PostgreSQL locks no row of an outer join.
        row = Repeat.objects.select_for_update().filter(pk=pk).first()
        if row is None:
            return
        row.delete()
        if row.times:
            row.details = {**row.details, "times": row.times}
            _record(row)


def _is_counted(wanted: Repeat) -> bool:
    wanted.key = _key(wanted)
    same = Repeat.objects.filter(key=wanted.key)
    if same.filter(until__gt=timezone.now()).update(times=F("times") + 1):
        return True
    for pk in list(same.values_list("pk", flat=True)):
        _close(pk)
    return False


def _is_crowded(wanted: Repeat) -> bool:
    if wanted.actor is not None:
        return False
    return Repeat.objects.filter(actor=None, action=wanted.action).count() >= MOST_STRANGERS


def _without_place(wanted: Repeat) -> Repeat:
    wanted.address, wanted.details = "", {"many": True}
    return wanted


def _key(wanted: Repeat) -> str:
    what = [wanted.action, wanted.actor_id, wanted.outcome, wanted.address, wanted.details]
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()


def _record(row: Repeat) -> None:
    audit.record(row.action, actor=row.actor, outcome=row.outcome, address=row.address, details=row.details)
