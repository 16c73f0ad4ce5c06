"""Codes on paper: what is kept of them opens nothing, and each is good for once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from backups.models import User
from backups.services import secret_text
from backups.services.people_refusals import FactorUnreadable
from backups.services.second_factor import codes, factors, paper
from tests.web import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(rani: User) -> Authenticator:
    factories.with_app(rani)
    return Authenticator.objects.get(user=rani, type=factors.CODES)


def told(of: Authenticator) -> dict[str, Any]:
    return dict(json.loads(secret_text.unlock(of.data["kept"])))


def test_once_shown_nothing_but_salted_hashes_is_kept(kept: Authenticator, rani: User) -> None:
    shown = paper.to_show(rani)
    kept.refresh_from_db()
    assert set(kept.data) == {"kept", "left"}
    hashes = told(kept)["hashes"]
    assert len({one.split("$")[4] for one in hashes}) == len(shown) == 10
    assert not [code for code in shown if code in str(told(kept))]
    assert paper.to_show(rani) == []


def test_a_hash_costs_what_owasp_asks_for() -> None:
    """The suite's own is cheaper."""
    assert (paper.ROUNDS, paper.KIBIBYTES, paper.LANES) == (2, 19456, 1)


def test_each_is_good_for_once_however_it_is_typed(kept: Authenticator, rani: User) -> None:
    first, second, *_ = paper.to_show(rani)
    assert codes.accepted(rani, f" {first[:5]}-{first[5:]} ") == kept
    assert codes.accepted(rani, first) is None
    assert factors.of(rani).codes_left == 9
    assert codes.accepted(rani, second) == kept


@pytest.mark.parametrize("typed", ["", "0", "0" * 10, "٠" * 10, "\0" * 10, "9" * 40, "12345 6789x"])
def test_what_is_none_of_them_is_none(typed: str, kept: Authenticator, rani: User) -> None:
    assert codes.accepted(rani, typed) is None
    assert factors.of(rani).codes_left == 10


@pytest.mark.django_db(transaction=True)
def test_of_two_who_send_the_same_one_at_once_one_gets_in(kept: Authenticator, rani: User) -> None:
    (code, *_) = paper.to_show(rani)

    def send(_: int) -> bool:
        try:
            return codes.accepted(rani, code) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as many:
        assert sorted(many.map(send, range(4))) == [False, False, False, True]


def test_put_into_somebody_elses_row_they_open_nothing(kept: Authenticator, rani: User, bima: User) -> None:
    factories.with_app(bima)
    (code, *_) = paper.to_show(rani)
    kept.refresh_from_db()
    Authenticator.objects.filter(user=bima, type=factors.CODES).update(data=kept.data)
    assert codes.accepted(bima, code) is None


def test_without_their_key_they_open_nothing(kept: Authenticator, rani: User, settings: Settings) -> None:
    (code, *_) = paper.to_show(rani)
    settings.SECRET_KEY = "a-key-that-has-nothing-to-do-with-it"
    kept.refresh_from_db()
    with pytest.raises(FactorUnreadable):
        paper.use_up(kept, code)


def test_what_nobody_came_to_see_is_forgotten(kept: Authenticator, rani: User) -> None:
    paper.tidy(timezone.now())
    kept.refresh_from_db()
    assert "unseen" in kept.data
    paper.tidy(timezone.now() + timedelta(hours=2))
    kept.refresh_from_db()
    assert set(kept.data) == {"kept", "left"}
    assert paper.to_show(rani) == []


@pytest.mark.parametrize("before", ["the clock", "the first use"])
def test_codes_of_before_stay_good_and_their_seed_goes(before: str, kept: Authenticator, rani: User) -> None:
    kept.delete()
    old = RecoveryCodes.activate(rani)
    used, first, second, *_ = old.generate_codes()
    assert old.validate_code(used)
    if before == "the clock":
        paper.tidy(timezone.now())
    assert codes.accepted(rani, first)
    kept = Authenticator.objects.get(user=rani, type=factors.CODES)
    assert set(kept.data) == {"kept", "left"}
    assert codes.accepted(rani, used) is None
    assert codes.accepted(rani, second)
    assert factors.of(rani).codes_left == 7


def test_a_seed_that_no_key_opens_stays_as_it_is(kept: Authenticator, rani: User, settings: Settings) -> None:
    kept.delete()
    old = RecoveryCodes.activate(rani).instance
    settings.SECRET_KEY = "a-key-that-has-nothing-to-do-with-it"
    paper.tidy(timezone.now())
    assert Authenticator.objects.get(pk=old.pk).data == old.data
