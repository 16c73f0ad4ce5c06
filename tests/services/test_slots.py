"""Each slot once, whatever the clocks do; a missed one is made up for, once, and marked so."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings as panel
from django.db import connection
from django.test import override_settings
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backups.models import Job, Schedule, Slot
from backups.services import lease, schedules, slots
from backups.services.timetable import Rule, after
from tests.services.test_timetable import rules, zones

pytestmark = pytest.mark.django_db

# 03:00 in Jakarta; the slot of two o'clock was an hour ago.
NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _no_other() -> None:
    Schedule.objects.all().delete()


def scheduled(every: str = "daily", *, since: datetime = NOW - HOUR / 2, **values: object) -> Schedule:
    return Schedule.objects.create(name="malam", every=every, at=time(2), since=since, **values)


def tick(now: datetime) -> None:
    slots.start_what_is_due(now)
    slots.follow()


def end(state: str = "done") -> None:
    """The worker has been there."""
    Job.objects.filter(state__in=("queued", "running")).update(state=state, lock=None)
    slots.follow()


def ticks(now: datetime, *, days: float, every: timedelta = HOUR) -> datetime:
    """The clock runs on, and backups take no time."""
    until = now + days * DAY
    while now < until:
        now += every
        tick(now)
        end()
    return now


def story() -> list[tuple[str, str, bool]]:
    found = Slot.objects.filter(schedule__isnull=False).order_by("at")
    return [(f"{timezone.localtime(slot.at):%d %H}", slot.state, slot.late) for slot in found]


def test_a_new_schedule_waits_for_its_first_slot() -> None:
    daily = scheduled()
    tick(NOW)
    daily.refresh_from_db()
    assert daily.next_run == NOW + 23 * HOUR
    assert not Slot.objects.exists()


def test_a_slot_starts_one_backup_and_follows_it() -> None:
    scheduled(content="database")
    tick(NOW + 23 * HOUR)
    tick(NOW + 23 * HOUR + timedelta(seconds=5))
    slot, job = Slot.objects.get(), Job.objects.get()
    assert (slot.state, slot.late, slot.job) == ("claimed", False, job)
    assert (job.trigger, job.options["content"]) == ("schedule", "database")
    mine = lease.claim(job.pk, "worker")
    assert mine is not None
    tick(NOW + 23 * HOUR + timedelta(seconds=10))
    assert story() == [("24 02", "started", False)]
    lease.finish(mine, result={})
    tick(NOW + 23 * HOUR + timedelta(seconds=15))
    assert story() == [("24 02", "done", False)]


def test_a_paused_one_starts_nothing() -> None:
    daily = scheduled()
    schedules.pause(daily, by=None)
    tick(NOW + 3 * DAY)
    assert not Slot.objects.exists()


def test_what_was_missed_is_made_up_for_once_and_late() -> None:
    scheduled()
    back = NOW + 3 * DAY + 5 * HOUR
    tick(back)
    assert story() == [("24 02", "missed", False), ("25 02", "missed", False), ("26 02", "claimed", True)]
    ticks(back, days=0.5)
    assert Job.objects.count() == 1


def test_a_year_without_power_fills_no_table() -> None:
    scheduled("hours", hours=1)
    tick(NOW + 365 * DAY)
    assert Slot.objects.count() == slots.MOST_MISSED
    assert Job.objects.count() == 1


def test_a_backup_that_waits_is_not_asked_for_twice() -> None:
    scheduled("hours", hours=1, since=NOW)
    for hour in range(1, 4):
        tick(NOW + hour * HOUR)
    assert [state for _, state, _ in story()] == ["claimed", "missed", "missed"]
    assert Job.objects.count() == 1
    # While one runs, the next may wait.
    Job.objects.update(state="running")
    tick(NOW + 4 * HOUR)
    assert [state for _, state, _ in story()] == ["started", "missed", "missed", "claimed"]


@pytest.mark.parametrize("jump", [HOUR, DAY, 26 * HOUR])
@pytest.mark.parametrize("every", ["daily", "hours"])
def test_a_clock_that_is_set_back_repeats_nothing(every: str, jump: timedelta) -> None:
    scheduled(every, hours=1, since=NOW - 3 * DAY)
    # The machine was off for a while, too.
    now = ticks(ticks(NOW - 3 * DAY, days=1) + 5 * HOUR, days=1.5)
    before = {slot.at: slot.job_id for slot in Slot.objects.exclude(state="missed")}
    ticks(now - jump, days=2)
    after_it = Slot.objects.exclude(state="missed")
    assert {slot.at: slot.job_id for slot in after_it if slot.at in before} == before
    assert Job.objects.count() == after_it.count() > len(before)


@pytest.mark.parametrize("every", ["daily", "hours"])
@pytest.mark.parametrize("ahead", [timedelta(days=73 * 365), 3 * DAY])
def test_a_clock_that_ran_ahead_recovers(every: str, ahead: timedelta) -> None:
    scheduled(every, hours=1, since=NOW - DAY)
    now = ticks(NOW - DAY, days=1)
    so_far = Job.objects.count()
    tick(now + ahead)
    end()
    assert Job.objects.count() == so_far + 1
    assert Slot.objects.count() <= so_far + slots.MOST_MISSED
    tick(now + timedelta(seconds=5))
    ticks(now, days=4.5)
    begun = {slot.at for slot in Slot.objects.filter(schedule__isnull=False, state="done")}
    expected = islice(after(Rule(every, time(2), hours=1), panel_zone(), now), 4 if every == "daily" else 96)
    # What stands in the next hour may be the word of another host's clock.
    assert {at for at in expected if at > now + HOUR} <= begun
    assert Schedule.objects.get().next_run <= now + 6 * DAY  # type: ignore[operator]


def test_a_schedule_that_was_made_in_a_wrong_future_begins_now() -> None:
    scheduled(since=NOW + 70 * 365 * DAY)
    ticks(NOW, days=1)
    assert story() == [("24 02", "done", False)]


def test_a_backup_that_a_crash_broke_off_is_begun_anew() -> None:
    scheduled()
    due = NOW + 23 * HOUR
    for tried in range(1, slots.MOST_TRIES + 1):
        tick(due + tried * timedelta(minutes=1))
        assert Slot.objects.get().tries == tried
        Job.objects.filter(state="queued").update(state="interrupted")
    tick(due + HOUR)
    assert (story(), Job.objects.count()) == ([("24 02", "failed", False)], slots.MOST_TRIES)


def test_what_it_left_is_settled_first() -> None:
    scheduled()
    tick(NOW + 23 * HOUR)
    Job.objects.update(state="interrupted", lock="qparkin")
    tick(NOW + 23 * HOUR + timedelta(seconds=5))
    assert Job.objects.count() == 1
    Job.objects.update(lock=None)
    tick(NOW + 23 * HOUR + timedelta(seconds=10))
    assert [job.state for job in Job.objects.order_by("created_at")] == ["interrupted", "queued"]


def test_what_a_later_slot_makes_up_for_is_not_begun_anew() -> None:
    scheduled()
    tick(NOW + 23 * HOUR)
    Job.objects.update(state="interrupted")
    tick(NOW + 23 * HOUR + 2 * DAY)
    assert story() == [("24 02", "failed", False), ("25 02", "missed", False), ("26 02", "claimed", False)]


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_a_failure_is_not_tried_again(state: str) -> None:
    scheduled()
    tick(NOW + 23 * HOUR)
    end(state)
    tick(NOW + 24 * HOUR)
    assert (story(), Job.objects.count()) == ([("24 02", "failed", False)], 1)


def test_one_schedule_that_cannot_be_read_holds_up_no_other() -> None:
    scheduled()
    Schedule.objects.create(name="aneh", every="cron", cron="0 2 30 2 *", since=NOW)
    tick(NOW + 23 * HOUR)
    assert Job.objects.count() == 1


def test_what_a_deleted_schedule_did_stays() -> None:
    daily = scheduled()
    tick(NOW + 23 * HOUR)
    schedules.delete(daily, by=None)
    end()
    assert (Slot.objects.get().state, Job.objects.count()) == ("done", 1)


@pytest.mark.django_db(transaction=True)
def test_of_many_clocks_one_takes_the_slot() -> None:
    Schedule.objects.all().delete()
    scheduled()
    ready = threading.Barrier(6)

    def beat() -> None:
        try:
            ready.wait()
            slots.start_what_is_due(NOW + 23 * HOUR)
        finally:
            connection.close()

    clocks = [threading.Thread(target=beat) for _ in range(6)]
    for clock in clocks:
        clock.start()
    for clock in clocks:
        clock.join()
    assert (Slot.objects.count(), Job.objects.count()) == (1, 1)


def panel_zone() -> ZoneInfo:
    return ZoneInfo(panel.TIME_ZONE)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rules, zones, st.integers(1_500_000_000, 2_000_000_000), st.integers(1, 5))
def test_the_next_runs_that_are_shown_are_those_that_come(
    rule: Rule, zone: ZoneInfo, begin: int, minutes: int
) -> None:
    now = datetime.fromtimestamp(begin, UTC)
    with override_settings(TIME_ZONE=zone.key):
        Schedule.objects.all().delete()
        Slot.objects.all().delete()
        made = schedules.add(schedules.Plan("acak", rule), by=None)
        Schedule.objects.update(since=now)
        shown = schedules.upcoming(rule, now)
        # A clock that looks just before each, on it, and some minutes later.
        for moment in sorted(_looks(shown, timedelta(minutes=minutes))):
            tick(moment)
            end()
        begun = Slot.objects.filter(schedule=made).exclude(state="missed").order_by("at")
        assert [slot.at for slot in begun] == list(shown)
        assert not begun.filter(late=True).exists()


def _looks(shown: tuple[datetime, ...], later: timedelta) -> Iterator[datetime]:
    for at in shown:
        yield at - timedelta(seconds=1)
        yield at
        if at + later < min((other for other in shown if other > at), default=at + DAY):
            yield at + later
