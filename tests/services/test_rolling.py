"""The clock asks for copies to be read, one at a time, when nobody needs the workers."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.utils import timezone
from pytest_django import Settings

from backups import queries, storage_queries
from backups.models import Archive, Copy, Job, StorageState
from backups.services import clock, giving_way, jobs, rolling, work
from backups.services.giving_way import GaveWay
from backups.services.storages import in_turn
from tests.services.copying import copy_at, flip, nas, two

__all__ = ["nas", "two"]

pytestmark = pytest.mark.django_db(transaction=True)


def aged(storage: str, days: float) -> None:
    since = timezone.now() - timedelta(days=days)
    Copy.objects.filter(storage=storage).update(read_at=since, arrived_at=since)


def asked() -> Job | None:
    cache.clear()
    return rolling.ask_when_quiet(timezone.now())


@pytest.fixture
def quiet(two: Archive) -> Archive:
    """Nothing waits; both copies were read at once."""
    Job.objects.all().delete()
    return two


def test_the_copy_that_waits_longest_is_read_and_then_the_next(quiet: Archive) -> None:
    assert asked() is None
    aged("local", 12)
    aged("nas", 20)
    first = asked()
    assert first is not None
    assert (first.trigger, first.options) == ("schedule", {"deep": False, "storage": "nas"})
    assert asked() is None
    work.run_from_queue(str(first.pk))
    assert copy_at(quiet, "nas").read_at > timezone.now() - timedelta(minutes=5)  # type: ignore[operator]
    assert copy_at(quiet, "local").read_at < timezone.now() - timedelta(days=11)  # type: ignore[operator]
    # The share of this day is spent.
    assert asked() is None
    Job.objects.update(created_at=timezone.now() - timedelta(days=1))
    second = asked()
    assert second is not None
    assert second.options["storage"] == "local"


def test_two_clocks_ask_once(quiet: Archive) -> None:
    aged("nas", 20)
    # Both saw that nothing waits, before either had asked.
    assert rolling._ask(quiet, "nas") == rolling._ask(quiet, "nas")
    assert Job.objects.count() == 1


def test_nothing_is_asked_while_anything_waits(quiet: Archive) -> None:
    aged("nas", 20)
    waiting = jobs.request("backup", requested_by=None, trigger="schedule")
    assert asked() is None
    # What nobody can do holds nothing up for ever.
    Job.objects.filter(pk=waiting.pk).update(created_at=timezone.now() - timedelta(hours=3))
    assert asked() is not None


@pytest.mark.parametrize("what", ["away", "in doubt", "leaving", "damaged", "switched off", "of another"])
def test_what_is_not_read(quiet: Archive, settings: Settings, what: str) -> None:
    aged("nas", 20)
    state, _ = StorageState.objects.get_or_create(storage="nas")
    if what == "away":
        StorageState.objects.filter(pk=state.pk).update(problem_code="storage_unreachable")
    elif what == "in doubt":
        StorageState.objects.filter(pk=state.pk).update(doubted_at=timezone.now())
    elif what == "leaving":
        Copy.objects.filter(storage="nas").update(leaving={"code": "x"})
    elif what == "damaged":
        Copy.objects.filter(storage="nas").update(state="damaged")
    elif what == "switched off":
        settings.VERIFY_DAYS = 0
    else:
        Archive.objects.update(database="elsewhere")
    assert asked() is None


def test_one_that_took_its_worker_down_is_not_tried_again_at_once(quiet: Archive) -> None:
    aged("nas", 20)
    aged("local", 15)
    first = asked()
    assert first is not None
    Job.objects.filter(pk=first.pk).update(
        state="interrupted", created_at=timezone.now() - timedelta(hours=18)
    )
    later = asked()
    assert later is None or later.options["storage"] == "local"


def test_a_damaged_copy_is_found_told_and_made_anew_by_the_clock(quiet: Archive, settings: Settings) -> None:
    settings.DRILL_AFTER_BACKUP = False
    aged("nas", 20)
    flip(Path(copy_at(quiet).location))
    while_it_ticks()
    row = copy_at(quiet)
    assert (row.state, row.problem_code) == ("whole", "")
    assert Job.objects.filter(kind="verify", state="failed", error_code="archive_damaged").count() == 1
    assert Job.objects.get(kind="copy", state="done").result["repaired"]


def while_it_ticks() -> None:
    """The clock and one worker, until nothing waits."""
    for _ in range(6):
        cache.clear()
        clock.tick()
        for job in Job.objects.filter(state="queued", kind__in=("verify", "copy")):
            work.run_from_queue(str(job.pk))


def test_it_gives_way_to_a_backup_that_finds_no_worker(
    quiet: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    aged("nas", 20)
    read_before = copy_at(quiet).read_at
    job = asked()
    assert job is not None
    waiting = jobs.request("backup", requested_by=None, trigger="schedule")
    assert not giving_way.somebody_waits()
    Job.objects.filter(pk=waiting.pk).update(created_at=timezone.now() - timedelta(minutes=1))
    monkeypatch.setattr(giving_way, "LOOK_SECONDS", 0.0)
    with pytest.raises(GaveWay):
        work.run_here(job)
    job.refresh_from_db()
    assert (job.state, job.error_code) == ("cancelled", "gave_way")
    assert (copy_at(quiet).state, copy_at(quiet).read_at) == ("whole", read_before)
    Job.objects.filter(pk=waiting.pk).update(state="done")
    assert asked() is not None


def test_what_waits_for_another_job_does_not_wait_for_a_worker(quiet: Archive) -> None:
    waiting = jobs.request("backup", requested_by=None, trigger="schedule")
    Job.objects.filter(pk=waiting.pk).update(created_at=timezone.now() - timedelta(minutes=1))
    jobs.request("drill", requested_by=None, trigger="schedule", archive=quiet)
    Job.objects.filter(kind="drill").update(state="running", lock=waiting.system)
    assert not giving_way.somebody_waits()


def test_what_could_not_be_read_is_read_again_first_and_by_and_by(quiet: Archive) -> None:
    aged("local", 20)
    Copy.objects.filter(storage="nas").update(unread_at=timezone.now(), unread_code="storage_failed")
    assert [storage.name for storage, _ in in_turn(quiet)] == ["local", "nas"]
    job = asked()
    assert job is not None
    assert job.options["storage"] == "nas"
    work.run_from_queue(str(job.pk))
    assert copy_at(quiet).unread_at is None


def test_what_stays_unread_is_tried_after_longer_and_longer_pauses(quiet: Archive) -> None:
    now = timezone.now()
    for hours, tries, is_asked in ((0.5, 1, False), (1.1, 1, True), (1.1, 2, False), (2.1, 2, True)):
        Job.objects.all().delete()
        Copy.objects.filter(storage="nas").update(unread_at=now - timedelta(hours=hours))
        for number in range(tries):
            job = rolling._ask(quiet, "nas")
            before = now - timedelta(hours=hours + number, minutes=1)
            Job.objects.filter(pk=job.pk).update(state="failed", created_at=before)
        assert (asked() is not None) == is_asked


@pytest.mark.parametrize(("days", "age", "reason"), [(29, "fresh", ""), (31, "amber", "check_old"),
                                                     (61, "red", "check_very_old")])  # fmt: skip
def test_what_was_not_read_for_long_is_told(quiet: Archive, days: int, age: str, reason: str) -> None:
    since = timezone.now() - timedelta(days=days)
    # Never read: it counts from when it came.
    Copy.objects.filter(storage="nas").update(read_at=None, arrived_at=since)
    assert storage_queries.read_age(copy_at(quiet).known_since) == age
    home = queries.home_state(quiet.database)
    assert (home.reason if home.reason.startswith("check") else "") == reason
