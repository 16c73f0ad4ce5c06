"""When schedules fall due, in zones whose clocks jump and in Indonesia's, whose never do."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backups.services import cron
from backups.services.timetable import HOURS, LAST_DAY, Rule, after, before

JAKARTA = ZoneInfo("Asia/Jakarta")
BERLIN = ZoneInfo("Europe/Berlin")
# Half an hour, two hours, at midnight, a whole day left out, and none.
ZONES = [
    "Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "Europe/Berlin", "America/New_York", "Pacific/Apia",
    "Australia/Lord_Howe", "Antarctica/Troll", "America/Havana", "Africa/Cairo", "America/Santiago",
]  # fmt: skip

times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
rules = st.one_of(
    st.builds(Rule, every=st.just("daily"), at=times),
    st.builds(Rule, every=st.just("hours"), at=times, hours=st.sampled_from(HOURS)),
    st.builds(
        Rule, every=st.just("weekly"), at=times,
        weekdays=st.sets(st.integers(0, 6), min_size=1).map(tuple),
    ),
    st.builds(Rule, every=st.just("monthly"), at=times, day=st.integers(0, 31)),
    st.builds(
        Rule, every=st.just("cron"),
        cron=st.sampled_from(
            ["0 2 * * *", "30 * * * *", "*/15 1-3 * * *", "0 */5 * * 1-5", "0 3 L * *", "0 0 29 2 *"]
        ),
    ),
)  # fmt: skip
zones = st.sampled_from(ZONES).map(ZoneInfo)
moments = st.integers(1_293_840_000, 4_102_400_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def some(rule: Rule, moment: datetime, *, zone: ZoneInfo = JAKARTA, count: int = 4) -> list[datetime]:
    return list(islice(after(rule, zone, moment), count))


def on_the_wall(slots: list[datetime], zone: ZoneInfo) -> list[str]:
    return [slot.astimezone(zone).isoformat(timespec="minutes")[5:] for slot in slots]


@settings(max_examples=300, deadline=None)
@given(rules, zones, moments)
def test_slots_come_one_after_the_other_and_are_the_same_looked_at_from_behind(
    rule: Rule, zone: ZoneInfo, moment: datetime
) -> None:
    slots = some(rule, moment, zone=zone, count=6)
    assert all(earlier < later for earlier, later in pairwise([moment, *slots]))
    assert list(islice(before(rule, zone, slots[-1]), 6)) == slots[::-1]
    assert next(before(rule, zone, slots[-1] - timedelta(microseconds=1))) == slots[-2]


@settings(max_examples=60, deadline=None)
@given(times, zones, st.dates(date(2012, 1, 1), date(2037, 1, 1)))
def test_a_daily_one_runs_once_on_each_day_of_the_wall(at: time, zone: ZoneInfo, start: date) -> None:
    begin = datetime.combine(start, time(), tzinfo=zone).astimezone(UTC) - timedelta(microseconds=1)
    slots = some(Rule("daily", at), begin, zone=zone, count=370)
    days = [slot.astimezone(zone).date() for slot in slots]
    assert days == [start + timedelta(days=number) for number in range(370)]


def test_a_time_that_the_clock_leaves_out_falls_on_the_jump() -> None:
    rule = Rule("daily", time(2, 30))
    spring = some(rule, datetime(2027, 3, 27, 12, tzinfo=UTC), zone=BERLIN, count=2)
    assert on_the_wall(spring, BERLIN) == ["03-28T03:00+02:00", "03-29T02:30+02:00"]


def test_a_time_that_the_clock_shows_twice_counts_once() -> None:
    rule = Rule("daily", time(2, 30))
    autumn = some(rule, datetime(2027, 10, 30, 12, tzinfo=UTC), zone=BERLIN, count=2)
    assert on_the_wall(autumn, BERLIN) == ["10-31T02:30+02:00", "11-01T02:30+01:00"]


@pytest.mark.parametrize(
    "rule", [Rule("hours", time(0, 30), hours=1), Rule("cron", cron="30 * * * *")], ids=["hours", "cron"]
)
def test_every_hour_keeps_to_real_hours(rule: Rule) -> None:
    for start in (datetime(2027, 3, 27, 20, tzinfo=UTC), datetime(2027, 10, 30, 20, tzinfo=UTC)):
        slots = some(rule, start, zone=BERLIN, count=10)
        assert {later - earlier for earlier, later in pairwise(slots)} == {timedelta(hours=1)}


def test_half_an_hour_of_summer_time() -> None:
    howe = ZoneInfo("Australia/Lord_Howe")
    spring = some(Rule("daily", time(2, 15)), datetime(2026, 10, 3, 0, tzinfo=UTC), zone=howe, count=2)
    assert on_the_wall(spring, howe) == ["10-04T02:30+11:00", "10-05T02:15+11:00"]


def test_a_day_that_never_was_is_made_up_for_at_once() -> None:
    apia = ZoneInfo("Pacific/Apia")
    slots = some(Rule("daily", time(2)), datetime(2011, 12, 29, 20, tzinfo=UTC), zone=apia, count=2)
    assert on_the_wall(slots, apia) == ["12-31T00:00+14:00", "12-31T02:00+14:00"]


def test_the_hours_are_the_same_every_day() -> None:
    assert Rule("hours", time(2, 15), hours=6).times == (time(2, 15), time(8, 15), time(14, 15), time(20, 15))
    assert Rule("hours", time(23), hours=12).times == (time(11), time(23))


def test_a_day_that_a_month_lacks_is_its_last() -> None:
    start = datetime(2027, 12, 31, 12, tzinfo=UTC)
    assert [slot.astimezone(JAKARTA).day for slot in some(Rule("monthly", day=31), start)] == [31, 29, 31, 30]
    assert [slot.astimezone(JAKARTA).day for slot in some(Rule("monthly", day=LAST_DAY), start)] == [
        31, 29, 31, 30,
    ]  # fmt: skip
    assert [slot.astimezone(JAKARTA).day for slot in some(Rule("monthly", day=30), start)] == [30, 29, 30, 30]


def test_chosen_weekdays() -> None:
    slots = some(Rule("weekly", time(2), weekdays=(0, 4)), datetime(2026, 11, 23, 0, tzinfo=UTC))
    assert on_the_wall(slots, JAKARTA) == [
        "11-27T02:00+07:00", "11-30T02:00+07:00", "12-04T02:00+07:00", "12-07T02:00+07:00",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    ["", "0 2 * *", "0 2 * * * *", "61 2 * * *", "0 2 * * 9", "kapan-kapan", "R 2 * * *", "H H * * *",
     "@daily", "*/0 * * * *", "- - - - -", "0 2 * * MON\n0", "0 2 ? * *", "0 2 * FOO *", "9" * 400],
)  # fmt: skip
def test_a_line_that_is_none_is_refused(line: str) -> None:
    with pytest.raises(cron.CronInvalid):
        cron.check(line)


@pytest.mark.parametrize("line", ["0 2 30 2 *", "0 0 31 4,6 *"])
def test_a_day_that_never_comes_is_said(line: str) -> None:
    with pytest.raises(cron.CronNever):
        cron.check(line)


@pytest.mark.parametrize("line", ["* * * * *", "*/4 * * * *", "0,58 * * * *", "1,2 3 * * *"])
def test_what_no_backup_keeps_up_with_is_refused(line: str) -> None:
    with pytest.raises(cron.CronTooOften):
        cron.check(line)


@pytest.mark.parametrize(
    "line", ["0 2 * * *", " 0  2 * * mon-fri ", "*/5 * * * *", "0 0 29 2 *", "0 2 L * *", "15 3 1,15 * *"]
)
def test_a_good_line_is_kept(line: str) -> None:
    cron.check(line)
    assert some(Rule("cron", cron=cron.tidy(line)), datetime(2026, 11, 23, tzinfo=UTC))
