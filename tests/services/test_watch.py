"""Progress is written down by a heartbeat; cancel, deadline and a lost lease stop the work."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from backups.engine.errors import DeadlinePassed
from backups.models import Job
from backups.services import jobs, lease, watch
from backups.services.refusals import Cancelled, Interrupted
from backups.services.watch import Watch
from tests.installation import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("parking")]


@pytest.fixture
def job() -> Job:
    asked = jobs.request("verify", requested_by=None, trigger="schedule")
    mine = lease.claim(asked.pk, lease.new_worker_name())
    assert mine is not None
    return mine


def test_progress_reaches_the_row(job: Job) -> None:
    with Watch(job) as progress:
        progress.phase("dump", 200)
        progress.advance(50)
        until(lambda: Job.objects.get().done == 50)
        seen = Job.objects.get()
        assert (seen.phase, seen.total, seen.percent) == ("dump", 200, 25)
        assert seen.rate is not None
        progress.phase("verify")
        until(lambda: Job.objects.get().phase == "verify")
        assert Job.objects.get().percent is None


def test_a_quiet_job_keeps_its_lease(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "BEAT_SECONDS", 0.2)
    before = Job.objects.get().lease_until
    assert before is not None
    with Watch(job):
        until(lambda: (Job.objects.get().lease_until or before) > before + timedelta(seconds=1))


def test_cancel_stops_at_the_next_look(job: Job) -> None:
    with Watch(job) as progress:
        jobs.cancel(job, by=None)
        progress.advance()
        with pytest.raises(Cancelled):
            look_until_stopped(progress)


def test_the_deadline_stops(job: Job) -> None:
    with Watch(job, deadline=1) as progress, pytest.raises(DeadlinePassed):
        look_until_stopped(progress)


def test_a_lost_lease_stops(job: Job) -> None:
    with Watch(job) as progress:
        Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1), worker="somebody else")
        progress.advance()
        with pytest.raises(Interrupted):
            look_until_stopped(progress)


def test_before_the_point_of_no_return_the_row_itself_is_asked(job: Job) -> None:
    with Watch(job) as progress:
        progress.confirm()
        Job.objects.update(state="interrupted")
        with pytest.raises(Interrupted):
            progress.confirm()


def look_until_stopped(progress: Watch) -> None:
    def looked() -> bool:
        progress.check()
        return False

    until(looked)
