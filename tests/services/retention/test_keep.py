"""What retention promises, each sentence against archives that Hypothesis makes up."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backups.services.retention import PERIODS, PRESET, Held, Policy, Purpose, Rules, keep

from .made_up import DATABASE, FILES, NOW, RULES, caps, day_by_day, policies, rules, storages

NOTHING = Policy(0, 0, 0, 0, 0)
parts = st.sampled_from(["database", "files"])


def counting(archives: list[Held], part: str = "database", system: str = "qparkin") -> list[Held]:
    """Newest first, the way retention is to look at them."""
    found = [
        one
        for one in archives
        if one.whole
        and one.purpose == Purpose.REGULAR
        and one.system == system
        and (part in one.content or (part == "database" and not one.content))
    ]
    return sorted(found, key=lambda one: (one.created, one.id), reverse=True)


@given(storages(), policies, caps, rules, st.integers(0, 7))
def test_each_archive_stays_or_goes_and_never_both(
    archives: list[Held], policy: Policy, cap: int, terms: Rules, at_once: int
) -> None:
    plan = keep(archives, replace(policy, max_bytes=cap), NOW, rules=replace(terms, at_once=at_once))
    assert set(plan.kept) | set(plan.dropped) == {one.id for one in archives}
    assert not set(plan.kept) & set(plan.dropped)
    assert set(plan.waiting) <= set(plan.kept)


@given(storages(), policies, caps, rules, parts)
def test_the_newest_proven_never_goes(
    archives: list[Held], policy: Policy, cap: int, terms: Rules, part: str
) -> None:
    plan = keep(archives, replace(policy, max_bytes=cap), NOW, rules=terms)
    newest = next((one for one in counting(archives, part) if one.proven), None)
    assert newest is None or newest.id in plan.kept


@pytest.mark.parametrize("cap", [None, 0])
def test_the_newest_proven_stays_however_old_and_no_other_for_its_sake(cap: int | None) -> None:
    old = [replace(one, proven=age in (20, 25)) for age, one in enumerate(day_by_day(30))]
    plan = keep(old, replace(NOTHING, max_bytes=cap), NOW, rules=RULES)
    assert {archive: reason.code for archive, reason in plan.kept.items()} == {
        "a0": "newest",
        "a20": "newest_proven",
    }


@given(storages(), policies, caps, rules)
def test_a_pinned_one_never_goes_before_its_date(
    archives: list[Held], policy: Policy, cap: int, terms: Rules
) -> None:
    plan = keep(archives, replace(policy, max_bytes=cap), NOW, rules=terms)
    for one in archives:
        if one.pinned_until and one.pinned_until > NOW:
            assert plan.kept[one.id].code in ("pinned", "clock")


def test_a_pin_whose_date_has_passed_holds_nothing() -> None:
    old = replace(day_by_day(400)[-1], pinned_until=NOW - timedelta(seconds=1))
    assert old.id in keep([*day_by_day(8), old], NOTHING, NOW, rules=RULES).dropped


@given(storages(), policies, caps, rules)
def test_a_safety_backup_stays_within_the_undo_window(
    archives: list[Held], policy: Policy, cap: int, terms: Rules
) -> None:
    plan = keep(archives, replace(policy, max_bytes=cap), NOW, rules=terms)
    for one in archives:
        if one.purpose == Purpose.SAFETY and NOW - one.created <= terms.undo_window:
            assert one.id in plan.kept


@given(storages(), policies, caps, rules)
def test_what_was_taken_over_and_what_is_damaged_never_goes_by_itself(
    archives: list[Held], policy: Policy, cap: int, terms: Rules
) -> None:
    plan = keep(archives, replace(policy, max_bytes=cap), NOW, rules=terms)
    assert all(one.id in plan.kept for one in archives if not one.whole or one.purpose == Purpose.ADOPTED)


@given(storages(), policies, rules)
def test_what_is_damaged_or_taken_over_or_a_safety_backup_counts_for_nothing(
    archives: list[Held], policy: Policy, terms: Rules
) -> None:
    """Whether it is there or not, the others fare the same."""
    bystanders = [one for one in archives if not one.whole or one.purpose != Purpose.REGULAR]
    others = [one for one in archives if one not in bystanders]
    times = replace(terms, made=tuple(one.created for one in archives))
    alone = keep(others, policy, NOW, rules=times)
    together = keep(archives, policy, NOW, rules=times)
    assert {one.id for one in others} & set(together.kept) == set(alone.kept)


@given(policies, caps, rules)
def test_the_word_of_an_empty_listing_drops_nothing(policy: Policy, cap: int, terms: Rules) -> None:
    plan = keep([], replace(policy, max_bytes=cap), NOW, rules=terms)
    assert (plan.kept, plan.dropped) == ({}, {})


@given(storages(), policies, rules, st.sets(st.integers(0, 60)))
def test_a_listing_that_leaves_some_out_drops_nothing_that_stands_for_its_day(
    archives: list[Held], policy: Policy, terms: Rules, left_out: set[int]
) -> None:
    """Seen less, kept no less of what is seen: a storage that answers by halves evicts nothing."""
    times = replace(terms, made=tuple(one.created for one in archives))
    seen = [one for number, one in enumerate(archives) if number not in left_out]
    whole, half = keep(archives, policy, NOW, rules=times), keep(seen, policy, NOW, rules=times)
    assert {one.id for one in seen} & set(whole.kept) <= set(half.kept)


@given(storages(), policies, caps, rules, st.integers(-1, 7))
def test_never_more_than_so_many_in_one_run_the_oldest_first(
    archives: list[Held], policy: Policy, cap: int, terms: Rules, at_once: int
) -> None:
    policy = replace(policy, max_bytes=cap)
    plan = keep(archives, policy, NOW, rules=replace(terms, at_once=at_once))
    everything = keep(archives, policy, NOW, rules=terms).dropped
    assert len(plan.dropped) <= max(0, at_once)
    assert list(plan.dropped) == list(everything)[: max(0, at_once)]
    assert list(plan.leaving) == list(everything)
    ages = {one.id: one.created for one in archives}
    assert [ages[archive] for archive in everything] == sorted(ages[archive] for archive in everything)


@given(storages(), policies, policies, rules)
def test_a_larger_policy_keeps_all_that_a_smaller_one_keeps(
    archives: list[Held], policy: Policy, more: Policy, terms: Rules
) -> None:
    larger = Policy(
        policy.all_days + more.all_days, policy.daily + more.daily, policy.weekly + more.weekly,
        policy.monthly + more.monthly, policy.yearly + more.yearly,
    )  # fmt: skip
    kept = keep(archives, policy, NOW, rules=terms).kept
    assert set(kept) <= set(keep(archives, larger, NOW, rules=terms).kept)


@given(storages(), policies, caps, st.integers(0, 4_000), rules)
def test_a_larger_cap_keeps_all_that_a_smaller_one_keeps(
    archives: list[Held], policy: Policy, cap: int, more: int, terms: Rules
) -> None:
    small, large, none = (
        set(keep(archives, replace(policy, max_bytes=bound), NOW, rules=terms).kept)
        for bound in (cap, cap + more, None)
    )
    assert small <= large <= none


@given(storages(), policies, caps, rules)
def test_over_the_cap_only_what_time_alone_keeps_goes_and_no_more_than_is_needed(
    archives: list[Held], policy: Policy, cap: int, terms: Rules
) -> None:
    free = keep(archives, policy, NOW, rules=terms)
    plan = keep(archives, replace(policy, max_bytes=cap), NOW, rules=terms)
    sizes = {one.id: one.bytes for one in archives}
    capped = [archive for archive, reason in plan.dropped.items() if reason.code == "over_cap"]
    assert {free.kept[archive].code for archive in capped} <= {"all", *PERIODS}
    assert set(plan.dropped) == set(free.dropped) | set(capped)
    total = sum(sizes[archive] for archive in plan.kept)
    doubted = any(reason.code == "clock" for reason in plan.kept.values())
    assert doubted or plan.over == max(0, total - cap)
    if capped:
        # Without the last of them it would not fit.
        newest = max(capped, key=lambda archive: next(one.created for one in archives if one.id == archive))
        assert total + sizes[newest] > cap


@given(storages(), policies, rules, parts)
def test_the_newest_of_each_content_never_goes_whatever_the_others_are(
    archives: list[Held], policy: Policy, terms: Rules, part: str
) -> None:
    plan = keep(archives, replace(policy, max_bytes=0), NOW, rules=terms)
    for system in ("qparkin", "qparkin2", ""):
        assert all(one.id in plan.kept for one in counting(archives, part, system)[:1])


@given(storages(), policies, rules, parts)
def test_what_holds_the_one_pushes_out_nothing_that_holds_the_other(
    archives: list[Held], policy: Policy, terms: Rules, part: str
) -> None:
    """What would stay if the other part had never been backed up stays beside it too."""
    times = replace(terms, made=tuple(one.created for one in archives))
    alone = [
        replace(one, content=frozenset({part}))
        for one in archives
        if part in one.content or (part == "database" and not one.content)
    ]
    kept = keep(alone, policy, NOW, rules=times).kept
    assert set(kept) <= set(keep(archives, policy, NOW, rules=times).kept)


@given(storages(), policies, caps, rules, st.integers(1, 200), st.booleans())
def test_a_clock_that_leapt_drops_nothing(
    archives: list[Held], policy: Policy, cap: int, terms: Rules, years: int, back: bool
) -> None:
    wrong = NOW.replace(year=1970) if back else NOW.replace(year=2026 + years)
    assert keep(archives, replace(policy, max_bytes=cap), wrong, rules=terms).dropped == {}


@given(storages(), policies, caps, rules, st.integers(1, 6))
def test_nor_when_backups_were_made_by_the_wrong_clock(
    archives: list[Held], policy: Policy, cap: int, terms: Rules, days: int
) -> None:
    """Less than a week of them in 2099 does not make everything else old, then or afterwards."""
    wrong = NOW.replace(year=2099)
    made = [*archives, *day_by_day(8), *day_by_day(days, now=wrong, prefix="wrong")]
    assert keep(made, replace(policy, max_bytes=cap), wrong, rules=terms).dropped == {}
    right = keep(made, replace(policy, max_bytes=cap), NOW, rules=terms).dropped
    alone = keep([*archives, *day_by_day(8)], replace(policy, max_bytes=cap), NOW, rules=terms).dropped
    assert set(right) <= set(alone)


def test_after_a_real_pause_a_week_of_backups_makes_time_count_again() -> None:
    later = NOW + timedelta(days=200)
    old = day_by_day(30)
    assert keep([*old, *day_by_day(6, now=later, prefix="b")], PRESET, later, rules=RULES).dropped == {}
    assert keep([*old, *day_by_day(7, now=later, prefix="b")], PRESET, later, rules=RULES).dropped


def test_a_panel_that_stopped_making_backups_drops_none_of_the_old_ones() -> None:
    assert keep(day_by_day(90), PRESET, NOW + timedelta(days=41), rules=RULES).dropped == {}


@given(storages(), policies, caps, rules)
def test_what_the_storage_has_locked_is_not_tried(
    archives: list[Held], policy: Policy, cap: int, terms: Rules
) -> None:
    plan = keep(archives, replace(policy, max_bytes=cap), NOW, rules=terms)
    assert all(one.id in plan.kept for one in archives if one.retained_until and one.retained_until > NOW)


def test_a_lock_says_so_only_where_it_is_what_keeps_the_archive() -> None:
    soon = NOW + timedelta(days=3)
    locked = [replace(one, retained_until=soon) for one in day_by_day(500)]
    kept = keep(locked, Policy(7, 0, 0, 0, 0), NOW, rules=RULES).kept
    assert (kept["a0"].code, kept["a7"].code) == ("newest", "all")
    assert (kept["a8"].code, kept["a8"].params) == ("locked", {"until": soon.isoformat()})


@given(storages(), policies, rules, st.integers(1, 400), st.integers(1, 3))
def test_clearing_often_leaves_the_same_as_clearing_once(
    archives: list[Held], policy: Policy, terms: Rules, days: int, steps: int
) -> None:
    """What stands for a month must still be there when its days and weeks have passed."""
    times = replace(terms, made=tuple(day.created for day in day_by_day(420, now=NOW + timedelta(days=400))))
    later = NOW + timedelta(days=days)
    left = archives
    for step in range(steps):
        moment = NOW + timedelta(days=days * step // steps)
        left = [one for one in left if one.id in keep(left, policy, moment, rules=times).kept]
    assert set(keep(left, policy, later, rules=times).kept) == set(
        keep(archives, policy, later, rules=times).kept
    )


def test_spaties_defaults_keep_what_spatie_keeps() -> None:
    """Seven days of everything, then 16 daily, 8 weekly, 4 monthly, 2 yearly, and the rest goes."""
    plan = keep(day_by_day(1500), PRESET, NOW, rules=RULES)
    found: dict[str, int] = {}
    for reason in plan.kept.values():
        found[reason.code] = found.get(reason.code, 0) + 1
    assert (found["newest"], found["all"], found["daily"]) == (1, 7, 16)
    assert found["weekly"] in (8, 9)
    # Ends of months and years that lie within an earlier period stay there for the later one.
    assert found["monthly"] in (5, 6, 7)
    assert found["yearly"] in (2, 3)
    assert plan.dropped["a1499"].code == "too_old"
    assert plan.dropped["a30"].params["period"] == "weekly"


def test_several_a_day_stay_for_a_week_and_then_one_of_each_day() -> None:
    hourly = [
        replace(one, id=f"h{number}", created=NOW - timedelta(hours=number))
        for number, one in enumerate(day_by_day(24 * 20))
    ]
    plan = keep(hourly, PRESET, NOW, rules=RULES)
    local = {one.id: one.created.astimezone(RULES.zone) for one in hourly}
    kept_then = [local[archive] for archive, reason in plan.kept.items() if reason.code == "daily"]
    assert {moment.hour for moment in kept_then} == {23}
    assert len(kept_then) == len({moment.date() for moment in kept_then}) == 13


def test_the_day_is_the_panels_not_utcs() -> None:
    """23.30 and 00.30 in Jakarta are one day in UTC, and two here."""
    evening = datetime.fromisoformat("2026-11-01T23:30+07:00")
    night = datetime.fromisoformat("2026-11-02T00:30+07:00")
    two = [
        replace(one, created=at) for one, at in zip(day_by_day(2, prefix="n"), (evening, night), strict=True)
    ]
    kept = keep([*day_by_day(8), *two], PRESET, NOW, rules=RULES).kept
    assert (kept["n0"].code, kept["n1"].code) == ("daily", "daily")


def test_one_that_failed_its_drill_stands_for_nothing_while_there_is_a_better_one() -> None:
    morning, evening = (
        replace(one, created=NOW - timedelta(days=10, hours=hours))
        for one, hours in zip(day_by_day(2, prefix="d"), (6, 1), strict=True)
    )
    archives = [*day_by_day(8), morning, replace(evening, disproved=True)]
    plan = keep(archives, PRESET, NOW, rules=RULES)
    assert plan.kept["d0"].code == "daily"
    assert plan.dropped["d1"].params == {"period": "daily", "by": "d0"}


@pytest.mark.parametrize("keep_last", [0, -3])
def test_a_wrong_setting_still_keeps_the_newest(keep_last: int) -> None:
    plan = keep(day_by_day(9), NOTHING, NOW, rules=replace(RULES, keep_last=keep_last))
    assert list(plan.kept) == ["a0"]


def test_the_last_ones_stay_however_old_and_of_each_content() -> None:
    files = day_by_day(5, now=NOW - timedelta(days=30), prefix="f", content=FILES)
    both = day_by_day(5, now=NOW - timedelta(days=60), prefix="b", content=DATABASE | FILES)
    plan = keep([*day_by_day(9), *files, *both], NOTHING, NOW, rules=replace(RULES, keep_last=2))
    assert set(plan.kept) == {"a0", "a1", "f0", "f1"}
