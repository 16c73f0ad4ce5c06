"""What each storage holds, by the index, as the values that retention reckons with."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from backups import queries, storage_queries
from backups.models import Archive, Copy, Proof
from backups.models.archive import ADOPTED, SAFETY
from backups.models.copy import LYING

from . import policies
from .connections import protected_database
from .retention import Held, Plan, Policy, Purpose, Shelf, held_for_anomalies, plans

PURPOSES = {SAFETY: Purpose.SAFETY, ADOPTED: Purpose.ADOPTED}
AS_TEXT = {"made": "created", "held": "content", "pinned": "pinned_until"}
COLUMNS = ("pk", "made", "held", "purpose", "pinned", "sequence")
OF_A_COPY = ("archive_id", "storage", "state", "bytes", "until")


def read(silent: Iterable[str] = (), *, trial: Mapping[str, Policy] | None = None) -> dict[str, Shelf]:
    """`silent` storages could not be listed: nothing goes there, and nothing goes for their sake.

    `trial` are policies to reckon with instead of those that are kept.
    """
    chosen = {**policies.every(), **(trial or {})}
    # Nor does anything go on the word of a list that was empty or cut short.
    silent = {*silent, *storage_queries.in_doubt()}
    held, elsewhere = _held(), storage_queries.not_to_list()
    return {
        name: Shelf(policy, () if name in silent else tuple(held.get(name, ())), name in elsewhere)
        for name, policy in chosen.items()
    }


def plan(
    now: datetime, silent: Iterable[str] = (), *, trial: Mapping[str, Policy] | None = None
) -> tuple[dict[str, Shelf], dict[str, Plan]]:
    shelves = read(silent, trial=trial)
    return shelves, plans(shelves, now, rules=policies.rules())


def held_before(archive: Archive) -> Archive | None:
    """The strange backup for whose sake retention leaves this one alone."""
    if not queries.unexplained(protected_database()).exists():
        # So it is nearly always, and the page need not reckon with thousands of others.
        return None
    now, rules = timezone.now(), policies.rules()
    # What was made before it has no say in whether it is the last before a strange one.
    shelves = _held(since=archive.created).values()
    found = (held_for_anomalies(held, now, rules=rules).get(archive.pk) for held in shelves)
    strange = next((why.params["by"] for why in found if why and "by" in why.params), None)
    return Archive.objects.filter(pk=strange).first()


def _held(since: datetime | None = None) -> dict[str, list[Held]]:
    """By storage. Rows, not models: there may be thousands."""
    archives, proofs = _archives(since), _verdicts()
    found: dict[str, list[Held]] = {}
    for pk, storage, state, size, until in _lying():
        if pk in archives:
            one = _one(archives[pk], proofs.get(pk), state, size, until)
            found.setdefault(storage, []).append(one)
    return found


def _lying() -> Iterable[tuple[Any, ...]]:
    lying = Copy.objects.filter(state__in=LYING).order_by()
    return lying.annotate(until=Cast("retained_until", TextField())).values_list(*OF_A_COPY)


# Of a row that reads the same the value is the same, today and at each storage.
@lru_cache(maxsize=16_384)
def _one(
    row: tuple[Any, ...], proven: bool | None, state: str, size: int, retained_until: str | None
) -> Held:
    pk, created, content, purpose, pinned_until, sequence = row
    return Held(
        id=pk,
        created=_moment(created),
        sequence=sequence,
        bytes=size,
        # Servers that fold the case of names and servers that do not mean the same database.
        system="",
        content=_content(content),
        purpose=PURPOSES.get(purpose, Purpose.REGULAR),
        whole=state == Copy.State.WHOLE,
        proven=bool(proven),
        disproved=proven is False,
        pinned_until=_moment(pinned_until) if pinned_until else None,
        retained_until=_moment(retained_until) if retained_until else None,
    )


def _archives(since: datetime | None) -> dict[str, tuple[Any, ...]]:
    """Those of the protected system: a storage may hold those of others too, which are none of ours."""
    name = protected_database()
    ours = Archive.objects.filter(Q(database=name) | Q(database__iexact=name)).order_by()
    if since:
        ours = ours.filter(created__gte=since)
    # All as text: most hold the same, and nobody parses that thousands of times; and of moments Django makes
    # much more work than they need.
    texts = {name: Cast(column, TextField()) for name, column in AS_TEXT.items()}
    return {row[0]: row for row in ours.annotate(**texts).values_list(*COLUMNS)}


@lru_cache(maxsize=64)
def _content(told: str) -> frozenset[str]:
    return frozenset(json.loads(told))


def _moment(told: str) -> datetime:
    """Databases keep it in UTC, whether they say so or not."""
    return datetime.fromisoformat(told).replace(tzinfo=UTC)


def _verdicts() -> dict[str, bool]:
    """What the newest drill of each said."""
    return dict(Proof.objects.order_by("made_at").values_list("archive_id", "proven"))
