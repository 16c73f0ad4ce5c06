"""What a crash left between old and new: nobody begins before it is settled; the rows say what it came to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone

from backups.engine import pipeline
from backups.engine.database import lock, rows, session
from backups.engine.errors import ServerRefused
from backups.models import Archive, Job, Restore
from backups.services import clock, jobs, undo, work
from backups.services.backup import request_backup
from backups.services.drill import request_drill
from backups.services.refusals import Busy
from backups.services.restore import request_restore
from backups.services.undo import request_undo
from tests.scratch import ScratchDatabase

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)


@pytest.fixture
def archive(parking: ScratchDatabase) -> Archive:
    job = work.run_here(request_backup(requested_by=None, trigger="command"))
    assert job.archive is not None
    return job.archive


def restored(archive: Archive, **options: object) -> Restore:
    work.run_here(request_restore(archive, requested_by=None, trigger="command", **options))  # type: ignore[arg-type]
    return Restore.objects.first() or pytest.fail("no restore")


def undone(restore: Restore) -> Job:
    return work.run_here(request_undo(restore, requested_by=None, trigger="command"))


def break_off(parking: ScratchDatabase, schema: str) -> None:
    """The journal as a crash after the tables have moved leaves it."""
    with session(parking.server) as connection:
        rows(connection, f"UPDATE {schema}.__qparkin_journal SET step = 'moved'")


def die(kind: str, parking: ScratchDatabase) -> None:
    """The job's row as a SIGKILL leaves it, twenty seconds later."""
    past = timezone.now() - timedelta(seconds=1)
    Job.objects.filter(kind=kind).update(
        state="running", lease_until=past, finished_at=None, lock=parking.name
    )


@contextmanager
def somebody_at_it(parking: ScratchDatabase) -> Iterator[None]:
    with lock(parking.server, parking.name):
        yield


def open_swaps(parking: ScratchDatabase) -> tuple[str, ...]:
    return pipeline.open_swaps(parking.server, database=parking.name)


def test_a_dead_restore_holds_the_system_until_its_swap_is_settled(
    parking: ScratchDatabase, archive: Archive
) -> None:
    made = restored(archive)
    break_off(parking, made.before_schema)
    Restore.objects.update(state="building", before_schema="", undo_until=None, swapped_at=None)
    die("restore", parking)
    with somebody_at_it(parking):
        jobs.reap()
        assert Job.objects.get(kind="restore").lock == parking.name
        assert Restore.objects.get().state == "building"
        for trigger in ("person", "command"):
            with pytest.raises(Busy):
                work.run_here(request_backup(requested_by=None, trigger=trigger))
    jobs.reap()
    assert (Job.objects.get(kind="restore").lock, open_swaps(parking)) == (None, ())
    made.refresh_from_db()
    assert (made.state, made.can_undo) == ("swapped", True)


@pytest.mark.parametrize("kind", ["backup", "drill", "restore", "undo"])
def test_nobody_begins_while_a_swap_is_open(parking: ScratchDatabase, archive: Archive, kind: str) -> None:
    made = restored(archive)
    ask = {
        "backup": lambda: request_backup(requested_by=None, trigger="command"),
        "drill": lambda: request_drill(archive, requested_by=None, trigger="command"),
        "restore": lambda: request_restore(archive, requested_by=None, trigger="command"),
        "undo": lambda: request_undo(made, requested_by=None, trigger="command"),
    }[kind]
    break_off(parking, made.before_schema)
    with somebody_at_it(parking), pytest.raises(Busy):
        work.run_here(ask())
    # Nobody is at it any more: settled first, then done.
    assert work.run_here(ask()).state == "done"
    assert open_swaps(parking) == ()


def test_the_clock_settles_what_no_job_holds(parking: ScratchDatabase, archive: Archive) -> None:
    made = restored(archive)
    break_off(parking, made.before_schema)
    clock.tick()
    assert open_swaps(parking) == ()


def test_the_clock_drops_what_a_drill_could_not_drop_itself(parking: ScratchDatabase) -> None:
    """The server was away, or full, when it failed; and nobody restores, who would clear up."""
    left, in_use = (f"{parking.name}__drill_{mark * 12}" for mark in "ab")
    parking.run(*(f"CREATE DATABASE {schema}" for schema in (left, in_use)))
    with lock(parking.server, in_use):
        clock.tick()
        assert parking.rows("SHOW DATABASES LIKE '%\\_\\_drill%'") == ((in_use,),)
    clock.tick()
    assert parking.rows("SHOW DATABASES LIKE '%\\_\\_drill%'") == ()


