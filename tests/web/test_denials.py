"""Every refusal at the door of a page is on the record: who, from where, what and why."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import translation

from backups.models import AuditEvent, User
from backups.services import repeats, sign_in
from backups.templatetags.events import detail_words
from tests.web import factories

pytestmark = pytest.mark.django_db


def only() -> AuditEvent:
    return AuditEvent.objects.exclude(action="sign_in").get()


def told() -> tuple[Any, ...]:
    event = only()
    details = event.details
    return (event.action, event.outcome, details["why"], details["route"], details["method"])


def test_a_page_for_others(mall_admin: Client, bima: User) -> None:
    for _ in range(3):
        assert mall_admin.get("/audit/", REMOTE_ADDR="10.1.2.3").status_code == 403
    assert told() == ("denied", "refused", "role", "audit", "GET")
    assert (only().actor, only().address) == (bima, "10.1.2.3")


def test_a_form_without_its_mark(rani: User) -> None:
    client = Client(enforce_csrf_checks=True)
    factories.sign_in(client, rani)
    assert client.post("/backup/").status_code == 403
    assert told() == ("denied", "refused", "csrf", "backup", "POST")


@pytest.mark.parametrize(
    ("path", "setting", "route"),
    [
        ("/metrics", "METRICS_TOKEN", "metrics"),
        ("/api/status", "STATUS_TOKEN", "api-status"),
        ("/badge/nope.svg", "STATUS_BADGE_KEY", "badge"),
    ],
)
def test_a_wrong_token(path: str, setting: str, route: str, client: Client, settings: Any) -> None:
    assert client.get(path).status_code == 404
    assert not AuditEvent.objects.exists()
    setattr(settings, setting, "the-right-one")
    for _ in range(3):
        client.get(path, headers={"authorization": "Bearer wrong"})
    assert told() == ("denied", "refused", "token", route, "GET")
    assert only().actor_label == "unknown"


def test_somebody_barred_from_trying(client: Client) -> None:
    for number in range(sign_in.TRIES_FROM_ADDRESS):
        sign_in.reserve(f"orang{number}@qparkin.id", "127.0.0.1")
    assert client.post("/sign-in/", {"username": "x", "password": "y"}).status_code == 429
    assert told() == ("denied", "refused", "too_often", "sign-in", "POST")


def test_a_link_that_does_not_count(superadmin: Client) -> None:
    superadmin.get(f"/archives/{factories.archive().pk}/download/nope/")
    assert told() == ("denied", "refused", "link", "download-link", "GET")


def test_a_strange_method_is_not_kept_as_it_came(mall_admin: Client) -> None:
    mall_admin.generic("X" * 60, "/audit/")
    assert told()[-1] == "other"


def test_a_record_that_cannot_be_written_changes_no_answer(
    mall_admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise DatabaseError

    monkeypatch.setattr(repeats, "note", broken)
    assert mall_admin.get("/audit/").status_code == 403


def test_it_is_said_in_words(superadmin: Client, mall_admin: Client) -> None:
    mall_admin.get("/audit/")
    Client(enforce_csrf_checks=True).post("/sign-in/")
    shown = superadmin.get("/audit/").content.decode()
    assert "Ditolak aksesnya" in shown
    assert "halaman khusus superadmin" in shown
    assert "Tidak dikenal" in shown


def test_who_looks_at_people_is_on_the_record_once(superadmin: Client, rani: User) -> None:
    for _ in range(3):
        superadmin.get("/audit/")
        superadmin.get("/notices/")
    seen = AuditEvent.objects.filter(action="view_people").order_by("pk")
    assert [(event.actor, event.details["page"]) for event in seen] == [(rani, "audit"), (rani, "notices")]
    with translation.override("id"):
        assert [detail_words(event, {}) for event in seen] == ["Jejak audit", "Notifikasi"]
