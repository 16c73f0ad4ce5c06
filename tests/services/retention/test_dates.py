"""Archives that a wrong clock has dated: they cost no other one its place, and none of them goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from backups.services.retention import PRESET, Held, Policy, Rules, keep

from .made_up import NOW, RULES, caps, day_by_day, policies, rules, storages

NOTHING = Policy(0, 0, 0, 0, 0)


def dated(count: int, days: int, prefix: str = "w") -> list[Held]:
    """So many, one a day, the last of them so many days from now."""
    return day_by_day(count, now=NOW + timedelta(days=days), prefix=prefix, system="qparkin")


@given(storages(), policies, st.one_of(st.none(), caps), rules, st.integers(1, 30), st.integers(1, 30_000))
def test_what_lies_ahead_costs_no_other_one_its_place(
    archives: list[Held], policy: Policy, cap: int | None, terms: Rules, count: int, days: int
) -> None:
    policy = replace(policy, max_bytes=cap)
    wrong = [one for one in dated(count, days) if one.created > NOW + timedelta(hours=1)]
    alone = keep(archives, policy, NOW, rules=terms)
    beside = keep([*archives, *wrong], policy, NOW, rules=terms)
    assert set(beside.dropped) <= set(alone.dropped)
    assert {one.id for one in wrong} <= set(beside.kept)


def test_it_stops_no_clearing_of_the_others() -> None:
    """One backup made by a clock in 2099 would otherwise keep everything until then."""
    archives = day_by_day(60)
    wrong = replace(archives[0], id="w", created=NOW.replace(year=2099))
    plan = keep([wrong, *archives], PRESET, NOW, rules=RULES)
    assert set(plan.dropped) == set(keep(archives, PRESET, NOW, rules=RULES).dropped) != set()
    assert plan.kept["w"].code == "ahead"
    assert plan.kept["a0"].code == "newest"


def test_where_too_little_speaks_for_the_clock_nothing_goes() -> None:
    archives, wrong = day_by_day(6), dated(1, 4000)
    assert keep([*archives, *wrong], NOTHING, NOW, rules=RULES).dropped == {}
    assert keep([*day_by_day(7), *wrong], NOTHING, NOW, rules=RULES).dropped


@given(storages(), policies, caps, rules, st.integers(1, 40), st.integers(-20_000, -60))
def test_what_was_made_by_a_clock_that_was_behind_does_not_go_for_its_age(
    archives: list[Held], policy: Policy, cap: int, terms: Rules, count: int, days: int
) -> None:
    """The newest backups there are may bear the date of 1970."""
    numbered = [
        replace(one, sequence=number)
        for number, one in enumerate(sorted([*archives, *day_by_day(8)], key=lambda one: one.created), 1)
    ]
    behind = [replace(one, sequence=len(numbered) + 1) for one in dated(count, days)]
    plan = keep([*numbered, *behind], replace(policy, max_bytes=cap), NOW, rules=terms)
    assert {one.id for one in behind} <= set(plan.kept)


def test_a_clock_that_was_behind_is_told_from_a_single_one_that_was_ahead() -> None:
    """One that was dated months ahead, and whose date has come, makes none of the others wrong."""
    wrong = replace(day_by_day(1)[0], id="w", sequence=1)
    later = [replace(one, sequence=100 - age) for age, one in enumerate(day_by_day(90))]
    plan = keep([wrong, *later], NOTHING, NOW, rules=RULES)
    assert not [reason for reason in plan.kept.values() if reason.code == "behind"]
    assert len(plan.dropped) > 80


def test_one_of_1970_says_why_it_stays() -> None:
    numbered = [replace(one, sequence=30 - age) for age, one in enumerate(day_by_day(20))]
    wrong = replace(numbered[0], id="w", sequence=31, created=NOW.replace(year=1970))
    plan = keep([*numbered, wrong], NOTHING, NOW, rules=RULES)
    assert plan.kept["w"].code == "behind"
    assert set(plan.kept) == {"a0", "w"}
