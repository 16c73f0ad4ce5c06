"""Everybody's own page: how the panel speaks to them, their password, what they did."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from backups.models import AuditEvent, User
from backups.services import audit
from backups.services.sign_in import TRIES_FOR_ACCOUNT
from tests.web import factories
from tests.web.factories import PASSWORD

pytestmark = pytest.mark.django_db

NEW = "Tiga-kata-yang-panjang-7"
WAYS = {"name": "Bima", "language": "en", "theme": "dark", "time_zone": "Asia/Jayapura"}


def test_what_somebody_chose_follows_them_to_another_machine(mall_admin: Client, bima: User) -> None:
    mall_admin.post("/me/", WAYS)
    elsewhere = Client()
    factories.sign_in(elsewhere, bima)
    page = elsewhere.get("/").content.decode()
    assert '<html lang="en"' in page
    assert 'data-theme="dark"' in page
    assert AuditEvent.objects.get().details == {"what": ["name", "language", "theme", "time_zone"]}


def read(client: Client, address: str) -> str:
    return client.get(address).content.decode().replace("\N{NO-BREAK SPACE}", " ")


def test_times_are_those_of_the_person_and_the_schedules_keep_their_own(superadmin: Client) -> None:
    factories.archive(datetime(2026, 11, 22, 20, 0, tzinfo=UTC))
    factories.schedules()
    assert "23 Nov 2026 03.00 WIB" in read(superadmin, "/archives/")
    superadmin.post("/me/", {**WAYS, "language": "id"})
    assert "05.00 WIT" in read(superadmin, "/archives/")
    page = superadmin.get("/schedules/").content.decode()
    assert "Setiap hari pukul 02.00 WIB" in page


@pytest.mark.parametrize("told", [{"time_zone": "Mars/Base"}, {"language": "fr"}, {"theme": "pink"}])
def test_nothing_else_can_be_chosen(told: dict[str, str], mall_admin: Client, bima: User) -> None:
    assert mall_admin.post("/me/", {**WAYS, **told}).status_code == 422
    bima.refresh_from_db()
    assert (bima.language, bima.theme, bima.time_zone) == ("id", "", "")


def test_nobody_changes_their_role_or_address_there(mall_admin: Client, bima: User) -> None:
    mall_admin.post(
        "/me/", {**WAYS, "role": "superadmin", "mall_id": "2", "email": "x@y.id", "is_active": ""}
    )
    bima.refresh_from_db()
    assert (bima.role, bima.mall_id, bima.email) == ("admin_mall", 1, "bima@mall.id")


def test_a_new_password_ends_what_is_open_elsewhere(mall_admin: Client, bima: User) -> None:
    elsewhere = Client()
    factories.sign_in(elsewhere, bima)
    answer = mall_admin.post("/me/password/", {"old": PASSWORD, "password": NEW, "again": NEW})
    assert answer.status_code == 302
    assert mall_admin.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302
    bima.refresh_from_db()
    assert bima.check_password(NEW)


@pytest.mark.parametrize(
    "told", [{"old": "salah"}, {"again": "lain"}, {"password": "bima@mall.id", "again": "bima@mall.id"}]
)
def test_the_old_one_is_asked_for_and_a_poor_one_refused(
    told: dict[str, str], mall_admin: Client, bima: User
) -> None:
    answer = mall_admin.post("/me/password/", {"old": PASSWORD, "password": NEW, "again": NEW, **told})
    assert answer.status_code == 422
    bima.refresh_from_db()
    assert bima.check_password(PASSWORD)


def test_guessing_the_old_one_takes_time(mall_admin: Client) -> None:
    for _ in range(TRIES_FOR_ACCOUNT):
        mall_admin.post("/me/password/", {"old": "salah", "password": NEW, "again": NEW})
    answer = mall_admin.post("/me/password/", {"old": PASSWORD, "password": NEW, "again": NEW})
    assert answer.status_code == 429
    assert AuditEvent.objects.filter(action="change_password", outcome="refused").count() == TRIES_FOR_ACCOUNT


def test_somebody_of_qparkin_has_no_password_and_no_address_here(
    mall_admin: Client, bima: User, settings: Settings
) -> None:
    User.objects.filter(pk=bima.pk).update(source="qparkin", source_id=7, source_seen_at=timezone.now())
    settings.QPARKIN_SIGN_IN = True
    assert "Kata sandi Anda adalah" in mall_admin.get("/me/password/").content.decode()
    mall_admin.post("/me/password/", {"old": "", "password": NEW, "again": NEW})
    assert bima.password == User.objects.get().password
    assert mall_admin.get("/me/notices/").status_code == 404
    page = mall_admin.get("/me/").content.decode()
    assert "akun QParkIn" in page
    assert bima.email not in page


def test_own_lines_of_the_record_and_nobody_elses(mall_admin: Client, bima: User, rani: User) -> None:
    audit.record("sign_in", actor=bima, address="10.20.1.77")
    audit.record("download", actor=rani, address="10.20.1.88")
    page = mall_admin.get("/me/activity/").content.decode()
    assert "10.20.1.77" in page
    assert "10.20.1.88" not in page


def test_a_language_chosen_at_the_door_is_theirs_and_an_older_cookie_is_not(
    client: Client, bima: User
) -> None:
    client.cookies["django_language"] = "en"
    told = {"username": bima.email, "password": PASSWORD}
    client.post("/sign-in/", told)
    assert '<html lang="id"' in client.get("/").content.decode()
    client.post("/sign-out/")
    client.post("/language/", {"language": "en"})
    client.post("/sign-in/", told)
    assert '<html lang="en"' in client.get("/").content.decode()
