"""A clock that ran ahead, to 2099 say: once it is right again, nothing waits for that day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone

from backups import queries
from backups.models import Archive, Copy, Job, Proof, Restore, StorageState
from backups.services import catalogue, clock, copying_due, drill_turns, rolling, undo
from tests.services.copying import nas, two
from tests.web import factories

__all__ = ["nas", "two"]

pytestmark = pytest.mark.django_db(transaction=True)

THEN = datetime(2099, 1, 1, tzinfo=UTC)


def done(kind: str, archive: Archive, **options: object) -> Job:
    return factories.job(
        kind, Job.State.DONE, trigger="schedule", archive=archive, options=options, created_at=THEN
    )


def test_what_was_remembered_for_seconds_is_forgotten() -> None:
    with time_machine.travel(THEN):
        cache.set("for-seconds", 1, 60)
        cache.set("for-good", 2, None)
    assert cache.get("for-seconds") is None
    assert cache.get("for-good") == 2
    assert cache.add("for-seconds", 3, 60)
    assert not cache.add("for-seconds", 4, 60)
    assert cache.get("for-seconds") == 3


def test_storages_are_looked_at(two: Archive) -> None:
    with time_machine.travel(THEN):
        catalogue.note_looked()
    StorageState.objects.update(listed_at=None)
    catalogue.refresh(older_than=clock.LOOK_EVERY)
    assert not StorageState.objects.filter(listed_at=None).exists()


def test_a_proof_of_then_does_not_hide_that_a_drill_failed_since() -> None:
    archive = factories.archive()
    factories.proof(archive, made_at=THEN)
    assert queries.last_proof(archive.database) == queries.last_proven(archive.database)
    failed = factories.proof(archive, proven=False)
    assert queries.last_proof(archive.database) == failed
    again = factories.proof(archive, made_at=timezone.now())
    assert queries.last_proven(archive.database) == again


def test_each_storage_has_its_turn(two: Archive) -> None:
    Job.objects.all().delete()
    for storage in ("local", "nas"):
        factories.proof(two, made_at=THEN, storage=storage)
        done("drill", two, storage=storage)
    asked = drill_turns.ask_when_due(timezone.now())
    assert asked is not None
    Proof.objects.update(made_at=timezone.now())
    cache.clear()
    asked.delete()
    assert drill_turns.ask_when_due(timezone.now()) is None


def test_each_copy_is_read_again(two: Archive) -> None:
    Job.objects.all().delete()
    Copy.objects.update(read_at=THEN, arrived_at=THEN)
    for storage in ("local", "nas"):
        done("verify", two, deep=False, storage=storage)
    asked = rolling.ask_when_quiet(timezone.now())
    assert asked is not None
    Copy.objects.update(read_at=timezone.now())
    cache.clear()
    asked.delete()
    assert rolling.ask_when_quiet(timezone.now()) is None


@pytest.mark.parametrize(("pause", "due"), [(timedelta(hours=23), False), (timedelta(days=3), True)])
def test_a_copy_that_failed_then_is_tried_again(two: Archive, pause: timedelta, due: bool) -> None:
    after = timezone.now() + pause
    Copy.objects.filter(storage="nas").update(state=Copy.State.PENDING, tries=6, try_after=after)
    assert (("nas", two) in list(copying_due.next_ones())) is due


def test_what_is_kept_for_undo_stays(two: Archive) -> None:
    made = factories.restore(two)
    with time_machine.travel(THEN):
        assert undo.let_go() == ()
    assert Restore.objects.get(pk=made.pk).before_schema == made.before_schema
    Restore.objects.update(undo_until=timezone.now() - timedelta(minutes=1))
    undo.let_go()
    assert Restore.objects.get(pk=made.pk).before_schema == ""
