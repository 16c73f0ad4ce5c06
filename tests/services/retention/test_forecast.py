"""A year ahead: the curve ends where the pure function would end if the year were lived through."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from backups.services.retention import PRESET, Policy, keep
from backups.services.retention.forecast import DAYS, forecast

from .made_up import NOW, RULES, day_by_day


@pytest.mark.parametrize(
    "policy", [PRESET, Policy(3, 5, 4, 3, 0), Policy(30, 0, 0, 12, 0), Policy(0, 0, 0, 0, 1)]
)
@pytest.mark.parametrize("days", [100, 300, DAYS])
def test_it_is_what_a_year_of_clearing_leaves(policy: Policy, days: int) -> None:
    before = day_by_day(60)
    later = NOW + timedelta(days=days)
    lived = day_by_day(60 + days, now=later)
    left = keep(lived, policy, later, rules=RULES).kept
    point = forecast(before, policy, NOW, rules=RULES)[days]
    assert (point.archives, point.bytes) == (len(left), 100 * len(left))


def test_today_is_what_there_is() -> None:
    first = forecast(day_by_day(60), Policy(1, 0, 0, 0, 0), NOW, rules=RULES)[0]
    assert (first.archives, first.bytes) == (60, 6000)


def test_several_a_day_are_counted_while_every_backup_is_kept() -> None:
    hourly = [
        replace(one, id=f"h{number}", created=NOW - timedelta(hours=number))
        for number, one in enumerate(day_by_day(24 * 28))
    ]
    year = forecast(hourly, Policy(7, 0, 0, 0, 0), NOW, rules=RULES)
    assert 7 * 24 <= year[-1].archives <= 9 * 24


def test_what_nobody_clears_stays_in_the_sum() -> None:
    damaged = [replace(one, whole=False) for one in day_by_day(3, prefix="d")]
    assert forecast(damaged, PRESET, NOW, rules=RULES)[-1].archives == 3
    assert forecast([], PRESET, NOW, rules=RULES)[-1].archives == 0


def test_one_that_a_wrong_clock_has_dated_is_counted_and_drawn_nowhere() -> None:
    wrong = [replace(day_by_day(1)[0], id=str(year), created=NOW.replace(year=year)) for year in (2027, 2099)]
    plain = forecast(day_by_day(60), PRESET, NOW, rules=RULES)
    beside = forecast([*wrong, *day_by_day(60)], PRESET, NOW, rules=RULES)
    assert [point.archives - 2 for point in beside] == [point.archives for point in plain]


def test_a_cap_bounds_the_year() -> None:
    year = forecast(day_by_day(60), Policy(90, 0, 0, 0, 0, max_bytes=2_000), NOW, rules=RULES)
    assert (year[-1].archives, year[-1].bytes) == (20, 2_000)
