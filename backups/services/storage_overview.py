"""Each storage as its page shows it: how it is, what it holds, and how it grows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, Sum

from backups import storage_queries
from backups.engine.errors import BackupError
from backups.models import Copy, StorageState
from backups.models.copy import LYING
from qparkin_backup.buckets import Bucket
from qparkin_backup.storages import Place

from . import catalogue, copying_due, growth, policies, storages
from .growth import SOON, Growth
from .storage_test import LIST, Tested


@dataclass(frozen=True, slots=True)
class Lying:
    """Copies of one storage, counted."""

    whole: int = 0
    damaged: int = 0
    missing: int = 0
    failed: int = 0
    bytes: int = 0
    oldest: datetime | None = None
    newest: datetime | None = None
    checked_at: datetime | None = None
    # When the last was read whole, when the one that waits for it the longest was, and how many never were.
    read_last: datetime | None = None
    read_first: datetime | None = None
    unread: int = 0
    # Whole as far as anybody knows: the last try to read them failed, or nobody has for too long.
    unreadable: int = 0
    overdue: int = 0
    # By object lock: how many are held back now, and until when the last of them.
    locked: int = 0
    locked_until: datetime | None = None

    @property
    def archives(self) -> int:
        return self.whole + self.damaged


@dataclass(frozen=True, slots=True)
class Overview:
    """`health` is a slug, the gravest first; `templatetags/storages.py` has the words."""

    name: str
    place: Place
    where: str
    state: StorageState
    lying: Lying
    # On their way, or still to be asked for.
    waiting: int
    growth: Growth
    # Since when it is known that the panel may not delete there.
    keeps_all_since: datetime | None
    days_until_full: int | None
    health: str

    @property
    def bucket(self) -> Bucket | None:
        return self.place if isinstance(self.place, Bucket) else None


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A storage that copies speak of and the settings no longer name."""

    name: str
    lying: Lying = field(default_factory=Lying)


@dataclass(frozen=True, slots=True)
class LostArchive:
    id: str
    created: datetime
    is_elsewhere: bool


@dataclass(frozen=True, slots=True)
class Lost:
    """How many are still missing there, how many of them are whole nowhere, and the newest by name."""

    count: int
    nowhere: int
    archives: list[LostArchive]


def every(now: datetime) -> list[Overview]:
    """In the order of the settings: the first is written to."""
    return _set_up(_counted(now), now)


def all_there_are(now: datetime) -> tuple[list[Overview], list[Forgotten]]:
    """Those of the settings, and those that only the index still knows."""
    counted, names = _counted(now), storage_queries.names()
    forgotten = [Forgotten(name, lying) for name, lying in sorted(counted.items()) if name not in names]
    return _set_up(counted, now), forgotten


def _set_up(counted: Mapping[str, Lying], now: datetime) -> list[Overview]:
    states = _states()
    grown, refusals = growth.known(now), policies.refusals()
    found = []
    for position, place in enumerate(settings.BACKUP_STORAGES):
        name = place.name
        state = states.get(name, StorageState(storage=name))
        lying, full = counted.get(name, Lying()), grown[name].days_until_full(now)
        found.append(
            Overview(
                name=name,
                place=place,
                where=_where(place),
                state=state,
                lying=lying,
                waiting=_waiting(name, is_first=position == 0),
                growth=grown[name],
                keeps_all_since=refusals.get(name),
                days_until_full=full,
                health=_health(state, lying, full),
            )
        )
    return found


def of(name: str, now: datetime) -> Overview | None:
    return next((one for one in every(now) if one.name == name), None)


def look_after(tested: Tested) -> None:
    """Whoever tested a storage that can be listed has looked at it: its card says so."""
    storage = storages.named(tested.storage)
    if storage is None or not any(step.name == LIST and step.ok for step in tested.steps):
        return
    growth.forget()
    with suppress(BackupError):
        catalogue.look_at_one(storage)


def look_now() -> None:
    """At each storage, as far as it answers; what did not is on its card."""
    growth.forget()
    with suppress(BackupError):
        catalogue.look(quick=True)


