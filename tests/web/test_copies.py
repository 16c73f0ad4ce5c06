"""Copies in the panel: counted in the list, told on the archive's page, checked and made anew there."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from backups.models import Archive, Copy, Job, User
from tests.web import factories, stored

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _three(settings: Any) -> None:
    settings.BACKUP_STORAGES = stored.THREE


@pytest.fixture
def archive(rani: User) -> Archive:
    return stored.ill_assorted(rani)


def plain(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def detail(client: Client, archive: Archive) -> str:
    shown = plain(client.get(f"/archives/{archive.pk}/"))
    return shown[shown.index('id="copies"') :]


def test_each_copy_is_told_with_all_that_is_known(superadmin: Client, archive: Archive) -> None:
    shown = detail(superadmin, archive)
    for told in (
        "Disk lokal", "nas", "cloud", "tape", "3f9c1d0e" * 8, "3f9c1d0e…", "Dicoba 6 kali.",
        "dikunci oleh bucket sampai", "tidak lagi dipakai", "apakah disknya terpasang",
    ):  # fmt: skip
        assert told in shown, told
    assert "s3://qparkin-backup/malls/" in shown


def test_what_can_be_done_is_offered_and_nothing_else(superadmin: Client, archive: Archive) -> None:
    shown = detail(superadmin, archive)
    offered = {
        (storage, act)
        for storage in ("local", "nas", "cloud", "tape")
        for act in ("check", "make")
        if f"/archives/{archive.pk}/copies/{storage}/{act}/" in shown
    }
    assert offered == {("local", "check"), ("nas", "make"), ("cloud", "check")}


def test_a_copy_is_checked_alone(superadmin: Client, archive: Archive, rani: User) -> None:
    answer = superadmin.post(f"/archives/{archive.pk}/copies/cloud/check/")
    job = Job.objects.get()
    assert answer.url == f"/jobs/{job.pk}/"
    assert (job.kind, job.options["storage"], job.requested_by) == ("verify", "cloud", rani)


def test_a_copy_is_made_anew(superadmin: Client, archive: Archive, rani: User) -> None:
    answer = superadmin.post(f"/archives/{archive.pk}/copies/nas/make/")
    job = Job.objects.get()
    assert answer.url == f"/jobs/{job.pk}/"
    assert (job.kind, job.options["storage"], job.requested_by) == ("copy", "nas", rani)
    shown = detail(superadmin, archive)
    assert f"/jobs/{job.pk}/" in shown
    assert "/copies/nas/make/" not in shown


def test_a_storage_that_there_is_not_is_refused(superadmin: Client, archive: Archive) -> None:
    for storage, act in (("tape", "check"), ("tape", "make"), ("mars", "check"), ("mars", "make")):
        assert superadmin.post(f"/archives/{archive.pk}/copies/{storage}/{act}/").status_code == 409
    assert not Job.objects.exists()


def test_the_list_counts_the_copies_and_marks_what_is_wanting(superadmin: Client, rani: User) -> None:
    stored.troubled(rani)
    Copy.objects.filter(storage="nas", state="missing").update(state="whole")
    shown = plain(superadmin.get("/archives/"))
    assert '<span class="soft">3 dari 3</span>' in shown
    assert "1 dari 3" in shown
    assert "salinan: 1 dari 3" in shown


def test_where_there_is_one_storage_nothing_is_counted(superadmin: Client, rani: User, settings: Any) -> None:
    settings.BACKUP_STORAGES = stored.THREE[:1]
    factories.a_good_week(rani)
    assert "1 dari 1" not in plain(superadmin.get("/archives/"))


def test_home_has_a_line_for_each_storage(superadmin: Client, rani: User) -> None:
    stored.troubled(rani)
    shown = plain(superadmin.get("/"))
    for told in (
        "storage-lines",
        "Ada cadangan yang hilang",
        "Tidak menjawab",
        "Semua baik",
        "4 tidak ditemukan",
    ):
        assert told in shown, told


@pytest.mark.usefixtures("protected")
def test_the_verdict_leads_to_the_storages(superadmin: Client, rani: User) -> None:
    stored.troubled(rani)
    Archive.objects.update(state="whole")
    assert "Lihat penyimpanannya" in plain(superadmin.get("/"))


def test_a_mall_admin_sees_no_copy_and_may_ask_for_none(mall_admin: Client, rani: User) -> None:
    archive = stored.ill_assorted(rani)
    for act in ("check", "make"):
        assert mall_admin.post(f"/archives/{archive.pk}/copies/nas/{act}/").status_code == 403
    assert not Job.objects.exists()
    for address in ("/", "/archives/"):
        shown = plain(mall_admin.get(address))
        for secret in ("storage-lines", "cloud", "salinan:", ">3 dari", ">2 dari"):
            assert secret not in shown
