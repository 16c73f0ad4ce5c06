"""The machine's clock is set, forwards or backwards, in the middle of work."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from backups.models import Archive, Job
from backups.services import clock, work
from backups.services.leap import Leap
from tests.faults import rule
from tests.faults.doing import asked, at, steps_of, take_back
from tests.faults.killing import killed_at, part_of
from tests.faults.rule import Before, Panel

SECTION = "The clock"
LEAPS = {
    "an hour ahead": timedelta(hours=1),
    "a day ahead": timedelta(days=1),
    "an hour back": timedelta(hours=-1),
    "a day back": timedelta(days=-1),
}


@pytest.mark.fault(
    what="The clock leaps an hour or a day, ahead or back, in the middle of a backup, and stays there",
    rule="the backup comes through: nobody takes its worker for dead",
)
@pytest.mark.parametrize("leap", LEAPS)
def test_in_a_backup(panel: Panel, archive: Archive, leap: str) -> None:
    steps = steps_of(asked("backup", panel, archive))
    rule.work_off()
    before, beside = rule.look(panel), Leap()
    with time_machine.travel(timezone.now(), tick=True) as traveller:

        def set_clock() -> None:
            traveller.shift(LEAPS[leap])
            # The clock beside the workers beats before they do.
            clock.tick(after_leap=beside.happened())

        job = at(part_of(steps, 30), set_clock, asked("backup", panel, archive))
        assert job.state == "done"
        rule.holds(panel, before)


@pytest.mark.fault(
    what="The clock shows 2099 for the second half of a backup, a drill and a restore, and is right again",
    rule="the work comes through; what it is compared with afterwards is the right time",
)
def test_2099(panel: Panel, archive: Archive) -> None:
    before = rule.look(panel)
    for kind in ("backup", "drill", "restore"):
        with time_machine.travel(timezone.now(), tick=True) as traveller:
            job = at(
                12,
                lambda: traveller.move_to(datetime(2099, 1, 1, tzinfo=UTC)),
                asked(kind, panel, archive),
            )
        assert job.state == "done"
        rule.work_off()
        take_back()
    rule.holds(panel, before)


@pytest.mark.fault(
    what="A worker is killed while the clock is a day ahead, and then the clock is set right",
    rule="it is interrupted at once, and not when that day has come",
)
def test_a_lease_of_tomorrow(panel: Panel, archive: Archive, before: Before) -> None:
    job: Job = asked("backup", panel, archive)
    with time_machine.travel(timezone.now() + timedelta(days=1), tick=True):
        killed_at(job, 12)
    clock.tick()
    job.refresh_from_db()
    assert (job.state, job.lock) == ("interrupted", None)
    rule.holds(panel, before)


@pytest.mark.fault(
    what="The clock is set while a worker lives, and the clock beside it beats before the worker does",
    rule="the worker keeps its job: it is given until the next beat to be heard of",
)
@pytest.mark.parametrize("leap", LEAPS)
def test_a_lease_across_a_leap(panel: Panel, archive: Archive, before: Before, leap: str) -> None:
    job, beside = asked("verify", panel, archive), Leap()
    assert not beside.happened()
    work.lease.claim(job.pk, work.lease.new_worker_name())
    with time_machine.travel(timezone.now() + LEAPS[leap], tick=True):
        clock.tick(after_leap=beside.happened())
        job.refresh_from_db()
        assert job.state == "running"
        clock.tick(after_leap=beside.happened())
        job.refresh_from_db()
        # Nobody renewed it.
        assert job.state == "interrupted"
    rule.holds(panel, before)
