"""How many bytes each storage held, day by day: from its copies, from what went, and from what was lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate

from backups.models import Archive, AuditEvent, Copy, Job
from backups.models.copy import LYING
from backups.models.job import Kind

from .panel_day import panel_day


@dataclass(frozen=True, slots=True)
class Dot:
    """So many bytes at the end of that day."""

    day: date
    bytes: int


@dataclass(frozen=True, slots=True)
class _Stay:
    """An archive lay at a storage from one day on; without an end, it still does."""

    storage: str
    begin: date
    end: date | None
    bytes: int


def by_day(names: Sequence[str], now: datetime, *, back: int) -> dict[str, tuple[Dot, ...]]:
    """The last `back` days and today, from the first day on which a storage held anything."""
    today = panel_day(now)
    first = today - timedelta(days=back)
    changes: dict[str, list[int]] = {name: [0] * (back + 2) for name in names}
    for stay in _stays(now - timedelta(days=back + 1)):
        if stay.storage in changes:
            _add(changes[stay.storage], stay, first)
    return {name: _dots(changed[: back + 1], first) for name, changed in changes.items()}


def _add(changes: list[int], stay: _Stay, first: date) -> None:
    begin = max(0, (stay.begin - first).days)
    end = len(changes) - 1 if stay.end is None else max(0, (stay.end - first).days)
    if begin < end:
        changes[begin] += stay.bytes
        changes[min(end, len(changes) - 1)] -= stay.bytes


def _dots(changes: Sequence[int], first: date) -> tuple[Dot, ...]:
    dots = [Dot(first + timedelta(days=step), total) for step, total in enumerate(accumulate(changes))]
    begun = next((step for step, dot in enumerate(dots) if dot.bytes), len(dots) - 1)
    return tuple(dots[begun:])


def _stays(since: datetime) -> Iterator[_Stay]:
    came = _came(since)
    columns = ("archive_id", "archive__created", "storage", "state", "bytes", "checked_at")
    for archive, created, storage, state, size, checked in Copy.objects.values_list(*columns):
        begin = panel_day(came.get((archive, storage), created))
        if state in LYING:
            yield _Stay(storage, begin, None, size)
        elif state == Copy.State.MISSING:
            yield _Stay(storage, begin, panel_day(checked), size)
    gone = AuditEvent.objects.filter(action="drop_archive", at__gte=since)
    went = list(gone.values_list("object_id", "details", "at"))
    known = _archives({archive for archive, _, _ in went})
    for archive, details, at in went:
        if archive in known:
            storage, (created, size) = str(details.get("storage", "")), known[archive]
            begin = panel_day(came.get((archive, storage), created))
            yield _Stay(storage, begin, panel_day(at), size)


def _came(since: datetime) -> Mapping[tuple[str, str], datetime]:
    """When a copy was made. One that replaced a damaged or lost one had been there before."""
    jobs = Job.objects.filter(kind=Kind.COPY, state=Job.State.DONE, finished_at__gte=since)
    found: dict[tuple[str, str], datetime] = {}
    for archive, options, result, at in jobs.values_list("archive_id", "options", "result", "finished_at"):
        if archive and at and not result.get("repaired"):
            place = archive, str(options.get("storage", ""))
            found[place] = min(at, found.get(place, at))
    return found


def _archives(wanted: set[str]) -> Mapping[str, tuple[datetime, int]]:
    """Not asked for by a list of their names, of which a database does not take thousands."""
    if not wanted:
        return {}
    rows = Archive.with_pruned.values_list("pk", "created", "bytes")
    return {pk: (created, size) for pk, created, size in rows if pk in wanted}
