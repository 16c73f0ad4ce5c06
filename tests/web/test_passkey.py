"""Passkeys: what signs what was asked, here and now, opens; nothing else does, and nothing makes an error."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from backups.models import AuditEvent, User
from backups.services.second_factor import factors, passkeys
from backups.services.sign_in import TRIES_FROM_ADDRESS
from tests.web import factories
from tests.web.soft_passkey import PRESENT, VERIFIED, SoftPasskey

pytestmark = pytest.mark.django_db

NEW, DOOR, STEP = "/me/second-factor/passkeys/new/", "/sign-in/passkey/", "/sign-in/second-step/"


@pytest.fixture(autouse=True)
def _demanded(settings: Settings) -> None:
    settings.REQUIRE_MFA = True


def browser() -> Client:
    """By the name of the panel: passkeys know no numbers."""
    return Client(headers={"host": "localhost"})


def asked_on(page: str) -> dict[str, Any]:
    found = re.search(r'data-options="([^"]+)"', page)
    assert found
    options: dict[str, Any] = json.loads(html.unescape(found[1]))
    return options


def set_up(person: User, passkey: SoftPasskey, name: str = "Laptop") -> Client:
    client = browser()
    factories.sign_in(client, person)
    options = asked_on(client.get(NEW).content.decode())
    answer = client.post(NEW, {"name": name, "credential": passkey.make(options)})
    assert answer.status_code == 302, answer.content.decode()
    return client


def knock(passkey: SoftPasskey, client: Client | None = None) -> Any:
    client = client or browser()
    return client.post(DOOR, {"credential": passkey.sign(client.get(DOOR).json())})


@pytest.fixture
def passkey(rani: User) -> SoftPasskey:
    made = SoftPasskey()
    set_up(rani, made)
    return made


def test_it_is_two_factors_in_one(rani: User, passkey: SoftPasskey) -> None:
    client = browser()
    answer = knock(passkey, client)
    assert answer.headers["Location"] == "/"
    assert client.get("/audit/").status_code == 200
    event = AuditEvent.objects.filter(action="sign_in", outcome="ok").get()
    assert (event.actor, event.details["by"]) == (rani, "webauthn")


def test_it_is_asked_to_stay_on_the_device_and_to_know_its_owner(rani: User) -> None:
    client = browser()
    factories.sign_in(client, rani)
    chosen = asked_on(client.get(NEW).content.decode())["publicKey"]["authenticatorSelection"]
    assert (chosen["residentKey"], chosen["userVerification"]) == ("required", "required")
    assert client.get(DOOR).status_code == 302
    assert browser().get(DOOR).json()["publicKey"]["userVerification"] == "required"


def test_codes_on_paper_come_with_the_first_and_none_with_the_next(rani: User, passkey: SoftPasskey) -> None:
    assert factors.of(rani).codes_left == 10
    set_up(rani, SoftPasskey(), "Ponsel")
    assert [one.name for one in factors.of(rani).passkeys] == ["Laptop", "Ponsel"]
    assert factors.of(rani).codes_left == 10


def without_a_finger(passkey: SoftPasskey) -> None:
    passkey.flags = PRESENT


def of_another_page(passkey: SoftPasskey) -> None:
    passkey.origin = "https://jahat.example"


def of_a_page_beneath(passkey: SoftPasskey) -> None:
    passkey.origin = "http://jahat.localhost"


def of_another_panel(passkey: SoftPasskey) -> None:
    passkey.rp_id = "jahat.example"


def with_another_key(passkey: SoftPasskey) -> None:
    passkey.key = SoftPasskey().key


def of_nobody(passkey: SoftPasskey) -> None:
    passkey.handle = b"enp6enp6"


@pytest.mark.parametrize(
    "spoil",
    [
        without_a_finger, of_another_page, of_a_page_beneath, of_another_panel, with_another_key, of_nobody,
    ],
)  # fmt: skip
def test_what_is_not_ours_stays_out(spoil: Callable[[SoftPasskey], None], passkey: SoftPasskey) -> None:
    spoil(passkey)
    client = browser()
    assert knock(passkey, client).status_code == 422
    assert "_auth_user_id" not in client.session
    assert AuditEvent.objects.filter(action="sign_in", outcome="refused").exists()


def test_an_answer_is_good_once_and_only_where_it_was_asked(passkey: SoftPasskey) -> None:
    client = browser()
    heard = passkey.sign(client.get(DOOR).json())
    another = browser()
    another.get(DOOR)
    assert another.post(DOOR, {"credential": heard}).status_code == 422
    assert client.post(DOOR, {"credential": heard}).status_code == 302
    client.post("/sign-out/")
    assert client.post(DOOR, {"credential": heard}).status_code == 422


def test_an_answer_that_takes_too_long_is_none(passkey: SoftPasskey) -> None:
    client = browser()
    heard = passkey.sign(client.get(DOOR).json())
    with time_machine.travel(timezone.now() + timedelta(seconds=passkeys.SECONDS_TO_ANSWER + 1)):
        assert client.post(DOOR, {"credential": heard}).status_code == 422


def test_who_was_switched_off_stays_out(rani: User, passkey: SoftPasskey) -> None:
    User.objects.filter(pk=rani.pk).update(is_active=False)
    assert knock(passkey).status_code == 422


def test_at_the_second_step_only_the_persons_own_counts(rani: User, bima: User, passkey: SoftPasskey) -> None:
    of_bima = SoftPasskey()
    set_up(bima, of_bima)
    client = browser()
    client.post("/sign-in/", {"username": rani.email, "password": factories.PASSWORD})
    options = asked_on(client.get(STEP).content.decode())
    assert client.post(STEP, {"credential": of_bima.sign(options)}).status_code == 422
    without_a_finger(passkey)
    options = asked_on(client.get(STEP).content.decode())
    assert client.post(STEP, {"credential": passkey.sign(options)}).status_code == 422
    passkey.flags = PRESENT | VERIFIED
    options = asked_on(client.get(STEP).content.decode())
    assert client.post(STEP, {"credential": passkey.sign(options)}).status_code == 302


def test_it_answers_at_the_step_up(rani: User, passkey: SoftPasskey) -> None:
    client = browser()
    factories.sign_in(client, rani)
    session = client.session
    session["was_sure_at"] = 0
    session.save()
    options = asked_on(client.get("/still-you/").content.decode())
    answer = client.post("/still-you/", {"credential": passkey.sign(options), "next": "/notices/new/mail/"})
    assert answer.headers["Location"] == "/notices/new/mail/"
    assert client.get("/notices/new/mail/").status_code == 200


def test_it_is_renamed_and_on_record(rani: User, passkey: SoftPasskey) -> None:
    client = browser()
    factories.sign_in(client, rani)
    (mine,) = factors.of(rani).passkeys
    assert client.post(f"/me/second-factor/passkeys/{mine.pk}/", {"name": "Meja"}).status_code == 302
    assert factors.of(rani).passkeys[0].name == "Meja"
    assert AuditEvent.objects.filter(action="rename_factor", actor=rani).exists()


def test_where_the_address_is_a_number_it_is_not_offered(superadmin: Client) -> None:
    page = superadmin.get(NEW, headers={"host": "127.0.0.1"}).content.decode()
    assert "data-options" not in page
    assert "bukan angka" in page
    assert "data-passkey" not in Client(headers={"host": "127.0.0.1"}).get("/sign-in/").content.decode()


@pytest.mark.parametrize(
    "junk",
    [
        "", "x", "null", "7", "[]", "{}", '"x"', '{"response": []}', '{"response": {"userHandle": 7}}',
        '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}',
        ('{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "!!",'
        ' "attestationObject": "AA", "authenticatorData": "AA", "signature": "AA", "userHandle": "AA"}}'),
        ('{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "e30",'
        ' "attestationObject": "oA", "authenticatorData": "AA", "signature": "AA", "userHandle": "enp6eg"}}'),
        "[" * 15_000, "\x00", "9" * 5000,
    ],
)  # fmt: skip
def test_whatever_is_sent_is_no_error(junk: str, rani: User, passkey: SoftPasskey) -> None:
    client = browser()
    client.get(DOOR)
    assert client.post(DOOR, {"credential": junk}).status_code == 422
    inside = browser()
    factories.sign_in(inside, rani)
    inside.get(NEW)
    assert inside.post(NEW, {"name": "x", "credential": junk}).status_code == 422
    inside.get("/still-you/")
    assert inside.post("/still-you/", {"credential": junk}).status_code == 422


def test_trying_from_one_place_ends(rani: User) -> None:
    client = browser()
    for _ in range(TRIES_FROM_ADDRESS):
        client.post(DOOR, {"credential": "{}"})
    assert client.get(DOOR).status_code == 429
