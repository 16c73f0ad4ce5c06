"""What somebody without an account, or with a small one, can do to the counting of wrong tries."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.forms import AuthenticationForm
from django.test import Client
from django.utils import timezone

from backups.models import AuditEvent, SignInTries, User
from backups.services import sign_in
from backups.services.sign_in import TRIES_FOR_ACCOUNT, TRIES_FROM_ADDRESS, WINDOW
from backups.views.step_up import WHEN
from tests.web import factories

pytestmark = pytest.mark.django_db

HERE = "10.0.0.1"


def guessed_at(person: User) -> None:
    for number in range(TRIES_FOR_ACCOUNT):
        sign_in.reserve(person.email, f"10.0.1.{number}")
    assert sign_in.seconds_barred(person.email, "10.0.2.1")


@pytest.mark.parametrize("counted_by", ["account", "place"])
def test_of_many_at_one_moment_no_more_are_looked_at(
    counted_by: str, rani: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seven by seven, each arrives while the one before is still being looked at, as with threads."""
    most = TRIES_FOR_ACCOUNT if counted_by == "account" else TRIES_FROM_ADDRESS
    looked_at, looks = [], AuthenticationForm.clean

    def arrive(number: int) -> None:
        name, place = (rani.email, number) if counted_by == "account" else (f"{number}@mall.id", 0)
        told = {"username": name, "password": "salah", "number": number}
        Client().post("/sign-in/", told, REMOTE_ADDR=f"10.0.3.{place}")

    def looking(form: AuthenticationForm) -> object:
        looked_at.append(form)
        number = int(form.data["number"]) + 1
        if number % 7:
            arrive(number)
        return looks(form)

    monkeypatch.setattr(AuthenticationForm, "clean", looking)
    for first in range(0, 35, 7):
        arrive(first)
    assert len(looked_at) == most


def test_a_host_whose_clock_is_a_little_behind_counts_on(rani: User) -> None:
    """What the other had counted was begun anew: two hosts, or two threads, were tried for ever."""
    now = timezone.now()
    for number in range(2 * TRIES_FOR_ACCOUNT):
        with time_machine.travel(now + timedelta(seconds=number % 2), tick=False):
            sign_in.reserve(rani.email, f"10.0.4.{number}")
    assert SignInTries.objects.filter(failures=TRIES_FOR_ACCOUNT).count() == 1
    with time_machine.travel(now, tick=False):
        assert sign_in.seconds_barred(rani.email, "10.0.5.1")


def test_what_was_right_is_not_counted(bima: User) -> None:
    secret = factories.with_app(bima)
    for _ in range(TRIES_FROM_ADDRESS + 1):
        mall = Client()
        mall.post("/sign-in/", {"username": bima.email, "password": factories.PASSWORD}, REMOTE_ADDR=HERE)
    told = {"code": factories.code_of(secret)}
    assert mall.post("/sign-in/second-step/", told, REMOTE_ADDR=HERE).status_code == 302
    assert sign_in.seconds_barred(bima.email, HERE) == 0
    assert not SignInTries.objects.filter(failures__gt=0)


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
        sign_in.reserve(f"orang{number}@qparkin.id", "127.0.0.1")
    session = superadmin.session
    session[WHEN] = 0
    session.save()
    answer = superadmin.post("/still-you/", {"password": factories.PASSWORD, "next": "/restore/"})
    assert answer.headers["Location"] == "/restore/"
    # And whoever is in opens the door to nobody who guesses.
    assert sign_in.seconds_barred(rani.email, "10.0.2.1")


def test_a_household_with_ipv6_is_one_place(rani: User) -> None:
    for number in range(TRIES_FROM_ADDRESS):
        sign_in.reserve(f"orang{number}@qparkin.id", f"2001:db8:1:2::{number:x}")
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
