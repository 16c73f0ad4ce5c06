"""The simulator: tried out freely, kept only by whoever gives the password; pins on an archive's page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from backups.models import Archive, AuditEvent, User
from backups.services import policies
from backups.services.retention import PRESET, Policy
from backups.views.step_up import WHEN
from tests.web import factories

pytestmark = pytest.mark.django_db

SHORT = {"storage": "local", "all_days": 2, "daily": 0, "weekly": 0, "monthly": 0, "yearly": 0, "max_gb": ""}


@pytest.fixture
def month_of_days(rani: User) -> list[Archive]:
    now = timezone.now()
    return [factories.archive(now - timedelta(days=age, minutes=5)) for age in range(30)]


def shown(client: Client, **asked: object) -> str:
    return client.get("/retention/", asked).content.decode()


def test_an_empty_panel_has_the_preset(superadmin: Client) -> None:
    page = shown(superadmin)
    assert 'name="all_days" value="7"' in page
    assert "Belum ada cadangan di sini" in page


@pytest.mark.usefixtures("month_of_days")
def test_trying_changes_nothing_and_says_what_would_go_and_why(superadmin: Client) -> None:
    page = shown(superadmin, **SHORT)
    assert "lebih tua dari semua masa simpan" in page
    assert "day-goes" in page
    assert "Ini baru percobaan" in page
    assert policies.every() == {"local": PRESET}
    assert Archive.objects.count() == 30
    assert "Ini baru percobaan" not in shown(superadmin)


@pytest.mark.usefixtures("month_of_days")
def test_a_fragment_alone_answers_htmx(superadmin: Client) -> None:
    answer = superadmin.get("/retention/", SHORT, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in answer
    assert "day-goes" in answer


@pytest.mark.usefixtures("month_of_days")
def test_a_day_says_what_becomes_of_each_of_its_archives(superadmin: Client) -> None:
    day = timezone.localdate() - timedelta(days=20)
    page = shown(superadmin, **SHORT, day=day.isoformat())
    assert 'id="day"' in page
    assert "dihapus: " in page.replace("\n", "").replace("  ", "")


@pytest.mark.parametrize(
    "wrong", [{"daily": "-1"}, {"daily": "banyak"}, {"max_gb": "-3"}, {"yearly": "9999"}]
)
def test_a_wrong_number_is_said_and_not_kept(superadmin: Client, wrong: dict[str, str]) -> None:
    assert "form-error" in shown(superadmin, **{**SHORT, **wrong})
    superadmin.post("/retention/save/", {**SHORT, **wrong})
    assert policies.every() == {"local": PRESET}


def test_saving_is_on_the_record_with_both_policies(superadmin: Client, rani: User) -> None:
    answer = superadmin.post("/retention/save/", {**SHORT, "max_gb": "1.5"}, follow=True)
    assert "Tersimpan" in answer.content.decode()
    assert policies.of("local") == Policy(2, 0, 0, 0, 0, 1_500_000_000)
    event = AuditEvent.objects.get(action="change_retention")
    assert (event.actor, event.details["after"]["all_days"]) == (rani, 2)
    assert "Mengubah lama cadangan disimpan" in superadmin.get("/audit/").content.decode()


def test_saving_asks_for_the_password_again(superadmin: Client) -> None:
    session = superadmin.session
    session[WHEN] = 0
    session.save()
    answer = superadmin.post("/retention/save/", SHORT, headers={"Referer": "/retention/?all_days=2"})
    assert answer.url == "/still-you/?next=%2Fretention%2F%3Fall_days%3D2"
    assert policies.every() == {"local": PRESET}


def test_a_storage_that_there_is_not_is_refused(superadmin: Client) -> None:
    assert superadmin.post("/retention/save/", {**SHORT, "storage": "mars"}).status_code == 409
    assert superadmin.get("/retention/", {"storage": "mars"}).status_code == 200


def test_a_storage_that_does_not_let_us_delete_says_so(superadmin: Client) -> None:
    policies.note_refusal("local", refused=True)
    assert "tidak mengizinkan panel menghapus" in shown(superadmin)


def test_a_pin_is_put_on_and_taken_off_and_shown(superadmin: Client) -> None:
    archive = factories.archive()
    until = timezone.localdate() + timedelta(days=30)
    given = {"until": until.isoformat(), "reason": "Sengketa tiket"}
    page = superadmin.post(f"/archives/{archive.pk}/pin/", given, follow=True).content.decode()
    assert "Sengketa tiket" in page
    assert "disematkan" in superadmin.get("/archives/").content.decode()
    assert AuditEvent.objects.filter(action="pin_archive").count() == 1
    superadmin.post(f"/archives/{archive.pk}/unpin/")
    archive.refresh_from_db()
    assert (archive.pinned_until, archive.pin_reason) == (None, "")


@pytest.mark.parametrize("given", [{"until": "2001-01-01", "reason": "x"}, {"until": "2199-01-01"}, {}])
def test_a_pin_needs_a_day_to_come_and_a_reason(superadmin: Client, given: dict[str, str]) -> None:
    archive = factories.archive()
    superadmin.post(f"/archives/{archive.pk}/pin/", given)
    archive.refresh_from_db()
    assert archive.pinned_until is None


def test_the_job_says_which_storage_was_left_out(superadmin: Client) -> None:
    result = {"kept": [], "dropped": [], "skipped": [{"storage": "nas", "code": "storage_failed"}]}
    job = factories.job(kind="prune", state="done", result=result)
    page = superadmin.get(f"/jobs/{job.pk}/").content.decode()
    assert "“nas” dilewati: penyimpanan bermasalah" in page


def test_a_mall_admin_is_told_how_long_in_one_sentence(mall_admin: Client) -> None:
    page = mall_admin.get("/archives/").content.decode()
    assert "disimpan selama 7 hari" in page
    assert "2 tahun" in page
