"""What of a new backup is unlike its own past: rows that went, growth that looks like encryption.

Robust figures: the median and the median distance from it (MAD) do not move for the odd value out, so that
one bad day neither hides the next nor makes every day after it look strange.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from django.utils import timezone

from backups import queries
from backups.models import Archive, User

from . import audit

LOOKED_BACK = 30
# Fewer say nothing of what is usual.
ENOUGH = 5
# Tables smaller than this come and go.
MAIN = 100
# Makes the MAD of a normal distribution its standard deviation.
SCALE = 1.4826
FAR = 6.0


@dataclass(frozen=True, slots=True)
class Facts:
    """`rows` by table, whose `raw` bytes of text became `stored` ones; `size` of all; `seconds` it took."""

    rows: Mapping[str, int]
    raw: int
    stored: int
    size: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Anomaly:
    """`kind` is rows_lost, rows_jumped, table_vanished, size, duration or incompressible."""

    kind: str
    table: str
    value: float
    usual: float


def anomalies(now: Facts, before: Sequence[Facts]) -> tuple[Anomaly, ...]:
    """`before` newest first. Pure."""
    if not before:
        return ()
    return (*_of_tables(now, before), *(_of_the_whole(now, before) if len(before) >= ENOUGH else ()))


def _of_tables(now: Facts, before: Sequence[Facts]) -> Iterator[Anomaly]:
    for table, last in before[0].rows.items():
        history = [facts.rows[table] for facts in before if table in facts.rows]
        if max(last, median(history)) < MAIN:
            continue
        if table not in now.rows:
            yield Anomaly("table_vanished", table, 0, last)
        elif _lost_rows(now.rows[table], history):
            yield Anomaly("rows_lost", table, now.rows[table], last)
        elif len(history) >= ENOUGH and _jumped(now.rows[table], history):
            yield Anomaly("rows_jumped", table, now.rows[table], last)


def _lost_rows(now: int, history: Sequence[int]) -> bool:
    """More than a hundredth, and more than twice what it ever lost: some tables are cleared by habit."""
    lost = history[0] - now
    by_habit = max((older - newer for newer, older in pairwise(history)), default=0)
    return lost > max(10, history[0] / 100, 2 * by_habit)


def _jumped(now: int, history: Sequence[int]) -> bool:
    """By half, and by more than twice of what it ever grew by."""
    grown = now - history[0]
    by_habit = max((newer - older for newer, older in pairwise(history)), default=0)
    return grown > max(history[0] / 2, 2 * by_habit)


def _of_the_whole(now: Facts, before: Sequence[Facts]) -> Iterator[Anomaly]:
    sizes = [facts.size for facts in before]
    usual = median(sizes)
    if abs(now.size - usual) > 0.3 * usual and _is_far(now.size, sizes):
        yield Anomaly("size", "", now.size, usual)
    seconds = [facts.seconds for facts in before]
    usual = median(seconds)
    # Late is worth a word, early is not.
    if now.seconds > max(2 * usual, usual + 60) and _is_far(now.seconds, seconds):
        yield Anomaly("duration", "", now.seconds, usual)
    shares = [facts.stored / facts.raw for facts in before if facts.raw]
    if now.raw and len(shares) >= ENOUGH:
        share, usual = now.stored / now.raw, median(shares)
        # What was encrypted does not compress.
        if share > 1.5 * usual and share > usual + 0.15:
            yield Anomaly("incompressible", "", share, usual)


def _is_far(value: float, history: Sequence[float]) -> bool:
    usual = median(history)
    distance = median([abs(past - usual) for past in history])
    # A past without any spread would make everything far.
    return abs(value - usual) > FAR * SCALE * max(distance, 0.02 * abs(usual))


def note(archive: Archive) -> tuple[Anomaly, ...]:
    """Compare a new archive with those before it, and keep with it what is strange."""
    if not archive.is_regular or not archive.holds_database:
        return ()
    earlier = queries.good_archives(archive.database).filter(created__lt=archive.created)
    # Files beside the rows make it larger and slower: only what holds the same is compared.
    alike = [past for past in earlier[: 3 * LOOKED_BACK] if past.content == archive.content][:LOOKED_BACK]
    found = anomalies(facts_of(archive), [facts_of(past) for past in alike])
    Archive.with_pruned.filter(pk=archive.pk).update(anomalies=[asdict(anomaly) for anomaly in found])
    return found


def facts_of(archive: Archive) -> Facts:
    rows: list[dict[str, Any]] = archive.table_rows
    return Facts(
        rows={str(table["name"]): int(table["rows"]) for table in rows},
        raw=sum(int(table["bytes"]) for table in rows),
        stored=archive.stored_rows,
        size=archive.bytes,
        seconds=archive.seconds,
    )


def note_seen(archive: Archive, *, by: User, address: str = "") -> None:
    """Somebody looked and knows why: the home page is calm again, and it is on the record."""
    Archive.with_pruned.filter(pk=archive.pk, anomalies_seen_at=None).update(anomalies_seen_at=timezone.now())
    audit.record("anomaly_seen", actor=by, about=archive, address=address)
