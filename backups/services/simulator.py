"""What a policy would do, tried out on the archives that there are. Nothing is changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from . import policies, shelves
from .retention import Held, Plan, Policy, Reason, Rules
from .retention.forecast import Point, forecast
from .retention.periods import borders, day_of


@dataclass(frozen=True, slots=True)
class Fate:
    """One archive and what becomes of it."""

    id: str
    created: datetime
    day: date
    bytes: int
    stays: bool
    reason: Reason


@dataclass(frozen=True, slots=True)
class Simulation:
    storage: str
    policy: Policy
    kept: Policy
    fates: Sequence[Fate]
    days: Mapping[date, list[Fate]]
    year: Sequence[Point]
    reaches: date | None
    over: int

    @property
    def staying(self) -> list[Fate]:
        return [fate for fate in self.fates if fate.stays]

    @property
    def going(self) -> list[Fate]:
        return [fate for fate in self.fates if not fate.stays]


def simulate(storage: str, policy: Policy, now: datetime) -> Simulation:
    kept, rules = policies.of(storage), policies.rules()
    found, plans = shelves.plan(now, trial={storage: policy})
    held = found[storage].held
    fates = _fates(held, plans[storage], rules)
    reach = [day for day in borders(policy, now.astimezone(rules.zone).date()).values() if day]
    return Simulation(
        storage=storage,
        policy=policy,
        kept=kept,
        fates=fates,
        days=_by_day(fates),
        year=forecast(held, policy, now, rules=rules),
        reaches=min(reach, default=None),
        over=plans[storage].over,
    )


def _fates(held: Sequence[Held], plan: Plan, rules: Rules) -> list[Fate]:
    """What waits for a later run goes too: it is shown with the reason why it goes, not why it waits."""
    leaving = plan.leaving
    found = [
        Fate(
            one.id,
            one.created,
            day_of(one.created, rules.zone),
            one.bytes,
            one.id not in leaving,
            leaving.get(one.id) or plan.kept[one.id],
        )
        for one in held
    ]
    return sorted(found, key=lambda fate: fate.created, reverse=True)


def _by_day(fates: Sequence[Fate]) -> Mapping[date, list[Fate]]:
    found: dict[date, list[Fate]] = defaultdict(list)
    for fate in fates:
        found[fate.day].append(fate)
    return found
