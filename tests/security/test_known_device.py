"""Eight guesses at a known address: who waits for them, and who does not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings as of_the_suite
from django.test import Client
from django.utils import timezone

from backups.models import User
from backups.services import sign_in
from backups.services.sign_in import TRIES_FOR_ACCOUNT
from backups.views.known_device import KEPT
from tests.security.test_guessing import guessed_at
from tests.web import factories

pytestmark = pytest.mark.django_db

COOKIE = of_the_suite.DEVICE_COOKIE_NAME


def enter(client: Client, person: User, password: str = factories.PASSWORD, **extra: Any) -> int:
    return int(
        client.post("/sign-in/", {"username": person.email, "password": password}, **extra).status_code
    )


@pytest.fixture
def known(bima: User) -> Client:
    """The browser in which Bima works, signed out again."""
    client = Client()
    assert enter(client, bima) == 302
    client.post("/sign-out/")
    assert client.cookies[COOKIE]["httponly"]
    return client


def test_who_has_signed_in_here_before_does_not_wait_for_a_strangers_guesses(
    known: Client, bima: User
) -> None:
    guessed_at(bima)
    assert enter(Client(), bima) == 429
    assert enter(known, bima) == 302
    # Which buys the stranger nothing.
    assert enter(Client(), bima) == 429


def test_nor_at_the_second_step(bima: User) -> None:
    client, secret = Client(), factories.with_app(bima)
    enter(client, bima)
    client.post("/sign-in/second-step/", {"code": factories.code_of(secret)})
    client.post("/sign-out/")
    guessed_at(bima)
    enter(client, bima)
    code = factories.code_of(secret, steps=1)
    assert client.post("/sign-in/second-step/", {"code": code}).status_code == 302
    assert client.get("/").status_code == 200


def test_who_takes_the_cookie_along_has_eight_tries_and_no_more(known: Client, bima: User) -> None:
    thief = Client()
    thief.cookies[COOKIE] = known.cookies[COOKIE].value
    for _ in range(TRIES_FOR_ACCOUNT):
        assert enter(thief, bima, "salah") == 200
    assert enter(thief, bima) == 429
    assert enter(Client(), bima) == 302


def test_it_is_worth_nothing_for_another_account(known: Client, rani: User) -> None:
    guessed_at(rani)
    assert enter(known, rani) == 429


@pytest.mark.parametrize("value", ["x", "a:b:c", "\x00"])
def test_one_that_is_not_ours_counts_for_nothing(value: str, bima: User) -> None:
    guessed_at(bima)
    client = Client()
    client.cookies[COOKIE] = value
    assert enter(client, bima) == 429


def test_it_is_forgotten_after_half_a_year(known: Client, bima: User) -> None:
    with time_machine.travel(timezone.now() + KEPT + timedelta(minutes=1)):
        guessed_at(bima)
        assert enter(known, bima) == 429


def test_half_a_sign_in_makes_no_browser_known(bima: User) -> None:
    factories.with_app(bima)
    client = Client()
    enter(client, bima)
    assert COOKIE not in client.cookies


def test_no_name_that_is_typed_counts_where_somebody_is_in(known: Client, bima: User) -> None:
    """ "inside 7" was once a name like any other: eight of them at the door kept number 7 from restoring."""
    for name in (f"inside {bima.pk}", f"INSIDE  {bima.pk}", "invitation 127.0.0.1"):
        for _ in range(TRIES_FOR_ACCOUNT):
            sign_in.reserve(name)
        assert sign_in.seconds_barred(name)
    assert not sign_in.seconds_barred(sign_in.inside(bima))
    assert not sign_in.seconds_barred(sign_in.with_links("127.0.0.1"))
