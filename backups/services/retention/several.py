"""Several storages, each with a policy of its own. None lets go of what another one promises and lacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from .choose import keep
from .values import Held, Plan, Policy, Reason, Rules

ELSEWHERE = Reason("elsewhere")


@dataclass(frozen=True, slots=True)
class Shelf:
    """What one storage holds, as its listing says; nothing, where it could not be listed.

    `elsewhere`: its key may not list, so somebody else thins it out; what was written there counts.
    """

    policy: Policy
    held: Sequence[Held] = ()
    elsewhere: bool = False


def plans(shelves: Mapping[str, Shelf], now: datetime, *, rules: Rules) -> dict[str, Plan]:
    """One after the other: what an earlier one drops in this run counts for a later one as gone."""
    promised = _promised(shelves, now, rules)
    whole = {name: {held.id for held in shelf.held if held.whole} for name, shelf in shelves.items()}
    made: dict[str, Plan] = {}
    for name, shelf in shelves.items():
        held = [_waiting(one, name, promised, whole) for one in shelf.held] if promised else shelf.held
        made[name] = keep(held, shelf.policy, now, rules=rules)
        if shelf.elsewhere:
            made[name] = _not_ours(made[name])
        whole[name] -= set(made[name].dropped)
    return made


def _not_ours(plan: Plan) -> Plan:
    return replace(plan, kept={**plan.kept, **dict.fromkeys(plan.leaving, ELSEWHERE)}, dropped={}, waiting={})


def _promised(shelves: Mapping[str, Shelf], now: datetime, rules: Rules) -> dict[str, set[str]]:
    """What each would keep if it had everything that is whole anywhere."""
    if len(shelves) == 1:
        return {}
    everything = {
        held.id: replace(held, retained_until=None) if held.retained_until else held
        for shelf in shelves.values()
        for held in shelf.held
        if held.whole
    }
    found = list(everything.values())
    # Mostly all have the same policy, and it gives the same answer.
    answers = {
        policy: keep(found, policy, now, rules=rules) for policy in {one.policy for one in shelves.values()}
    }
    staying = {policy: set(plan.kept) - set(plan.waiting) for policy, plan in answers.items()}
    return {name: staying[shelf.policy] for name, shelf in shelves.items()}


def _waiting(one: Held, here: str, promised: Mapping[str, set[str]], whole: Mapping[str, set[str]]) -> Held:
    needed_by = _needing(one.id, here, promised, whole)
    return replace(one, needed_by=needed_by) if needed_by else one


def _needing(archive: str, here: str, promised: Mapping[str, set[str]], whole: Mapping[str, set[str]]) -> str:
    """The first storage that promises it, where no other whole copy of it would be left.

    Another one before this one itself, which may have promised more than its size cap has room for now that a
    damaged archive, which stays, weighs on it: it is over its cap then, and says so.
    """
    if any(archive in ids for name, ids in whole.items() if name != here):
        return ""
    others_first = sorted(promised, key=lambda name: name == here)
    return next((name for name in others_first if archive in promised[name]), "")