def lost(name: str, *, most: int = 100) -> Lost:
    """What is gone there: what another storage still has whole is copied back by itself."""
    elsewhere = Copy.objects.filter(archive=OuterRef("archive"), state=Copy.State.WHOLE)
    gone = Copy.objects.filter(storage=name, state=Copy.State.MISSING).order_by("-archive__created")
    told = gone.annotate(elsewhere=Exists(elsewhere)).values_list("archive", "archive__created", "elsewhere")
    archives = [LostArchive(*row) for row in told[:most]]
    return Lost(gone.count(), gone.exclude(Exists(elsewhere)).count(), archives)


def _where(place: Place) -> str:
    if isinstance(place, Bucket):
        return f"s3://{place.bucket}/{place.prefix}"
    return str(Path(place.root or settings.BACKUP_LOCAL_ROOT).absolute())


def _states() -> Mapping[str, StorageState]:
    return {state.storage: state for state in storage_queries.storage_states()}


def _counted(now: datetime) -> dict[str, Lying]:
    """In two questions, however many copies and storages there are."""
    locked = Q(retained_until__gt=now)
    # By state, and put together here: counted in one row with a condition for each, it takes twice as long.
    counted = Copy.objects.order_by().values("storage", "state").annotate(
        count=Count("pk"),
        bytes_there=Sum("bytes"),
        oldest=Min("archive__created"),
        newest=Max("archive__created"),
        checked=Max("checked_at"),
        read_last=Max("read_at"),
        read_first=Min("read_at"),
        read=Count("read_at"),
        unreadable=Count("unread_at"),
        locked=Count("pk", filter=locked),
        locked_until=Max("retained_until", filter=locked),
    )  # fmt: skip
    late = storage_queries.unread_for(Copy.objects.order_by(), "amber").values("storage")
    overdue = dict(late.annotate(count=Count("pk")).values_list("storage", "count"))
    found: dict[str, dict[str, Mapping[str, Any]]] = {}
    for row in counted:
        found.setdefault(str(row["storage"]), {})[str(row["state"])] = row
    return {name: _lying(states, overdue.get(name, 0)) for name, states in found.items()}


def _lying(states: Mapping[str, Mapping[str, Any]], overdue: int) -> Lying:
    counts = {state: int(row["count"]) for state, row in states.items()}
    there = [states[state] for state in LYING if state in states]
    whole = states.get(Copy.State.WHOLE, {})
    return Lying(
        whole=counts.get(Copy.State.WHOLE, 0),
        damaged=counts.get(Copy.State.DAMAGED, 0),
        missing=counts.get(Copy.State.MISSING, 0),
        failed=counts.get(Copy.State.FAILED, 0),
        bytes=sum(row["bytes_there"] for row in there),
        oldest=_of_all(min, there, "oldest"),
        newest=_of_all(max, there, "newest"),
        checked_at=_of_all(max, there, "checked"),
        read_last=_of_all(max, there, "read_last"),
        read_first=whole.get("read_first"),
        unread=counts.get(Copy.State.WHOLE, 0) - whole.get("read", 0),
        unreadable=whole.get("unreadable", 0),
        overdue=overdue,
        locked=sum(row["locked"] for row in there),
        locked_until=_of_all(max, there, "locked_until"),
    )


def _of_all(
    chosen: Callable[..., datetime | None], rows: Iterable[Mapping[str, Any]], name: str
) -> datetime | None:
    return chosen((row[name] for row in rows if row[name]), default=None)


def _waiting(name: str, *, is_first: bool) -> int:
    """What was lost, damaged or given up is counted as that."""
    known = Copy.objects.filter(archive=OuterRef("pk"), storage=name)
    bad = known.exclude(state=Copy.State.PENDING)
    return copying_due.lacking(name, None, is_first=is_first).exclude(Exists(bad)).count()


def _health(state: StorageState, lying: Lying, days_until_full: int | None) -> str:
    """The first that holds."""
    refused = state.problem_code == storage_queries.NOT_TO_LIST
    reasons = (
        ("lost", state.lost_at is not None),
        ("in_doubt", state.doubted_at is not None),
        ("failing", bool(state.problem_code) and not refused),
        ("damaged", lying.damaged > 0 or lying.missing > 0),
        ("unreadable", lying.unreadable > 0),
        ("not_copied", lying.failed > 0),
        ("full_soon", days_until_full is not None and days_until_full <= SOON.days),
        ("overdue", lying.overdue > 0),
        ("unlisted", refused),
        ("not_seen", state.listed_at is None),
    )
    return next((reason for reason, holds in reasons if holds), "well")
