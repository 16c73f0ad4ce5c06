"""The one schedule that there was becomes the first of many, and what it waited for is not lost."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

BEFORE = ("backups", "0013_worker_hosts")
AFTER = ("backups", "0014_schedules")
DUE = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)


def moved_to(target: tuple[str, str]) -> object:
    executor = MigrationExecutor(connection)
    executor.migrate([target])
    return executor.loader.project_state([target]).apps.get_model("backups", "Schedule")


@pytest.mark.django_db(transaction=True)
def test_the_schedule_that_there_was_goes_on() -> None:
    newest = [key for key in MigrationExecutor(connection).loader.graph.leaf_nodes() if key[0] == "backups"]
    try:
        old = moved_to(BEFORE)
        old.objects.all().delete()  # type: ignore[attr-defined]
        values = {"at": time(2, 15), "last_slot": DUE - timedelta(days=1), "next_run": DUE}
        old.objects.create(name="malam", every="daily", **values)  # type: ignore[attr-defined]
        old.objects.create(name="jam", every="hourly", enabled=False)  # type: ignore[attr-defined]
        new = moved_to(AFTER)
        daily, hourly = new.objects.get(name="malam"), new.objects.get(name="jam")  # type: ignore[attr-defined]
        assert (daily.every, daily.at, daily.enabled, daily.content) == (
            "daily", time(2, 15), True, "everything",
        )  # fmt: skip
        # Due, and not yet begun: it still is.
        assert daily.since == DUE - timedelta(seconds=1)
        assert (hourly.every, hourly.hours, hourly.enabled) == ("hours", 1, False)
        assert moved_to(BEFORE).objects.get(name="jam").every == "hourly"  # type: ignore[attr-defined]
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(newest)
