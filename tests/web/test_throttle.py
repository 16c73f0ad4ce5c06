"""Guessing is slow, from wherever and however it is typed; and the wait has an end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from backups.models import SignInTries, User
from backups.services.sign_in import TRIES_FOR_ACCOUNT, TRIES_FROM_ADDRESS
from tests.web.factories import PASSWORD

pytestmark = pytest.mark.django_db

WRONG = "salah"


def knock(email: str, password: str = WRONG, address: str = "10.0.0.1") -> int:
    answer = Client().post("/sign-in/", {"username": email, "password": password}, REMOTE_ADDR=address)
    return int(answer.status_code)


def test_one_account_is_counted_from_wherever_it_is_tried(rani: User) -> None:
    for number in range(TRIES_FOR_ACCOUNT):
        assert knock(rani.email, address=f"10.0.0.{number}") == 200
    assert knock(rani.email, PASSWORD, address="10.0.9.9") == 429


@pytest.mark.parametrize("spelled", [" RANI@qparkin.id ", "rani@qparkin.id", "Ｒａｎｉ@qparkin.id"])
def test_one_account_is_counted_however_it_is_typed(rani: User, spelled: str) -> None:
    for _ in range(TRIES_FOR_ACCOUNT):
        knock(spelled)
    assert knock(rani.email, PASSWORD) == 429


def test_one_place_is_counted_whomever_it_tries(rani: User) -> None:
    for number in range(TRIES_FROM_ADDRESS):
        knock(f"orang{number}@qparkin.id")
    assert knock(rani.email, PASSWORD) == 429
    assert knock(rani.email, PASSWORD, address="10.0.0.2") == 302


def test_trying_on_does_not_move_the_end_and_the_end_lets_in(rani: User) -> None:
    for _ in range(TRIES_FOR_ACCOUNT):
        knock(rani.email)
    ends = set(SignInTries.objects.values_list("until", flat=True))
    knock(rani.email)
    assert set(SignInTries.objects.values_list("until", flat=True)) == ends
    # Fifteen minutes later, without the wait.
    SignInTries.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert knock(rani.email) == 200
    assert set(SignInTries.objects.values_list("failures", flat=True)) == {1}
    assert knock(rani.email, PASSWORD) == 302


def test_the_answer_says_how_long(rani: User) -> None:
    for _ in range(TRIES_FOR_ACCOUNT):
        knock(rani.email)
    SignInTries.objects.update(until=timezone.now() + timedelta(seconds=60))
    answer = Client().post("/sign-in/", {"username": rani.email, "password": "x"}, REMOTE_ADDR="10.0.0.1")
    assert 50 <= int(answer.headers["Retry-After"]) <= 61


def test_a_cache_that_was_emptied_changes_nothing(rani: User) -> None:
    for _ in range(TRIES_FOR_ACCOUNT):
        knock(rani.email)
        cache.clear()
    assert knock(rani.email, PASSWORD) == 429


@pytest.mark.parametrize(
    "strange", ["", "\x00", "a" * 5000, "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")]
)
def test_whatever_is_typed_is_answered(strange: str) -> None:
    assert knock(strange) == 200


def test_nothing_that_was_typed_is_kept(rani: User) -> None:
    knock("kata-sandi-di-tempat-yang-salah")
    assert "kata-sandi" not in str(list(SignInTries.objects.values()))
