"""Claim, then work: one worker holds a job, one writing job holds a system, silence loses the lease."""

from __future__ import annotations

import contextlib
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from backups.models import AuditEvent, Job
from backups.services import jobs, lease, reaper
from backups.services.refusals import Busy, Cancelled

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("parking")]


def asked(kind: str = "backup") -> Job:
    return jobs.request(kind, requested_by=None, trigger="schedule")


def claimed(kind: str = "backup") -> Job:
    job = lease.claim(asked(kind).pk, lease.new_worker_name())
    assert job is not None
    return job


def silent(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_a_second_worker_leaves_a_claimed_job_alone() -> None:
    job = claimed()
    assert lease.claim(job.pk, "another") is None
    assert Job.objects.get().worker == job.worker


def test_of_many_workers_at_once_one_gets_the_job() -> None:
    job, got = asked(), []

    def take(name: str) -> None:
        try:
            got.append(lease.claim(job.pk, name))
        finally:
            connection.close()

    workers = [threading.Thread(target=take, args=(f"worker {number}",)) for number in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len([job for job in got if job]) == 1


def test_a_system_has_one_writing_job() -> None:
    claimed("backup")
    second = asked("restore")
    with pytest.raises(Busy):
        lease.claim(second.pk, "another")
    second.refresh_from_db()
    assert second.state == Job.State.QUEUED
    assert claimed("verify").lock is None


def test_the_lock_goes_with_the_job() -> None:
    first = claimed()
    lease.finish(first, result={})
    assert claimed().lock == first.system


def test_a_person_is_told_at_once_that_the_system_is_busy() -> None:
    jobs.request("backup", requested_by=None, trigger="person")
    with pytest.raises(Busy):
        jobs.request("backup", requested_by=None, trigger="person")
    assert AuditEvent.objects.filter(action="request_backup", outcome="refused").count() == 1
    # A command does not wait for a worker that may never come.
    jobs.request("backup", requested_by=None, trigger="command")


@pytest.mark.parametrize("kind", ["restore", "undo"])
def test_a_drill_gives_way_to_whoever_restores(kind: str) -> None:
    running, waiting = claimed("drill"), asked("drill")
    urgent = jobs.request(kind, requested_by=None, trigger="person")
    running.refresh_from_db()
    waiting.refresh_from_db()
    assert running.cancel_requested_at is not None
    assert waiting.state == Job.State.CANCELLED
    # It holds the system until it has cleared up; then the other takes it.
    with pytest.raises(Busy):
        lease.claim(urgent.pk, "another")
    lease.fail(running, Cancelled())
    assert lease.claim(urgent.pk, "another") is not None


@pytest.mark.parametrize(("kind", "trigger"), [("backup", "person"), ("restore", "schedule")])
def test_a_drill_gives_way_to_nothing_else(kind: str, trigger: str) -> None:
    drill = claimed("drill")
    with contextlib.suppress(Busy):
        jobs.request(kind, requested_by=None, trigger=trigger)
    drill.refresh_from_db()
    assert drill.cancel_requested_at is None


def test_a_backup_is_waited_for_by_whoever_restores() -> None:
    claimed("backup")
    with pytest.raises(Busy):
        jobs.request("restore", requested_by=None, trigger="person")


def test_the_same_key_asks_for_the_same_job() -> None:
    first = jobs.request("backup", requested_by=None, trigger="schedule", idempotency_key="night")
    assert jobs.request("backup", requested_by=None, trigger="schedule", idempotency_key="night") == first


def test_silence_interrupts_and_frees_the_system() -> None:
    job = claimed()
    silent(job)
    assert [ended.pk for ended in jobs.reap()] == [job.pk]
    job.refresh_from_db()
    assert (job.state, job.lock, job.error_code) == ("interrupted", None, "interrupted")
    assert claimed().state == "running"


def test_a_heartbeat_keeps_the_job() -> None:
    job = claimed()
    assert jobs.reap() == []
    silent(job)
    assert lease.renew(job, done=5) is not None
    assert jobs.reap() == []


def test_a_lost_lease_is_never_renewed_nor_ended_by_its_former_holder() -> None:
    job = claimed()
    silent(job)
    jobs.reap()
    assert lease.renew(job) is None
    assert lease.finish(job, result={"archive": "x"}) is False
    assert Job.objects.get().state == "interrupted"


def test_a_command_that_died_before_it_began_is_ended() -> None:
    job = jobs.request("backup", requested_by=None, trigger="command")
    Job.objects.update(created_at=timezone.now() - timedelta(minutes=2))
    jobs.reap()
    job.refresh_from_db()
    assert job.state == "interrupted"


def test_two_reapers_end_a_job_once() -> None:
    job = claimed()
    silent(job)
    job.refresh_from_db()
    now = timezone.now()
    assert lease.interrupt(job, now=now) is True
    assert lease.interrupt(job, now=now) is False
    # The first one died before it cleared up: whoever comes next does.
    reaper.reap(now)
    assert Job.objects.get().lock is None


def test_a_waiting_job_is_cancelled_at_once() -> None:
    job = asked()
    jobs.cancel(job, by=None)
    assert (job.state, job.error_code) == ("cancelled", Cancelled.code)
    assert lease.claim(job.pk, "worker") is None


def test_a_knock_that_was_lost_is_repeated_only_for_work_that_can_start() -> None:
    from django_q.models import OrmQ

    claimed("backup")
    asked("backup")
    OrmQ.objects.all().delete()
    assert jobs.knock_again() == 0
    Job.objects.filter(state="running").update(state="done", lock=None)
    assert jobs.knock_again() == 1
    # The knock still waits for a worker.
    assert jobs.knock_again() == 0
    assert OrmQ.objects.count() == 1


def test_workers_that_take_no_work_are_noticed() -> None:
    asked("verify")
    assert jobs.nobody_takes_work("here") is False
    Job.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    assert jobs.nobody_takes_work("here") is True
    Job.objects.create(kind="verify", system="x", state="running", worker="here:1:a")
    assert jobs.nobody_takes_work("here") is False


def test_stopping_a_cluster_cancels_its_own_work_only() -> None:
    for cluster in ("here", "there"):
        Job.objects.create(kind="verify", system="x", state="running", worker=f"{cluster}:1:a")
    assert jobs.cancel_all_of("here") == 1
    assert Job.objects.get(worker__startswith="there").cancel_requested_at is None
