"""Asked of each archive before it goes: the plan was made minutes ago, and others work meanwhile."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone

from backups import storage_queries
from backups.engine.errors import BackupError
from backups.engine.pipeline.backup import SIDECAR
from backups.models import AuditEvent, Copy, Job
from backups.models.job import ACTIVE, Kind

from . import retained, shelves, storages
from .retention import Reason

# Nobody reads an archive for longer; what began before that and never ended has lost its process.
READ_WITHIN = timedelta(hours=12)
READING = {"download": "download_end", "export": "export_end"}


def why_it_stays(archive: str, *, storage: str, silent: frozenset[str]) -> Reason | None:
    """None: it may go. `silent` storages could not be listed in this run."""
    if is_being_read(archive):
        return Reason("in_use")
    place = storages.named(storage)
    if place is not None:
        # The storage may hold it back by a lock that the index does not know of.
        retained.note(archive, place)
    _, plans = shelves.plan(timezone.now(), silent)
    if archive not in plans[storage].leaving:
        return plans[storage].kept.get(archive, Reason("gone"))
    return _rests_on_a_word(archive, storage, silent)


def is_being_read(archive: str) -> bool:
    """By a job, also by one that waits, or by somebody who fetches it."""
    if Job.objects.filter(archive=archive, state__in=ACTIVE).exclude(kind=Kind.PRUNE).exists():
        return True
    events = AuditEvent.objects.filter(object_id=archive, at__gte=timezone.now() - READ_WITHIN)
    counted = events.aggregate(
        begun=Count("pk", filter=Q(action__in=list(READING))),
        ended=Count("pk", filter=Q(action__in=list(READING.values()))),
    )
    return bool(counted["begun"] > counted["ended"])


def _rests_on_a_word(archive: str, storage: str, silent: frozenset[str]) -> Reason | None:
    """A storage whose key may not list is known by what was once written there: before the last copy that can
    be listed goes, it is asked for its own.
    """
    unlisted = storage_queries.not_to_list() - {storage}
    if not unlisted:
        return None
    _, plans = shelves.plan(timezone.now(), silent | unlisted)
    if archive in plans[storage].leaving or any(_lies_at(name, archive) for name in unlisted):
        return None
    return plans[storage].kept.get(archive, Reason("gone"))


def _lies_at(storage: str, archive: str) -> bool:
    place = storages.named(storage)
    copy = Copy.objects.filter(archive=archive, storage=storage, state=Copy.State.WHOLE).first()
    if place is None or copy is None:
        return False
    try:
        return place.exists(copy.name) and place.exists(copy.name + SIDECAR)
    except BackupError:
        return False
