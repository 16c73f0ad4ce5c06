"""An archive does not stay without its proof because a worker died while it was being made."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from backups.models import Archive, Job
from backups.services import clock
from backups.services.drill import request_drill
from backups.services.drill_again import MOST_TRIES, ask_for_what_broke_off

pytestmark = pytest.mark.django_db(transaction=True)

INTERRUPTED, SCHEDULE = Job.State.INTERRUPTED, Job.Trigger.SCHEDULE


@pytest.fixture
def archive() -> Archive:
    return Archive.objects.create(
        id="20261123-aa", database="qparkin", created=timezone.now(), content=["database"]
    )


def broken_off(archive: Archive, *, trigger: str = SCHEDULE, ago: timedelta = timedelta(0)) -> Job:
    job = request_drill(archive, requested_by=None, trigger=trigger)
    Job.objects.filter(pk=job.pk).update(state=INTERRUPTED, finished_at=timezone.now() - ago)
    return job


def asked() -> list[Job]:
    return ask_for_what_broke_off(timezone.now())


def test_it_is_begun_anew_and_once(archive: Archive) -> None:
    broken = broken_off(archive)
    (again,) = asked()
    assert (again.archive, again.state, again.trigger) == (archive, Job.State.QUEUED, SCHEDULE)
    assert again.pk != broken.pk
    assert asked() == []


def test_not_while_what_it_left_is_not_cleared_up(archive: Archive) -> None:
    job = broken_off(archive)
    Job.objects.filter(pk=job.pk).update(lock="qparkin")
    assert asked() == []


def test_three_times_in_all(archive: Archive) -> None:
    for _ in range(MOST_TRIES - 1):
        broken_off(archive)
        (again,) = asked()
        again.delete()
    broken_off(archive)
    assert asked() == []


def test_not_where_a_later_one_has_ended_otherwise(archive: Archive) -> None:
    broken_off(archive)
    later = request_drill(archive, requested_by=None, trigger="person")
    Job.objects.filter(pk=later.pk).update(state=Job.State.DONE)
    assert asked() == []


def test_not_what_a_person_asked_for_nor_what_is_long_past(archive: Archive) -> None:
    broken_off(archive, trigger="person")
    assert asked() == []
    broken_off(archive, ago=timedelta(days=2))
    assert asked() == []


@pytest.mark.parametrize("gone", [{"pruned_at": timezone.now()}, {"state": Archive.State.MISSING}])
def test_not_of_an_archive_that_is_not_there(archive: Archive, gone: dict[str, object]) -> None:
    broken_off(archive)
    Archive.with_pruned.filter(pk=archive.pk).update(**gone)
    assert asked() == []


def test_the_clock_does_it(archive: Archive) -> None:
    assert ask_for_what_broke_off in clock.STEPS.values()
