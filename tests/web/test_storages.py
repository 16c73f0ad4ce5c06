"""Penyimpanan: everything a superadmin must know of a storage, and nothing for a mall admin."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from backups.engine.errors import StorageFailed
from backups.engine.storage import LocalStorage
from backups.models import AuditEvent, Copy, StorageState, User
from backups.views.step_up import WHEN
from qparkin_backup.storages import Folder
from tests.web import factories, stored

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def two(settings: Any, tmp_path: Path) -> Path:
    settings.BACKUP_STORAGES = (Folder("local", str(tmp_path / "a")), Folder("nas", str(tmp_path / "nas")))
    return tmp_path


@pytest.fixture
def three(settings: Any) -> None:
    settings.BACKUP_STORAGES = stored.THREE


def plain(text: bytes) -> str:
    return " ".join(text.decode().split())


def page(client: Client) -> str:
    return plain(client.get("/storages/").content)


def test_an_empty_panel_says_that_one_place_is_not_enough(superadmin: Client) -> None:
    shown = page(superadmin)
    assert "Semua cadangan ada di satu tempat" in shown
    assert "Belum dicek" in shown


@pytest.mark.usefixtures("three")
def test_each_storage_is_a_card_with_its_figures(superadmin: Client, rani: User) -> None:
    stored.four_months(rani)
    shown = page(superadmin)
    for told in ("Disk lokal", "s3://qparkin-backup/malls/", "https://s3.ap-southeast-3.example.id"):
        assert told in shown
    assert shown.count('class="chart"') == 3
    assert "29 dari 42" in shown
    assert "1 belum disalin ke sini" in shown
    assert "penuh sekitar" in shown or "lebih dari setahun" in shown
    assert "Semua cadangan ada di satu tempat" not in shown


@pytest.mark.usefixtures("three")
def test_what_is_wrong_is_said_with_its_reason(superadmin: Client, rani: User) -> None:
    stored.troubled(rani)
    shown = page(superadmin)
    assert "4 cadangan yang tadinya ada di sini hilang" in shown
    assert "tidak menjawab tepat waktu" in shown
    assert "Tidak lagi dipakai" in shown
    assert "tape" in shown
    assert "1 tidak bisa disalin" in shown
    assert "1 rusak" in shown


@pytest.mark.usefixtures("three")
def test_of_several_the_ones_to_look_at_stand_on_top(superadmin: Client, rani: User) -> None:
    stored.troubled(rani)
    shown = page(superadmin)
    on_top = shown[shown.index('id="storages-summary"') : shown.index('id="storage-local"')]
    assert "Perlu perhatian" in on_top
    assert ["#storage-nas" in on_top, "#storage-cloud" in on_top, "#storage-local" in on_top] == [1, 1, 0]


@pytest.mark.usefixtures("three")
def test_where_all_are_well_nothing_stands_above_them(superadmin: Client, rani: User) -> None:
    stored.four_months(rani)
    assert "Perlu perhatian" not in page(superadmin)


@pytest.mark.usefixtures("two")
def test_a_test_answers_htmx_with_its_result_alone(superadmin: Client, rani: User) -> None:
    answer = superadmin.post("/storages/nas/test/", headers=HTMX)
    assert "<html" not in answer.content.decode()
    assert "Berfungsi" in plain(answer.content)
    event = AuditEvent.objects.get(action="test_storage")
    assert (event.actor, event.details, event.outcome) == (rani, {"storage": "nas", "missing": []}, "ok")


@pytest.mark.usefixtures("two")
def test_who_tested_a_storage_has_looked_at_it_and_at_no_other(superadmin: Client) -> None:
    shown = plain(superadmin.post("/storages/nas/test/", headers=HTMX).content)
    assert "Dicek baru saja" in shown
    assert 'id="health-nas"' in shown
    assert 'id="storages-summary" hx-swap-oob="true"' in shown
    looked = StorageState.objects.exclude(listed_at=None).values_list("storage", flat=True)
    assert list(looked) == ["nas"]


def test_a_storage_that_failed_its_test_was_not_looked_at(superadmin: Client, two: Path) -> None:
    (two / "nas").write_text("a file where the folder should be")
    assert "Dicek" not in plain(superadmin.post("/storages/nas/test/", headers=HTMX).content)
    assert not StorageState.objects.exclude(listed_at=None).exists()


def test_without_script_the_result_stands_in_its_card(superadmin: Client, two: Path) -> None:
    (two / "nas").write_text("a file where the folder should be")
    shown = page_of(superadmin.post("/storages/nas/test/"))
    assert "<html" in shown
    said = shown[shown.index('id="tested-nas"') :]
    assert "Cadangan belum bisa disimpan di sini" in said
    assert "Pencadangan tetap berjalan" not in said
    assert "Cadangan belum bisa" not in shown[: shown.index('id="tested-nas"')]


def page_of(answer: Any) -> str:
    return plain(answer.content)


def test_a_look_shows_what_is_there_now(superadmin: Client, two: Path) -> None:
    (two / "a").mkdir()
    (two / "nas").mkdir()
    answer = superadmin.post("/storages/look/", headers=HTMX)
    assert "<html" not in answer.content.decode()
    assert StorageState.objects.filter(listed_at__isnull=False).count() == 2
    assert superadmin.post("/storages/look/").url == "/storages/"


@pytest.mark.usefixtures("two")
def test_a_look_at_storages_that_all_fail_says_so_and_is_no_error(
    superadmin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: LocalStorage) -> list[object]:
        raise StorageFailed(storage=self.name, reason="it does not answer in time")

    monkeypatch.setattr(LocalStorage, "names", refuse)
    shown = page_of(superadmin.post("/storages/look/", headers=HTMX))
    cards = shown[shown.index('id="storage-local"') :]
    assert cards.count("Tidak menjawab") == 2


@pytest.mark.usefixtures("three")
def test_what_is_lost_is_taken_note_of_by_its_typed_name(superadmin: Client, rani: User) -> None:
    stored.troubled(rani)
    assert "Yang hilang dari" in page_of(superadmin.get("/storages/nas/lost/"))
    wrong = superadmin.post("/storages/nas/lost/", {"name": "cloud"})
    assert wrong.status_code == 422
    assert StorageState.objects.get(storage="nas").lost_at is not None
    done = superadmin.post("/storages/nas/lost/", {"name": "nas"}, follow=True)
    assert "Sudah dicatat" in page_of(done)
    assert StorageState.objects.get(storage="nas").lost_at is None
    event = AuditEvent.objects.get(action="storage_seen")
    assert (event.actor, event.details) == (rani, {"storage": "nas", "count": 4})
    assert Copy.objects.filter(storage="nas", state="missing").count() == 4
    assert superadmin.get("/storages/nas/lost/").url == "/storages/"


@pytest.mark.usefixtures("three")
def test_what_is_left_nowhere_is_said_first(superadmin: Client, rani: User) -> None:
    made = stored.troubled(rani)
    Copy.objects.filter(archive__in=made[:2]).exclude(storage="nas").delete()
    shown = page_of(superadmin.get("/storages/nas/lost/"))
    assert "2 di antaranya tidak ada yang utuh di tempat lain" in shown


@pytest.mark.usefixtures("three")
def test_taking_note_asks_for_the_password_again(superadmin: Client, rani: User) -> None:
    stored.troubled(rani)
    session = superadmin.session
    session[WHEN] = (timezone.now() - timedelta(hours=1)).timestamp()
    session.save()
    assert superadmin.get("/storages/nas/lost/").url.startswith("/still-you/")
    assert superadmin.post("/storages/nas/lost/", {"name": "nas"}).url.startswith("/still-you/")
    assert StorageState.objects.get(storage="nas").lost_at is not None


@pytest.mark.usefixtures("three")
def test_a_storage_without_a_loss_has_nothing_to_note(superadmin: Client) -> None:
    assert superadmin.get("/storages/cloud/lost/").url == "/storages/"


@pytest.mark.usefixtures("three")
def test_a_mall_admin_never_reads_of_a_storage(mall_admin: Client, rani: User) -> None:
    stored.troubled(rani)
    for address in ("/", "/archives/"):
        shown = page_of(mall_admin.get(address))
        for secret in ("nas", "cloud", "tape", "Penyimpanan", "/storages/", "example.id"):
            assert secret not in shown.replace("tersimpan", "")


@pytest.mark.usefixtures("three")
def test_the_page_asks_the_same_however_many_archives_there_are(
    superadmin: Client, rani: User, django_assert_max_num_queries: Any
) -> None:
    stored.four_months(rani)
    with django_assert_max_num_queries(45):
        page(superadmin)


def test_a_name_in_the_settings_is_escaped_and_never_a_path(superadmin: Client) -> None:
    assert superadmin.post("/storages/..%2F..%2Fetc/test/").status_code in (404, 409)
    assert not AuditEvent.objects.exists()
    assert factories.Archive.objects.count() == 0


def test_whoever_adds_one_is_told_which_file_and_where_the_secret_goes(
    superadmin: Client, settings: Any
) -> None:
    settings.ENV_FILE = "/etc/qparkin/panel.env"
    page = superadmin.get("/storages/").content.decode()
    assert "/etc/qparkin/panel.env" in page
    assert "Secret key ditaruh sendirian" in page
