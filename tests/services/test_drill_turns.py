"""Each storage's newest archive is proven in its turn, from there; a copy that fails hides no other."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.utils import timezone
from pytest_django import Settings

from backups.engine.errors import ArchiveDamaged
from backups.models import Archive, Job, Proof, StorageState
from backups.services import drill_turns, work
from backups.services.drill import request_drill
from backups.services.refusals import StorageUnknown
from tests.services.broken_copies import truncated_at
from tests.services.copying import backed_up, copied, copy_at, nas, two

__all__ = ["nas", "two"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def quiet(two: Archive) -> Archive:
    Job.objects.all().delete()
    return two


def asked(now: datetime | None = None) -> Job | None:
    cache.clear()
    return drill_turns.ask_when_due(now or timezone.now())


def test_a_copy_that_fails_is_passed_over_and_the_next_is_proven(quiet: Archive) -> None:
    truncated_at(50)(Path(copy_at(quiet, "local").location))
    job = work.run_here(request_drill(quiet, requested_by=None, trigger="command"))
    assert [proof.storage for proof in Proof.objects.all()] == ["nas"]
    assert [line["storage"] for line in job.result["passed_over"]] == ["local"]
    assert copy_at(quiet, "local").state == "damaged"


def test_a_drill_of_one_copy_says_nothing_of_another(quiet: Archive) -> None:
    truncated_at(50)(Path(copy_at(quiet, "nas").location))
    with pytest.raises(ArchiveDamaged):
        work.run_here(request_drill(quiet, requested_by=None, trigger="command", storage="nas"))
    assert not Proof.objects.exists()
    assert copy_at(quiet, "nas").state == "damaged"
    with pytest.raises(StorageUnknown):
        request_drill(quiet, requested_by=None, trigger="command", storage="tape")


def test_each_storage_has_its_turn_and_its_newest_archive_is_fetched_from_there(quiet: Archive) -> None:
    newer = backed_up()
    Job.objects.all().delete()
    for storage, archive in (("local", newer), ("nas", quiet)):
        job = asked()
        assert job is not None
        assert (job.archive, job.options, job.trigger) == (archive, {"storage": storage}, "schedule")
        assert asked() is None
        work.run_from_queue(str(job.pk))
        assert Proof.objects.filter(archive=archive, storage=storage, proven=True).count() == 1
    assert asked() is None
    # Their proofs grow old together; the older one goes first.
    in_a_week = timezone.now() + timedelta(days=7, minutes=1)
    again = asked(in_a_week)
    assert again is not None
    assert again.options["storage"] == "local"


@pytest.mark.parametrize("what", ["one storage", "switched off", "away", "failed lately", "something waits"])
def test_where_nothing_is_asked(quiet: Archive, settings: Settings, what: str) -> None:
    if what == "one storage":
        settings.BACKUP_STORAGES = settings.BACKUP_STORAGES[:1]
    elif what == "switched off":
        settings.DRILL_AFTER_BACKUP = False
    elif what == "away":
        for storage in ("local", "nas"):
            StorageState.objects.update_or_create(
                storage=storage, defaults={"problem_code": "storage_unreachable"}
            )
    elif what == "failed lately":
        for storage in ("local", "nas"):
            job = request_drill(quiet, requested_by=None, trigger="schedule", storage=storage)
            Job.objects.filter(pk=job.pk).update(state="failed")
    else:
        request_drill(quiet, requested_by=None, trigger="schedule")
    assert asked() is None


def test_what_was_copied_is_proven_where_it_came_to(quiet: Archive) -> None:
    """A proof of the first storage says nothing of the others."""
    work.run_here(request_drill(quiet, requested_by=None, trigger="schedule", storage="local"))
    newer = backed_up()
    copied(newer)
    Job.objects.filter(state="queued").delete()
    job = asked()
    assert job is not None
    assert (job.archive, job.options) == (newer, {"storage": "nas"})
