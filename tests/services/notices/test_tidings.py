"""What there is to tell, and that each is told once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from backups.models import Archive, Copy, Job, Notice, Proof, Schedule, Slot, StorageState, User
from backups.services import audit, growth, notices, schedules, visits
from backups.services.notices.tidings import Tiding, tidings
from backups.services.timetable import Rule
from tests.web import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    cache.clear()


def told() -> dict[str, Tiding]:
    return {tiding.kind: tiding for tiding in tidings(timezone.now())}


def test_of_an_empty_panel_there_is_nothing_to_tell() -> None:
    assert told() == {}


def test_of_a_good_week_there_is_nothing_to_tell(rani: User) -> None:
    Schedule.objects.all().delete()
    factories.a_good_week(rani)
    assert told() == {}


def test_failures_are_counted_since_the_last_success() -> None:
    factories.job(state=Job.State.DONE, finished_at=timezone.now() - timedelta(hours=5))
    for hours in (3, 2):
        factories.job(state=Job.State.FAILED, finished_at=timezone.now() - timedelta(hours=hours))
    assert told()["backup_failed"].params == {"failures": 2}


def test_a_broken_off_backup_is_a_failed_one() -> None:
    job = factories.job(state=Job.State.INTERRUPTED)
    assert told()["backup_failed"].path == f"/jobs/{job.pk}/"


def test_nobody_is_told_of_what_somebody_cancelled() -> None:
    factories.job(state=Job.State.CANCELLED)
    assert told() == {}


def test_old_failures_are_no_news() -> None:
    factories.job(state=Job.State.FAILED, finished_at=timezone.now() - timedelta(days=4))
    assert told() == {}


@pytest.mark.parametrize(
    ("kind", "state", "expected"),
    [
        ("restore", "running", {"restore_started"}),
        ("restore", "done", {"restore_started", "restore_done"}),
        ("restore", "failed", {"restore_started", "restore_failed"}),
        ("restore", "interrupted", {"restore_started", "restore_failed"}),
        ("undo", "done", {"undo_done"}),
        ("undo", "failed", {"restore_failed"}),
    ],
)
def test_a_restore_is_told_from_its_beginning(rani: User, kind: str, state: str, expected: set[str]) -> None:
    factories.job(kind, state, requested_by=rani)
    found = told()
    assert set(found) == expected
    if "restore_started" in found:
        assert found["restore_started"].params == {"who": "Rani Wulandari"}


def test_a_restore_into_another_place_is_not_told_as_one_of_the_live_data(rani: User) -> None:
    factories.job("restore", Job.State.DONE, requested_by=rani, options={"target": "qparkin_lihat"})
    assert set(told()) == {"restore_started", "restored_elsewhere"}


def _night() -> Schedule:
    Schedule.objects.all().delete()
    return schedules.add(schedules.Plan("Setiap malam", Rule("daily")), by=None)


def test_a_run_that_nobody_began_is_missed() -> None:
    Schedule.objects.filter(pk=_night().pk).update(next_run=timezone.now() - timedelta(hours=4))
    assert told()["backup_missed"].params == {"name": "Setiap malam"}


def test_a_run_that_was_made_up_for_was_late() -> None:
    at = timezone.now() - timedelta(hours=9)
    Slot.objects.create(schedule=_night(), at=at, state="done", late=True)
    assert told()["backup_late"].params == {"name": "Setiap malam"}


def test_a_strange_backup_is_told_until_somebody_knows_why() -> None:
    strange = factories.archive(anomalies=[{"what": "lost_rows"}])
    assert told()["anomaly"].path == f"/archives/{strange.pk}/"
    Archive.objects.update(anomalies_seen_at=timezone.now())
    assert told() == {}


def test_a_damaged_copy_and_its_repair() -> None:
    archive = factories.archive()
    Copy.objects.update(state="damaged")
    assert told()["archive_damaged"].path == f"/archives/{archive.pk}/"
    Copy.objects.update(state="whole")
    audit.record("repair_copy", actor=None, about=archive)
    assert set(told()) == {"archive_repaired"}


def test_a_copy_that_was_given_up() -> None:
    audit.record("copy_given_up", actor=None, about=factories.archive(), outcome="failed")
    assert set(told()) == {"copy_failed"}


def test_a_storage_that_lost_archives() -> None:
    StorageState.objects.create(storage="local", lost_at=timezone.now(), lost_count=3)
    assert told()["storage_lost"].params == {"name": "local"}


@pytest.mark.parametrize(
    ("hours", "code", "news"), [(2, "storage_failed", True), (0, "storage_failed", False)]
)
def test_a_storage_is_away_when_it_stays_away(hours: int, code: str, news: bool) -> None:
    since = timezone.now() - timedelta(hours=hours)
    StorageState.objects.create(storage="local", problem_code=code, problem_since=since)
    assert ("storage_away" in told()) is news


def test_credentials_that_may_not_list_are_no_news() -> None:
    since = timezone.now() - timedelta(hours=9)
    StorageState.objects.create(storage="local", problem_code="list_refused", problem_since=since)
    assert told() == {}


def test_a_storage_that_has_no_room_for_five_more(archives_in: Path) -> None:
    archives_in.mkdir()
    factories.archive(bytes=10**15)
    # Nothing is reckoned, nor any disk asked, while notices are gathered.
    assert "storage_full" not in told()
    growth.stay_known(timezone.now())
    assert told()["storage_full"].params == {"name": "local"}


@pytest.mark.parametrize(("days", "news"), [(3, True), (14, True), (15, False), (None, False)])
def test_a_storage_is_nearly_full_when_its_growth_says_so(days: int | None, news: bool) -> None:
    now = timezone.now()
    full_on = timezone.localdate(now) + timedelta(days=days) if days is not None else None
    grown = growth.Growth("local", past=(), free=10**12, full_on=full_on)
    assert grown.is_nearly_full(now, newest=10**6) is news


def test_a_drill_that_ended_without_a_proof() -> None:
    archive = factories.archive()
    drill = factories.job("drill", Job.State.FAILED, archive=archive)
    assert told()["drill_failed"].path == f"/jobs/{drill.pk}/"
    # One that found something has a notice of its own.
    factories.proof(archive, proven=False, job=drill)
    assert "drill_failed" not in told()


def test_a_drill_that_is_begun_anew_is_no_news() -> None:
    archive = factories.archive()
    broken = factories.job("drill", Job.State.INTERRUPTED, archive=archive)
    assert "drill_failed" in told()
    factories.job("drill", Job.State.RUNNING, archive=archive)
    assert broken.finished_at
    assert "drill_failed" not in told()


def test_a_drill_that_found_something_and_a_proof_that_grew_old() -> None:
    archive = factories.archive()
    factories.proof(archive, proven=False)
    assert told()["proof_failed"].path == f"/archives/{archive.pk}/"
    Proof.objects.update(proven=True, made_at=timezone.now() - timedelta(days=settings.PROOF_RED_DAYS + 1))
    assert set(told()) == {"proof_old"}


def test_a_sign_in_from_a_new_place(rani: User) -> None:
    for address in ("10.20.1.14", "10.20.1.14", "10.20.1.99"):
        visits.begin(rani, address=address, agent="")
        assert told() == {}
    visits.begin(rani, address="203.0.113.9", agent="")
    assert told()["sign_in_new_place"].params == {"who": "Rani Wulandari", "address": "203.0.113.9"}


def test_each_is_written_down_once() -> None:
    factories.job(state=Job.State.FAILED)
    now = timezone.now()
    assert notices.write_down(tidings(now)) == 1
    assert notices.write_down(tidings(now)) == 0
    assert Notice.objects.count() == 1


def test_the_clock_gathers_and_does_not_look_at_every_beat() -> None:
    factories.job(state=Job.State.FAILED)
    notices.gather()
    factories.job(state=Job.State.FAILED)
    notices.gather()
    assert Notice.objects.count() == 1


def test_what_is_old_is_let_go_of() -> None:
    factories.job(state=Job.State.FAILED)
    cache.clear()
    notices.gather()
    Notice.objects.update(created_at=timezone.now() - timedelta(days=100))
    Job.objects.all().delete()
    cache.clear()
    notices.gather()
    assert not Notice.objects.exists()


def test_many_failures_are_counted_once(django_assert_max_num_queries: object) -> None:
    for _ in range(30):
        factories.job(state=Job.State.FAILED)
    with django_assert_max_num_queries(28):  # type: ignore[operator]
        assert {tiding.params["failures"] for tiding in tidings(timezone.now())} == {30}


def test_an_hours_questions_are_few(django_assert_max_num_queries: object, rani: User) -> None:
    factories.a_good_week(rani)
    with django_assert_max_num_queries(25):  # type: ignore[operator]
        list(tidings(timezone.now()))
