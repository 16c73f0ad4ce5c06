"""The strip of thirty days: what each of them says, and to whom."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from backups.days import COUNT, last_days
from backups.models import Archive, Job, Schedule, Slot
from backups.services import schedules
from backups.services.timetable import Rule
from tests.web import factories

pytestmark = pytest.mark.django_db

# One moment for all of them: a test run may last past midnight.
NOW = timezone.now()
TODAY = timezone.localdate(NOW)


def ago(days: int, at: time = time(2, 0)) -> datetime:
    return timezone.make_aware(datetime.combine(TODAY - timedelta(days=days), at))


def states() -> dict[date, str]:
    return {each.day: each.state for each in last_days(settings.QPARKIN_DB_DATABASE, NOW)}


def state(days: int) -> str:
    return states()[TODAY - timedelta(days=days)]


def night() -> Schedule:
    Schedule.objects.all().delete()
    return schedules.add(schedules.Plan("Setiap malam", Rule("daily")), by=None)


def test_before_anything_was_tried_no_day_is_blamed() -> None:
    assert set(states().values()) == {"before"}
    assert len(states()) == COUNT


def test_the_oldest_day_comes_first_and_today_last() -> None:
    days = [each.day for each in last_days(settings.QPARKIN_DB_DATABASE, NOW)]
    assert days == sorted(days)
    assert days[-1] == TODAY


def test_days_without_a_backup_are_told_from_those_before_the_first() -> None:
    factories.archive(ago(5))
    factories.archive(ago(2))
    assert [state(days) for days in (6, 5, 4, 3, 2, 1, 0)] == [
        "before", "made", "none", "none", "made", "none", "open",
    ]  # fmt: skip


def test_the_edge_of_a_day_is_that_of_the_panels_clock() -> None:
    factories.archive(ago(9))
    factories.archive(ago(3, time(0, 0)))
    factories.archive(ago(5, time(23, 59, 59)))
    assert [state(days) for days in (6, 5, 4, 3, 2)] == ["none", "made", "none", "made", "none"]


def test_a_failure_shows_unless_the_day_had_a_backup_after_all() -> None:
    factories.archive(ago(5))
    for days in (4, 3):
        factories.job(state=Job.State.FAILED, created_at=ago(days))
    factories.archive(ago(3, time(6, 0)))
    assert (state(4), state(3)) == ("failed", "made")


def test_a_run_made_up_for_later_makes_its_day_late() -> None:
    factories.archive(ago(5))
    Slot.objects.create(schedule=night(), at=ago(2), state=Slot.State.DONE, late=True)
    assert state(2) == "late"


def test_what_retention_let_go_was_made_all_the_same() -> None:
    factories.archive(ago(4), pruned_at=timezone.now(), state=Archive.State.MISSING)
    assert state(4) == "made"


@pytest.mark.parametrize(
    "values",
    [{"state": "damaged"}, {"state": "missing"}, {"purpose": "safety"}, {"content": ["files"]}],
)
def test_what_cannot_be_counted_on_does_not_count(values: dict[str, object]) -> None:
    factories.archive(ago(5))
    factories.archive(ago(3), **values)
    assert state(3) == "none"


def test_files_that_failed_say_nothing_of_the_database() -> None:
    factories.archive(ago(5))
    factories.job(state=Job.State.FAILED, created_at=ago(3), options={"content": "files"})
    assert state(3) == "none"


def test_the_archives_of_another_database_count_for_nothing() -> None:
    factories.archive(ago(5))
    factories.archive(ago(3), database="lain")
    assert state(3) == "none"


def test_the_page_says_it_in_words_to_both(superadmin: Client, mall_admin: Client) -> None:
    now = timezone.now()
    factories.archive(now - timedelta(days=5))
    factories.archive(now - timedelta(days=3))
    factories.job(state=Job.State.FAILED, created_at=now - timedelta(days=2), error_code="connection_lost")
    for client in (superadmin, mall_admin):
        shown = " ".join(client.get("/").content.decode().split())
        assert "30 hari terakhir" in shown
        assert "gagal" in shown
        assert "tidak ada cadangan" in shown


def test_the_page_names_the_days_that_were_not_well(superadmin: Client) -> None:
    now = timezone.now()
    factories.archive(now - timedelta(days=5))
    factories.archive(now - timedelta(days=3))
    gap = timezone.localdate(now - timedelta(days=4))
    shown = superadmin.get("/").content.decode()
    assert f'<time datetime="{gap.isoformat()}"' in shown


def test_a_mall_admin_learns_no_reason(mall_admin: Client) -> None:
    factories.archive(timezone.now() - timedelta(days=5))
    failed = factories.job(state=Job.State.FAILED, error_code="connection_lost")
    shown = mall_admin.get("/").content.decode()
    assert str(failed.pk) not in shown
    assert "Sambungan" not in shown


def test_the_superadmin_reads_what_a_restore_would_lose_and_take(superadmin: Client) -> None:
    newest = factories.archive(timezone.now() - timedelta(hours=2, minutes=9, seconds=20))
    factories.proof(newest, seconds=372.0)
    shown = " ".join(superadmin.get("/").content.decode().split())
    assert "paling banyak 2 jam 10 menit" in shown
    assert "Uji pulih terakhir memakan waktu 6 menit 12 detik" in shown


def test_of_loss_a_mall_admin_reads_nothing(mall_admin: Client) -> None:
    factories.proof(factories.archive())
    assert "paling banyak" not in mall_admin.get("/").content.decode()


def test_a_run_that_nobody_began_is_not_called_the_next_one(superadmin: Client) -> None:
    Schedule.objects.filter(pk=night().pk).update(next_run=timezone.now() - timedelta(hours=4))
    shown = " ".join(superadmin.get("/").content.decode().split())
    assert "Terlambat</span>" in shown
    Schedule.objects.update(next_run=timezone.now() - timedelta(seconds=5))
    assert "Terlambat</span>" not in superadmin.get("/").content.decode()


@pytest.mark.parametrize(
    ("first", "told"),
    [(0, "Hari pertama sudah tercadang."), (4, "Tercadang 5 hari berturut-turut."), (COUNT, "setiap hari.")],
)
def test_every_day_is_said_only_of_a_whole_month(superadmin: Client, first: int, told: str) -> None:
    now = timezone.now()
    for days in range(first + 1):
        factories.archive(now - timedelta(days=days))
    shown = superadmin.get("/").content.decode()
    assert told in shown
    assert ("setiap hari." in shown) is (first == COUNT)


def test_before_the_first_backup_there_is_no_strip(superadmin: Client) -> None:
    assert "30 hari terakhir" not in superadmin.get("/").content.decode()
