"""What a dead job left half-written goes; what somebody else is writing into the same folder stays."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from backups.models import Archive, Job
from backups.services import jobs, lease, work
from backups.services.backup import request_backup

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("parking")]

OURS, THEIRS, OLD = "20261123T020000Z-aaaaaaaa", "20261123T020001Z-bbbbbbbb", "20261120T020000Z-cccccccc"


@pytest.fixture
def half_written(archives_in: Path) -> Path:
    archives_in.mkdir()
    for archive in (OURS, THEIRS, OLD):
        (archives_in / f".partial-qparkin-{archive}.zip").write_bytes(b"half")
    (archives_in / f".partial-qparkin-{OURS}.zip.seal.json").write_bytes(b"{")
    days_ago = time.time() - 3 * 24 * 3600
    os.utime(archives_in / f".partial-qparkin-{OLD}.zip", (days_ago, days_ago))
    return archives_in


def dead_job() -> Job:
    job = lease.claim(request_backup(requested_by=None, trigger="schedule").pk, "gone")
    assert job is not None
    past = timezone.now() - timedelta(seconds=1)
    Job.objects.filter(pk=job.pk).update(archive_begun=OURS, lease_until=past)
    return job


def test_only_what_is_ours_or_old_is_swept(half_written: Path) -> None:
    dead_job()
    jobs.reap()
    assert [path.name for path in half_written.iterdir()] == [f".partial-qparkin-{THEIRS}.zip"]


def test_a_job_says_which_archive_it_writes() -> None:
    job = work.run_here(request_backup(requested_by=None, trigger="command"))
    job.refresh_from_db()
    assert job.archive_begun == job.archive_id


def test_what_a_live_job_copies_stays_though_the_job_that_made_it_has_ended(half_written: Path) -> None:
    job = dead_job()
    Archive.objects.create(id=OURS, database="qparkin", created=timezone.now(), purpose="schedule")
    busy = Job.objects.create(kind="verify", archive_id=OURS, state="running", trigger="schedule")
    jobs.reap()
    assert (half_written / f".partial-qparkin-{OURS}.zip").exists()
    Job.objects.filter(pk=busy.pk).update(state="done")
    Job.objects.filter(pk=job.pk).update(lock="again")
    jobs.reap()
    assert not (half_written / f".partial-qparkin-{OURS}.zip").exists()
