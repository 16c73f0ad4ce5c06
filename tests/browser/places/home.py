"""The first page, whatever the month was like."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from backups.models import Job, Schedule, Slot, User
from tests.browser.places.archives import shrunk
from tests.browser.places.place import Place
from tests.web import factories


def week(by: User) -> str:
    factories.a_good_week(by)
    return reverse("home")


def chequered_home(by: User) -> str:
    """A month with a late day, a failure and days without any."""
    now = timezone.now()
    for days in (*range(24, 15, -1), *range(13, 6, -1), 4, 3):
        factories.archive(now - timedelta(days=days))
    night = factories.schedules()[0]
    Slot.objects.create(schedule=night, at=now - timedelta(days=10), state="done", late=True)
    failed = now - timedelta(days=5)
    factories.job(state=Job.State.FAILED, created_at=failed, finished_at=failed)
    factories.a_good_week(by)
    return reverse("home")


def nothing(by: User) -> str:
    del by
    return reverse("home")


def failed_home(by: User) -> str:
    factories.a_good_week(by)
    factories.job(state=Job.State.FAILED, error_code="connection_lost")
    return reverse("home")


def undoable_home(by: User) -> str:
    newest = factories.a_good_week(by)[-1]
    factories.restore(newest)
    return reverse("home")


def running_home(by: User) -> str:
    newest = factories.a_good_week(by)[-1]
    factories.job("drill", archive=newest)
    return reverse("home")


def shrunk_home(by: User) -> str:
    shrunk(by)
    return reverse("home")


def missed_home(by: User) -> str:
    factories.a_good_week(by)
    Schedule.objects.update(next_run=timezone.now() - timedelta(hours=4))
    return reverse("home")


PLACES = (
    Place("beranda", "superadmin", week),
    Place("beranda-bulan", "superadmin", chequered_home),
    Place("beranda-kosong", "superadmin", nothing),
    Place("beranda-gagal", "superadmin", failed_home),
    Place("beranda-urungkan", "superadmin", undoable_home),
    Place("beranda-berjalan", "superadmin", running_home),
    Place("beranda-tabel-hilang", "superadmin", shrunk_home),
    Place("beranda-mall", "mall", week),
    Place("beranda-mall-bulan", "mall", chequered_home),
    Place("beranda-mall-kosong", "mall", nothing),
    Place("beranda-terlewat", "superadmin", missed_home),
)
