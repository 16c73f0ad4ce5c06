"""How long a job still takes: by its own history, and unknown where there is none."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from time_machine import TimeMachineFixture

from backups.models import Job
from backups.services import expectation
from tests.web import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _stands(time_machine: TimeMachineFixture) -> None:
    """However long a loaded machine takes for a test, no time passes in it."""
    time_machine.move_to(timezone.now(), tick=False)


def running(*phases: str, into: float, **values: Any) -> Job:
    """Each phase so far took six seconds, and it is so far into the last one."""
    now = timezone.now()
    begun = now - timedelta(seconds=into + 6 * (len(phases) - 1))
    return factories.job(
        log=factories.log_of(*phases, since=begun, each=6), phase=phases[-1], done=0, total=0,
        started_at=begun, phase_started_at=now - timedelta(seconds=into), **values,
    )  # fmt: skip


def test_of_the_first_of_its_kind_nothing_is_known() -> None:
    assert expectation.of(factories.job()) == expectation.Expectation()


def test_by_the_phases_of_those_before_it() -> None:
    for days in (1, 2, 3):
        factories.past_job(timezone.now() - timedelta(days=days))
    found = expectation.of(running("snapshot", "inventory", "dump", into=2))
    # 4 s of this phase, then 6 s of seal and 6 s of verify.
    assert found.usual == pytest.approx(30, abs=0.1)
    assert found.left == pytest.approx(16, abs=1)
    assert found.percent == pytest.approx(46, abs=3)


def test_its_own_speed_counts_more_than_history() -> None:
    factories.past_job(timezone.now() - timedelta(days=1))
    job = running("snapshot", "inventory", "dump", into=10)
    Job.objects.filter(pk=job.pk).update(done=100, total=400, heartbeat_at=timezone.now())
    assert expectation.of(Job.objects.get(pk=job.pk)).left == pytest.approx(30 + 12, abs=2)


def test_what_takes_longer_than_ever_ends_nobody_knows_when() -> None:
    factories.past_job(timezone.now() - timedelta(days=1))
    found = expectation.of(running("snapshot", "inventory", "dump", "seal", "verify", into=90))
    assert (found.left, found.percent) == (None, None)
    assert found.usual


def test_files_alone_say_nothing_of_a_whole_backup_nor_failures_of_a_good_one() -> None:
    at = timezone.now() - timedelta(days=1)
    factories.past_job(at, options={"content": "files"})
    factories.past_job(at, state="failed")
    assert expectation.of(running("snapshot", into=1)).usual is None


def test_before_its_first_phase_the_whole_is_what_it_usually_takes() -> None:
    factories.past_job(timezone.now() - timedelta(days=1))
    found = expectation.of(factories.job(phase="", log=[], phase_started_at=None, done=0, total=0))
    # It began nine seconds ago.
    assert found.left == pytest.approx(21, abs=1)
