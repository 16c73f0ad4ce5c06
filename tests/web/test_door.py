from __future__ import annotations

import pytest
from django.test import Client

from backups.models import AuditEvent, User
from backups.services.sign_in import TRIES_FOR_ACCOUNT
from tests.web.factories import PASSWORD

pytestmark = pytest.mark.django_db


def knock(client: Client, email: str = "rani@qparkin.id", password: str = PASSWORD, **extra: str) -> object:
    return client.post("/sign-in/", {"username": email, "password": password, **extra})


def test_a_wrong_password_is_one_sentence_and_on_the_record(client: Client, rani: User) -> None:
    answer = client.post("/sign-in/", {"username": rani.email, "password": "salah"})
    assert "tidak cocok" in answer.content.decode()
    event = AuditEvent.objects.get()
    assert (event.action, event.outcome, event.actor) == ("sign_in", "refused", None)
    assert "salah" not in str(event.details)


def test_the_same_sentence_for_an_address_that_nobody_has(client: Client, rani: User) -> None:
    known = client.post("/sign-in/", {"username": rani.email, "password": "salah"})
    unknown = client.post("/sign-in/", {"username": "siapa@qparkin.id", "password": "salah"})
    assert ("tidak cocok" in known.content.decode()) == ("tidak cocok" in unknown.content.decode()) is True


def test_the_right_password_leads_on_and_is_recorded(client: Client, rani: User) -> None:
    answer = client.post(
        "/sign-in/", {"username": " RANI@qparkin.id", "password": PASSWORD, "next": "/audit/"}
    )
    assert answer.headers["Location"] == "/audit/"
    assert AuditEvent.objects.get().actor == rani


@pytest.mark.parametrize("onward", ["https://jahat.example/", "//jahat.example", "javascript:alert(1)"])
def test_onward_is_never_another_host(onward: str, client: Client, rani: User) -> None:
    answer = client.post("/sign-in/", {"username": rani.email, "password": PASSWORD, "next": onward})
    assert answer.headers["Location"] == "/"


def test_the_session_is_a_new_one(client: Client, rani: User) -> None:
    client.get("/sign-in/")
    before = client.session.session_key
    knock(client)
    assert client.session.session_key != before


def test_after_several_wrong_passwords_even_the_right_one_waits(client: Client, rani: User) -> None:
    for _ in range(TRIES_FOR_ACCOUNT):
        knock(client, password="salah")
    answer = client.post("/sign-in/", {"username": rani.email, "password": PASSWORD})
    assert answer.status_code == 429
    assert "Retry-After" in answer.headers
    assert "_auth_user_id" not in client.session


def test_another_account_is_not_held_up(client: Client, rani: User, bima: User) -> None:
    for _ in range(TRIES_FOR_ACCOUNT):
        knock(client, password="salah")
    assert client.post("/sign-in/", {"username": bima.email, "password": PASSWORD}).status_code == 302


def test_the_persons_language_comes_with_them(client: Client, rani: User) -> None:
    User.objects.filter(pk=rani.pk).update(language="en")
    knock(client)
    assert "Waiting for the first backup" in client.get("/").content.decode()


def test_signing_out_ends_the_session(superadmin: Client) -> None:
    superadmin.post("/sign-out/")
    assert superadmin.get("/").status_code == 302
    assert AuditEvent.objects.filter(action="sign_out").exists()


def test_a_switched_off_account_stays_out(client: Client, rani: User) -> None:
    User.objects.filter(pk=rani.pk).update(is_active=False)
    assert client.post("/sign-in/", {"username": rani.email, "password": PASSWORD}).status_code == 200
