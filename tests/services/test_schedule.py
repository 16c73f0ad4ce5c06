"""Schedules: by the panel's clock, each slot once, a missed one made up for once."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from django.utils import timezone

from backups.models import AuditEvent, Job, Schedule
from backups.services.schedule import change_schedule, next_slot, start_when_due

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("parking")]

# 03:00 in Jakarta.
NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)


@pytest.fixture
def daily() -> Schedule:
    Schedule.objects.all().delete()
    return Schedule.objects.create(name="daily", every="daily", at=time(2, 0))


def test_the_next_slot_is_in_local_time(daily: Schedule) -> None:
    assert next_slot(daily, NOW) == datetime(2026, 11, 23, 19, 0, tzinfo=UTC)
    assert next_slot(daily, NOW - timedelta(hours=2)) == datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
    # On the stroke the slot is this one's successor.
    assert next_slot(daily, datetime(2026, 11, 22, 19, 0, tzinfo=UTC)).day == 24


def test_the_hourly_one_counts_minutes_only(daily: Schedule) -> None:
    daily.every, daily.at = "hourly", time(2, 15)
    assert next_slot(daily, NOW) == NOW + timedelta(minutes=15)


def test_a_new_schedule_waits_for_its_first_slot(daily: Schedule) -> None:
    assert start_when_due(daily, NOW) is None
    daily.refresh_from_db()
    assert daily.next_run == next_slot(daily, NOW)
    assert not Job.objects.exists()


def test_a_due_slot_starts_one_backup_however_many_clocks_there_are(daily: Schedule) -> None:
    Schedule.objects.update(next_run=NOW - timedelta(days=3))
    clocks = [Schedule.objects.get(), Schedule.objects.get()]
    started = [start_when_due(clock, NOW) for clock in clocks]
    assert [job is not None for job in started] == [True, False]
    assert Job.objects.get().trigger == "schedule"
    daily.refresh_from_db()
    assert (daily.next_run, daily.last_slot) == (next_slot(daily, NOW), NOW - timedelta(days=3))


def test_a_change_is_recorded_and_off_means_off(daily: Schedule) -> None:
    changed = change_schedule(daily, every="daily", at=time(4, 30), enabled=True, by=None)
    assert changed.next_run is not None
    assert timezone.localtime(changed.next_run).hour == 4
    assert change_schedule(daily, every="daily", at=time(4, 30), enabled=False, by=None).next_run is None
    assert AuditEvent.objects.filter(action="change_schedule").count() == 2
