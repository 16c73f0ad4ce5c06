"""What a job did and met: bounded, of one hand, and kept when the job ends or breaks off."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from backups.engine.errors import ArchiveUnknown
from backups.models import Job
from backups.services import job_log, reading
from backups.services.job_log import KEPT_FIRST, MOST, JobLog
from backups.services.watch import Watch
from tests.web import factories

pytestmark = pytest.mark.django_db


def told(job: Job) -> list[str]:
    return [entry.get("phase") or entry["note"] for entry in Job.objects.get(pk=job.pk).log]


def test_phases_and_notes_are_on_the_row_when_the_work_ends() -> None:
    job = factories.job()
    with Watch(job) as watch:
        watch.phase("snapshot")
        job_log.note("no_safety", why="gone")
        watch.phase("dump", 10)
    assert told(job) == ["snapshot", "no_safety", "dump"]
    assert job_log.current() is None


def test_they_are_there_too_when_it_breaks_off_and_another_try_goes_on_behind_them() -> None:
    job = factories.job()
    broken = Watch(job)
    with suppress(ZeroDivisionError), broken:
        broken.phase("snapshot")
        raise ZeroDivisionError
    job.refresh_from_db()
    with Watch(job) as watch:
        watch.phase("snapshot")
    assert told(job) == ["snapshot", "snapshot"]


def test_who_lost_the_job_no_longer_writes_into_it() -> None:
    job = factories.job()
    with Watch(job) as watch:
        Job.objects.filter(pk=job.pk).update(worker="somebody else")
        watch.phase("dump")
    assert told(job) == []


def test_it_does_not_grow_without_end_and_says_what_it_left_out() -> None:
    log = JobLog([])
    for number in range(200):
        log.phase(f"p{number}")
    entries = log.entries()
    assert len(entries) == MOST
    assert [entry["phase"] for entry in entries[:KEPT_FIRST]] == [f"p{n}" for n in range(KEPT_FIRST)]
    assert entries[KEPT_FIRST]["params"] == {"count": 200 - MOST + 1}
    assert entries[KEPT_FIRST + 1]["phase"] == f"p{200 - MOST + KEPT_FIRST + 1}"
    assert entries[-1]["phase"] == "p199"


def test_a_copy_that_is_passed_over_is_told_of_by_its_kind_alone() -> None:
    archive, job = factories.archive(), factories.job("drill")
    with Watch(job):
        reading.pass_over(archive, "nas", ArchiveUnknown(archive=archive.pk))
    (entry,) = Job.objects.get(pk=job.pk).log
    assert entry["note"] == "passed_over"
    assert entry["params"] == {"storage": "nas", "code": "archive_unknown"}
    assert timezone.now() - datetime.fromisoformat(entry["at"]) < timedelta(minutes=5)
