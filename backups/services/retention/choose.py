"""`keep`: the reason why each archive of one storage stays or goes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from .by_time import Times, by_time, grouped
from .doubt import is_in_doubt, misdated
from .periods import BUCKETS
from .unexplained import unexplained
from .values import ADOPTED, REGULAR, SAFETY, Held, Plan, Policy, Reason, Rules

# What only time keeps; a size cap may take it. Everything else stays however full the storage is.
BY_TIME = ("all", *BUCKETS)


def keep(archives: Sequence[Held], policy: Policy, now: datetime, *, rules: Rules) -> Plan:
    """The same archives, policy and moment give the same plan."""
    found = _newest_first(archives)
    if is_in_doubt([*rules.made, *(held.created for held in found)], now):
        return Plan({held.id: Reason("clock") for held in found}, {})
    wrong = misdated(found, now)
    counted = _counted(found, wrong)
    times = by_time(counted, policy, now, rules.zone)
    kept = {**_kept(found, counted, times, now, rules), **wrong}
    leaving = {held.id: _why_it_goes(held, times, rules) for held in found if held.id not in kept}
    # What only a wrong date brought here pushes nothing out.
    dated = [held for held in found if held.id not in wrong] if wrong else found
    _hold_the_cap(dated, policy.max_bytes, now, kept, leaving)
    over = _over(found, policy.max_bytes, kept)
    return _no_more_than(rules.at_once, found, kept, leaving, over)


def held_for_anomalies(archives: Sequence[Held], now: datetime, *, rules: Rules) -> dict[str, Reason]:
    """Which of them stay for the sake of a strange one, also where something else would keep them anyway."""
    found = _newest_first(archives)
    return unexplained(grouped(_counted(found, misdated(found, now))), rules.strange)


def _newest_first(archives: Sequence[Held]) -> list[Held]:
    return sorted(archives, key=lambda held: (held.created, held.id), reverse=True)


def _counted(found: Sequence[Held], wrong: Mapping[str, Reason]) -> list[Held]:
    return [held for held in found if _counts(held) and held.id not in wrong]


def _counts(held: Held) -> bool:
    return held.whole and held.purpose == REGULAR


def _kept(
    found: Sequence[Held], counted: Sequence[Held], times: Times, now: datetime, rules: Rules
) -> dict[str, Reason]:
    """The weightiest reason of each: what is never let go comes before what only time keeps."""
    first = {held.id: reason for held in found if (reason := _whatever_its_age(held, now, rules))}
    groups = grouped(counted)
    floors: dict[str, Reason] = {}
    for alike in groups.values():
        for archive, reason in _floors(alike, rules):
            floors.setdefault(archive, reason)
    # Only what would go otherwise is held by its storage, or for another one.
    back = {held.id: reason for held in found if (reason := _held_back(held, now))}
    return {**back, **times.kept, **unexplained(groups, rules.strange), **floors, **first}


def _whatever_its_age(held: Held, now: datetime, rules: Rules) -> Reason | None:
    if held.pinned_until and held.pinned_until > now:
        return Reason("pinned", {"until": held.pinned_until.isoformat()})
    if not held.whole:
        # Nobody knows what it still holds; a person decides.
        return Reason("not_whole")
    if held.purpose == ADOPTED:
        return Reason("adopted")
    if held.purpose == SAFETY and now - held.created <= rules.undo_window:
        return Reason("undo_window", {"until": (held.created + rules.undo_window).isoformat()})
    return None


def _held_back(held: Held, now: datetime) -> Reason | None:
    if held.retained_until and held.retained_until > now:
        return Reason("locked", {"until": held.retained_until.isoformat()})
    return Reason("needed", {"storage": held.needed_by}) if held.needed_by else None


def _floors(alike: Sequence[Held], rules: Rules) -> Iterable[tuple[str, Reason]]:
    """`alike` newest first."""
    proven = next((held for held in alike if held.proven), None)
    good = next((held for held in alike if not held.disproved), alike[0])
    yield alike[0].id, Reason("newest")
    yield good.id, Reason("newest")
    if proven:
        yield proven.id, Reason("newest_proven")
    for held in alike[: max(1, rules.keep_last)]:
        yield held.id, Reason("last", {"count": max(1, rules.keep_last)})


def _why_it_goes(held: Held, times: Times, rules: Rules) -> Reason:
    if held.purpose == SAFETY:
        return Reason("undo_closed", {"days": rules.undo_window.days})
    return times.passed_over(held)


def _hold_the_cap(
    found: Sequence[Held],
    cap: int | None,
    now: datetime,
    kept: dict[str, Reason],
    leaving: dict[str, Reason],
) -> None:
    """The oldest first, until the rest fits."""
    if cap is None:
        return
    room = cap - sum(held.bytes for held in found if held.id in kept)
    for held in reversed(found):
        if room >= 0:
            return
        reason = kept.get(held.id)
        if reason and reason.code in BY_TIME and not _held_back(held, now):
            del kept[held.id]
            leaving[held.id] = Reason("over_cap", {"bytes": cap})
            room += held.bytes


def _over(found: Sequence[Held], cap: int | None, kept: Mapping[str, Reason]) -> int:
    """By how much it still does not fit."""
    return 0 if cap is None else max(0, sum(held.bytes for held in found if held.id in kept) - cap)


def _no_more_than(
    most: int, found: Sequence[Held], kept: dict[str, Reason], leaving: Mapping[str, Reason], over: int
) -> Plan:
    """The oldest go first; the rest waits for the next run."""
    order = [held.id for held in reversed(found) if held.id in leaving]
    going, waiting = order[: max(0, most)], order[max(0, most) :]
    staying = {**kept, **dict.fromkeys(waiting, Reason("next_run", {"count": most}))}
    return Plan(
        kept={held.id: staying[held.id] for held in found if held.id in staying},
        dropped={archive: leaving[archive] for archive in going},
        waiting={archive: leaving[archive] for archive in waiting},
        over=over,
    )
