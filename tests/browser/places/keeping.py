"""How often, how long and where backups are kept."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from backups.models import Schedule, User
from backups.services import policies
from tests.browser.places.place import Place, at
from tests.web import factories, stored


def thinned(by: User) -> str:
    """A year and a half of daily backups, as they are when nothing was ever cleared."""
    now = timezone.now()
    # The oldest first, as they were made: of one that is older than its number a clock was wrong.
    ages = (*range(534, 120, -9), *range(119, -1, -1))
    made = [factories.archive(now - timedelta(days=age, hours=2), requested_by=by) for age in ages]
    for whole in made[::-10]:
        factories.proof(whole)
    return reverse("retention")


def tried(by: User) -> str:
    tried = {"all_days": 3, "daily": 5, "weekly": 4, "monthly": 3, "yearly": 0, "max_gb": "0.06"}
    day = timezone.localdate() - timedelta(days=2)
    return f"{thinned(by)}?{urlencode({'storage': 'local', **tried, 'day': day.isoformat()})}"


def scheduled(by: User) -> str:
    """One that went well, one that was not begun, one whose heartbeat is silent, one that is paused."""
    factories.a_good_week(by)
    factories.schedules()
    return reverse("schedules")


def unscheduled(by: User) -> str:
    del by
    Schedule.objects.all().delete()
    return reverse("schedules")


def schedule_changed(by: User) -> str:
    factories.a_good_week(by)
    return reverse("schedule", args=[factories.schedules()[1].pk])


def schedule_gone(by: User) -> str:
    del by
    return reverse("schedule-delete", args=[factories.schedules()[0].pk])


def storages(by: User) -> str:
    stored.four_months(by)
    return reverse("storages")


def filling_storages(by: User) -> str:
    """The panel may not delete there, so the disk fills up."""
    stored.four_months(by)
    policies.note_refusal("local", refused=True)
    return reverse("storages")


def stored_home(by: User) -> str:
    stored.four_months(by)
    return reverse("home")


def troubled_home(by: User) -> str:
    stored.troubled(by)
    return reverse("home")


def archives_and_copies(by: User) -> str:
    stored.troubled(by)
    return reverse("archives")


def copies_of_one(by: User) -> str:
    return reverse("archive", args=[stored.ill_assorted(by).pk])


def troubled_storages(by: User) -> str:
    stored.troubled(by)
    return reverse("storages")


def lost_there(by: User) -> str:
    stored.troubled(by)
    return reverse("storage-lost", args=["nas"])


PLACES = (
    Place("jadwal", "superadmin", scheduled),
    Place("jadwal-kosong", "superadmin", unscheduled),
    Place("jadwal-baru", "superadmin", at("schedule-new")),
    Place("jadwal-ubah", "superadmin", schedule_changed),
    Place("jadwal-hapus", "superadmin", schedule_gone),
    Place("masa-simpan", "superadmin", thinned),
    Place("masa-simpan-coba", "superadmin", tried),
    Place("penyimpanan", "superadmin", storages, stored.THREE),
    Place("penyimpanan-mengisi", "superadmin", filling_storages, stored.THREE),
    Place("beranda-penyimpanan", "superadmin", stored_home, stored.THREE),
    Place("beranda-penyimpanan-gangguan", "superadmin", troubled_home, stored.THREE),
    Place("cadangan-salinan", "superadmin", archives_and_copies, stored.THREE),
    Place("cadangan-detail-salinan", "superadmin", copies_of_one, stored.THREE),
    Place("penyimpanan-kosong", "superadmin", lambda _: reverse("storages")),
    Place("penyimpanan-gangguan", "superadmin", troubled_storages, stored.THREE),
    Place("penyimpanan-hilang", "superadmin", lost_there, stored.THREE),
)