def test_an_undo_whose_worker_died_after_the_swap_is_undone(
    parking: ScratchDatabase, archive: Archive
) -> None:
    parking.run("DROP TABLE tiket")
    made = restored(archive)
    undone(made)
    Restore.objects.update(state="swapped", undone_schema="", undone_at=None, undo_until=timezone.now() + DAY)
    die("undo", parking)
    jobs.reap()
    made.refresh_from_db()
    assert (made.state, made.can_undo) == ("undone", False)
    assert made.undone_schema.endswith(f"__undone_{made.id.hex[:12]}")
    assert made.undone_at is not None
    assert Job.objects.get(kind="undo").lock is None


def test_an_undo_that_broke_off_in_the_middle_is_finished_and_said(
    parking: ScratchDatabase, archive: Archive
) -> None:
    made = restored(archive)
    undone(made)
    made.refresh_from_db()
    break_off(parking, made.undone_schema)
    # The job ended in this process, and could not settle it then.
    Restore.objects.update(state="swapped", undone_schema="", undone_at=None)
    clock.tick()
    made.refresh_from_db()
    assert (made.state, open_swaps(parking)) == ("undone", ())


def test_what_an_undo_set_aside_is_kept_as_long(parking: ScratchDatabase, archive: Archive) -> None:
    made = restored(archive)
    Restore.objects.update(undo_until=timezone.now() + timedelta(minutes=1))
    job = undone(Restore.objects.get())
    made.refresh_from_db()
    assert made.undo_until is not None
    assert made.undo_until > timezone.now() + 6 * DAY
    safety = Archive.objects.get(pk=job.result["safety_archive"])
    assert (safety.is_safety, job.result["safety_skipped"]) == (True, "")


def test_an_undo_goes_on_without_a_safety_backup_and_says_so(
    parking: ScratchDatabase, archive: Archive
) -> None:
    made = restored(archive)
    with session(parking.server) as connection:
        rows(connection, f"DROP DATABASE {parking.name}")
    job = undone(made)
    assert (job.result["safety_archive"], job.result["safety_skipped"]) == (None, "database_missing")
    assert parking.rows("SELECT COUNT(*) FROM tiket") == ((3,),)


def test_of_two_restores_the_one_swapped_last_is_undone_first(archive: Archive) -> None:
    first, second = restored(archive), restored(archive)
    # Asked for first, and live last: its proof took longer.
    Restore.objects.filter(pk=second.pk).update(created_at=first.created_at - DAY)
    with pytest.raises(undo.UndoImpossible):
        request_undo(first, requested_by=None, trigger="command")
    undone(second)
    undone(first)


def test_one_schema_that_cannot_be_dropped_holds_up_no_other(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = restored(archive), restored(archive)
    Restore.objects.update(undo_until=timezone.now() - DAY)
    real = pipeline.drop_kept

    def stubborn(server: object, *, database: str, restore_id: str) -> tuple[str, ...]:
        if second.id.hex.startswith(restore_id):
            raise ServerRefused(errno=1010, message="Error dropping database")
        return real(server, database=database, restore_id=restore_id)  # type: ignore[arg-type]

    monkeypatch.setattr(pipeline, "drop_kept", stubborn)
    assert undo.let_go() == (first.before_schema,)


def test_a_job_that_was_given_up_for_dead_is_not_called_done(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = request_drill(archive, requested_by=None, trigger="command")
    run = work.RUNNERS["drill"]

    def reaped_at_the_end(job: Job, watch: work.Watch) -> work.Finished:
        finished = run(job, watch)
        Job.objects.filter(pk=job.pk).update(state="interrupted", error_code="interrupted")
        return finished

    monkeypatch.setattr(work, "RUNNERS", {**work.RUNNERS, "drill": reaped_at_the_end})
    with pytest.raises(work.Interrupted):
        work.run_here(job)
    job.refresh_from_db()
    assert (job.state, job.error_code, job.result) == ("interrupted", "interrupted", {})
