"""What came before a backup that nobody has explained, and what a wrong clock has dated."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from backups import queries, runs
from backups.mall_queries import mall_archives
from backups.models import Archive, Schedule, Slot, User
from backups.services import policies, shelves
from backups.services.archives import find_archive
from backups.services.connections import protected_database
from backups.services.metrics import exposition
from backups.services.plan import Happening, proposed
from backups.services.retention import Policy
from tests.web import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("protected")]

LOST = [{"kind": "rows_lost", "table": "pembayaran", "value": 9000, "usual": 20911}]


@pytest.fixture
def days(rani: User) -> list[Archive]:
    """One a day; of twenty days ago the strange one. Policy: only the newest."""
    policies.change("local", Policy(0, 0, 0, 0, 0), by=None)
    now = timezone.now()
    made = [factories.archive(now - timedelta(days=age, minutes=5)) for age in range(30)]
    Archive.objects.filter(pk=made[20].pk).update(anomalies=LOST)
    return made


@pytest.fixture
def of_2099(rani: User) -> Archive:
    """A good week, and one that a wrong clock has dated."""
    factories.a_good_week(rani)
    wrong = factories.archive(timezone.now().replace(year=2099))
    factories.proof(wrong, timezone.now())
    return wrong


def reasons() -> dict[str, str]:
    _, plans = shelves.plan(timezone.now())
    return {archive: reason.code for archive, reason in plans["local"].kept.items()}


def test_the_one_before_stays_until_somebody_says_why(superadmin: Client, days: list[Archive]) -> None:
    assert (reasons()[days[20].pk], reasons()[days[21].pk]) == ("unexplained", "before_anomaly")
    superadmin.post(f"/archives/{days[20].pk}/seen/")
    assert {reasons()[days[age].pk] for age in (20, 21)} == {"next_run"}


def test_both_pages_say_so(superadmin: Client, days: list[Archive]) -> None:
    held = superadmin.get(f"/archives/{days[21].pk}/").content.decode()
    assert "Ditahan" in held
    assert f"/archives/{days[20].pk}/" in held
    assert "Ditahan" not in superadmin.get(f"/archives/{days[25].pk}/").content.decode()
    strange = superadmin.get(f"/archives/{days[20].pk}/").content.decode()
    assert "Ditahan" not in strange
    assert "tidak menghapus" in strange
    assert "sematkan cadangan" not in strange


def test_it_says_so_too_where_something_else_would_keep_it(superadmin: Client, days: list[Archive]) -> None:
    Archive.objects.filter(pk=days[0].pk).update(anomalies=LOST)
    assert reasons()[days[1].pk] == "last"
    assert "Ditahan" in superadmin.get(f"/archives/{days[1].pk}/").content.decode()


def test_the_simulator_says_so(superadmin: Client, days: list[Archive]) -> None:
    assert "tidak seperti yang sebelumnya" in superadmin.get("/retention/").content.decode()


def test_the_home_page_worries_for_as_long_as_something_is_held(rani: User, superadmin: Client) -> None:
    """What is held without end while nobody is told fills a disk behind everybody's back."""
    factories.a_good_week(rani)
    factories.archive(timezone.now() - timedelta(days=90), anomalies=LOST)
    assert queries.home_state(protected_database()).reason == "anomaly"


def test_a_strange_one_that_was_lost_meanwhile_holds_all_the_same(days: list[Archive]) -> None:
    Archive.objects.filter(pk=days[20].pk).update(state="missing")
    days[20].copies.all().update(state="missing")
    assert reasons()[days[21].pk] == "before_anomaly"


def test_one_of_2099_is_not_the_newest(superadmin: Client, of_2099: Archive) -> None:
    newest = queries.last_good_archive(protected_database())
    assert newest is not None
    assert newest.created < timezone.now()
    assert queries.best_archive(protected_database()) == newest
    assert proposed(Happening.LOOK, None).archive == newest
    assert mall_archives(protected_database())[0].created == newest.created
    told = re.search(r"last_success_timestamp_seconds (\d\S+)", exposition().decode())
    assert told
    assert float(told[1]) == pytest.approx(newest.created.timestamp())


def test_nor_does_it_hide_that_backups_have_stopped(rani: User) -> None:
    factories.archive(timezone.now() - timedelta(days=20))
    factories.archive(timezone.now().replace(year=2099))
    assert queries.home_state(protected_database()).reason == "backup_old"


def test_nor_make_up_for_a_run_that_failed(of_2099: Archive) -> None:
    schedule = Schedule.objects.get()
    Archive.objects.filter(created__lte=timezone.now()).update(created=timezone.now() - timedelta(days=2))
    Slot.objects.create(
        schedule=schedule, at=timezone.now() - timedelta(hours=5), claimed_at=timezone.now(), state="failed"
    )
    assert [run.problem for run in runs.unwell(protected_database(), timezone.now())] == ["failed"]


def test_where_all_lie_ahead_this_clock_may_be_wrong(rani: User) -> None:
    older, newer = (factories.archive(timezone.now().replace(year=2098 + step)) for step in (0, 1))
    assert [
        queries.last_good_archive(protected_database()),
        queries.good_archives(protected_database()).last(),
    ] == [newer, older]


def test_its_page_and_the_list_say_that_its_date_lies_in_the_future(
    superadmin: Client, of_2099: Archive
) -> None:
    told = superadmin.get(f"/archives/{of_2099.pk}/").content.decode()
    assert "Tanggal cadangan ini di masa depan" in told
    assert superadmin.get("/archives/").content.decode().count("tanggalnya di masa depan") == 1
    assert "di masa depan: jam" in superadmin.get("/retention/").content.decode()


def test_it_can_still_be_chosen(of_2099: Archive) -> None:
    assert find_archive(of_2099.pk) == of_2099
