"""What somebody without an account, or with a small one, can do to the counting of wrong tries."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from backups.models import AuditEvent, User
from backups.services import sign_in
from backups.services.sign_in import TRIES_FOR_ACCOUNT, TRIES_FROM_ADDRESS, WINDOW
from backups.views.step_up import WHEN
from tests.web import factories

pytestmark = pytest.mark.django_db

HERE = "10.0.0.1"


def guessed_at(person: User) -> None:
    for number in range(TRIES_FOR_ACCOUNT):
        sign_in.count_failure(person.email, f"10.0.1.{number}")
    assert sign_in.seconds_barred(person.email, "10.0.2.1")


def test_whoever_signs_in_clears_no_count_but_their_own(rani: User, bima: User) -> None:
    """A mall admin with an app sends the superadmin's address along with the code."""
    secret = factories.with_app(bima)
    guessed_at(rani)
    mall = Client()
    mall.post("/sign-in/", {"username": bima.email, "password": factories.PASSWORD}, REMOTE_ADDR=HERE)
    told = {"code": factories.code_of(secret), "username": rani.email}
    assert mall.post("/sign-in/second-step/", told, REMOTE_ADDR=HERE).status_code == 302
    assert mall.session["_auth_user_id"] == str(bima.pk)
    assert sign_in.seconds_barred(rani.email, "10.0.2.1")


def test_a_stranger_who_guesses_keeps_nobody_from_restoring_who_is_in(superadmin: Client, rani: User) -> None:
    guessed_at(rani)
    for number in range(TRIES_FROM_ADDRESS):
        sign_in.count_failure(f"orang{number}@qparkin.id", "127.0.0.1")
    session = superadmin.session
    session[WHEN] = 0
    session.save()
    answer = superadmin.post("/still-you/", {"password": factories.PASSWORD, "next": "/restore/"})
    assert answer.headers["Location"] == "/restore/"
    # And whoever is in opens the door to nobody who guesses.
    assert sign_in.seconds_barred(rani.email, "10.0.2.1")


def test_a_household_with_ipv6_is_one_place(rani: User) -> None:
    for number in range(TRIES_FROM_ADDRESS):
        sign_in.count_failure(f"orang{number}@qparkin.id", f"2001:db8:1:2::{number:x}")
    assert sign_in.seconds_barred(rani.email, "2001:db8:1:2:ffff::1")
    assert not sign_in.seconds_barred(rani.email, "2001:db8:1:3::1")
    assert not sign_in.seconds_barred(rani.email, "::ffff:10.0.0.1")


def test_a_clock_that_was_wrong_locks_nobody_out_for_a_year(rani: User) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=365), tick=False):
        guessed_at(rani)
    assert sign_in.seconds_barred(rani.email, "10.0.1.1") == 0
    guessed_at(rani)
    assert sign_in.seconds_barred(rani.email, "10.0.1.1") <= WINDOW.total_seconds()


def test_what_no_database_keeps_is_a_wrong_password_like_any_other(client: Client) -> None:
    """PostgreSQL has no NUL in its JSON: the page would be an error, with nothing on the record."""
    told = {"username": "a\0b@qparkin.id", "password": "salah"}
    assert client.post("/sign-in/", told).status_code == 200
    assert AuditEvent.objects.get(action="sign_in").details == {"email": "ab@qparkin.id"}
