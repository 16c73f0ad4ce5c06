"""What a storage is known to hold and no longer lists: never taken for gone at the first word.

A list may be cut short, a bucket's rights may have changed, a disk may not be mounted. So
- a list that fails or is refused says nothing at all (`storage_look` raises before it comes here);
- each name that a list lacks is asked for by itself, and only what is not there by both is missing;
- where most of what was known is not in the list, the storage itself is in doubt: that is an alarm at once,
  but the copies count as they did until another look, minutes later, finds the same. Otherwise retention at
  the other storages, and repairs here, would act on the word of an empty folder below an unmounted disk.
A loss that was found by two looks stands as an alarm until a person has taken note of it, also when every
copy was made anew meanwhile: an alarm that goes away by itself is a silence that came late.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from backups.engine.storage import ArchiveStorage
from backups.models import AuditEvent, Copy, RetentionPolicy, StorageState
from backups.models.copy import LYING

from . import audit

log = logging.getLogger(__name__)

# So many at once, and more than half, are a loss of the storage and not of some archives.
MANY = 3
SECOND_LOOK = timedelta(minutes=4)


def note_absent(storage: ArchiveStorage, present: set[str]) -> None:
    # What retention is taking away is not lost: it marks a copy before its first byte goes.
    known = list(Copy.objects.filter(storage=storage.name, state__in=LYING, leaving__isnull=True))
    absent = [copy for copy in known if copy.name not in present]
    is_loss = len(absent) >= MANY and 2 * len(absent) > len(known)
    state, _ = StorageState.objects.get_or_create(storage=storage.name)
    if not is_loss:
        StorageState.objects.filter(pk=state.pk).update(doubted_at=None)
    elif not _is_second_look(state, len(absent)):
        return
    gone = [copy for copy in absent if not storage.exists(copy.name)]
    if gone:
        _mark_missing(gone, state)


def _is_second_look(state: StorageState, absent: int) -> bool:
    now = timezone.now()
    if state.doubted_at is None:
        log.error("the storage %s no longer lists %d archives; it is looked at again", state.storage, absent)
        StorageState.objects.filter(pk=state.pk).update(doubted_at=now)
        return False
    # Abs: a clock that ran ahead may have noted the first one.
    return abs(now - state.doubted_at) >= SECOND_LOOK


def _mark_missing(gone: Sequence[Copy], state: StorageState) -> None:
    now, lost = timezone.now(), 0
    for copy in gone:
        # Unless somebody took it off the list meanwhile, who knew that it goes.
        lost += Copy.objects.filter(pk=copy.pk, name=copy.name, state__in=LYING).update(
            state=Copy.State.MISSING, checked_at=now, tries=0, try_after=None, pin_noted=0
        )
    if not lost:
        return
    # What took the archives took the notes beside them: those are written again.
    RetentionPolicy.objects.filter(storage=state.storage).update(noted=0)
    log.error("the storage %s has lost %d archives", state.storage, lost)
    StorageState.objects.filter(pk=state.pk).update(
        lost_at=now, lost_count=(state.lost_count if state.lost_at else 0) + lost, doubted_at=None
    )
    audit.record(
        "storage_lost",
        actor=None,
        about=state,
        outcome=AuditEvent.Outcome.FAILED,
        details={"storage": state.storage, "count": lost},
    )
