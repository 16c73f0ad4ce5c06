"""What came before a backup that nobody has explained yet stays, whatever the policy says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backups.services.retention import Held, Policy, Rules, Shelf, Strange, keep, plans

from .made_up import DATABASE, FILES, NOW, RULES, caps, day_by_day, policies, rules, storages

NOTHING = Policy(0, 0, 0, 0, 0)


def strange(one: Held) -> Strange:
    return Strange(one.id, one.created, one.system, one.content or DATABASE)


def unseen(*found: Held, terms: Rules = RULES) -> Rules:
    return replace(terms, strange=tuple(strange(one) for one in found))


def of_part(archives: list[Held], part: str, system: str) -> list[Held]:
    found = [
        one
        for one in archives
        if one.whole and one.purpose == "regular" and one.system == system
        and part in (one.content or DATABASE)
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.created, one.id), reverse=True)


@given(storages(), policies, caps, rules, st.sets(st.integers(0, 45), max_size=6))
def test_the_newest_good_and_the_newest_proven_before_it_never_go(
    archives: list[Held], policy: Policy, cap: int, terms: Rules, which: set[int]
) -> None:
    odd = [one for number, one in enumerate(archives) if number in which]
    plan = keep(archives, replace(policy, max_bytes=cap), NOW, rules=unseen(*odd, terms=terms))
    ids = {one.id for one in odd}
    for one in odd:
        for part in one.content or DATABASE:
            before = [
                old
                for old in of_part(archives, part, one.system)
                if old.created < one.created and old.id not in ids
            ]
            good = next((old.id for old in before if not old.disproved), None)
            proven = next((old.id for old in before if old.proven), None)
            assert {good, proven} - {None} <= set(plan.kept)


@given(storages(), policies, rules, st.sets(st.integers(0, 45), max_size=6))
def test_an_anomaly_only_ever_keeps_more(
    archives: list[Held], policy: Policy, terms: Rules, which: set[int]
) -> None:
    odd = [one for number, one in enumerate(archives) if number in which]
    calm = keep(archives, policy, NOW, rules=terms)
    assert set(calm.kept) <= set(keep(archives, policy, NOW, rules=unseen(*odd, terms=terms)).kept)


@pytest.mark.parametrize("cap", [None, 0])
def test_what_came_before_stays_with_the_reason_until_somebody_has_seen_it(cap: int | None) -> None:
    old = [replace(one, proven=age in (1, 25)) for age, one in enumerate(day_by_day(30))]
    policy = replace(NOTHING, max_bytes=cap)
    plan = keep(old, policy, NOW, rules=unseen(old[20]))
    found = {archive: (reason.code, dict(reason.params)) for archive, reason in plan.kept.items()}
    assert found == {
        "a0": ("newest", {}),
        "a1": ("newest_proven", {}),
        "a20": ("unexplained", {}),
        "a21": ("before_anomaly", {"by": "a20"}),
        "a25": ("before_anomaly", {"by": "a20"}),
    }
    assert set(keep(old, policy, NOW, rules=RULES).kept) == {"a0", "a1"}


def test_of_several_strange_ones_in_a_row_the_one_before_the_first_stays() -> None:
    """An intruder who encrypts makes every backup strange: none of them is what to go back to."""
    week = day_by_day(20)
    plan = keep(week, NOTHING, NOW, rules=unseen(*week[:6]))
    assert plan.kept["a6"].code == "before_anomaly"
    assert set(plan.kept) == {f"a{age}" for age in range(7)}


def test_one_that_failed_its_drill_is_not_what_to_go_back_to() -> None:
    week = [replace(one, disproved=age == 6) for age, one in enumerate(day_by_day(20))]
    plan = keep(week, NOTHING, NOW, rules=unseen(week[5]))
    assert "a6" in plan.dropped
    assert plan.kept["a7"].code == "before_anomaly"


def test_files_alone_are_not_held_for_the_databases_sake() -> None:
    week = day_by_day(9)
    files = day_by_day(9, prefix="f", content=FILES)
    plan = keep([*week, *files], NOTHING, NOW, rules=unseen(week[3]))
    assert {"a0", "a3", "a4", "f0"} == set(plan.kept)


def test_it_is_held_at_each_storage_whichever_of_them_has_the_strange_one() -> None:
    week = day_by_day(20)
    found = {"local": Shelf(NOTHING, week), "s3": Shelf(NOTHING, [one for one in week if one != week[5]])}
    made = plans(found, NOW, rules=unseen(week[5]))
    assert made["local"].kept["a6"].code == "before_anomaly"
    assert made["s3"].kept["a6"].code == "before_anomaly"


def test_one_storage_waits_for_another_that_lacks_what_is_held() -> None:
    week = day_by_day(20)
    damaged = [replace(one, whole=one.id != "a6") for one in week]
    found = {"local": Shelf(NOTHING, week), "s3": Shelf(NOTHING, damaged)}
    assert "a6" in plans(found, NOW, rules=unseen(week[5]))["local"].kept


def test_thousands_of_strange_ones_are_no_slower_to_decide_on() -> None:
    hourly = [
        replace(one, id=f"h{number}", created=NOW - timedelta(hours=number))
        for number, one in enumerate(day_by_day(4000))
    ]
    assert keep(hourly, NOTHING, NOW, rules=unseen(*hourly[::2])).dropped == {}
