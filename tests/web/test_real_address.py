"""Who is asking, behind proxies: what anybody can write into a header is not believed."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from backups.checks import whoever_asks_is_told_apart
from backups.models import AuditEvent, User
from backups.services import sign_in

pytestmark = pytest.mark.django_db

PROXY = "10.0.0.1"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "believed"),
    [
        (0, "203.0.113.7", PROXY),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "198.51.100.9, 203.0.113.7", "203.0.113.7"),
        (2, "198.51.100.9, 203.0.113.7, 10.0.0.2", "203.0.113.7"),
        (2, "203.0.113.7", PROXY),
        (1, "", PROXY),
        (1, "not-an-address", PROXY),
        (1, "203.0.113.7, ", PROXY),
        (1, "203.0.113.7:51234", "203.0.113.7"),
        (1, "[2001:db8::7]:51234", "2001:db8::7"),
        (1, "2001:DB8::7", "2001:db8::7"),
        (1, "203.0.113.7'; DROP TABLE x --", PROXY),
        (1, "1" * 5000, PROXY),
    ],
)
def test_the_address_is_counted_from_the_right(
    proxies: int, forwarded: str, believed: str, rani: User, settings: Any
) -> None:
    settings.TRUSTED_PROXIES = proxies
    Client().post(
        "/sign-in/",
        {"username": rani.email, "password": "salah"},
        REMOTE_ADDR=PROXY,
        headers={"x-forwarded-for": forwarded},
    )
    assert AuditEvent.objects.filter(action="sign_in").latest("pk").address == believed


def test_whoever_invents_addresses_is_slowed_down_all_the_same(rani: User, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    for number in range(sign_in.TRIES_FROM_ADDRESS):
        sign_in.reserve(f"orang{number}@qparkin.id", "203.0.113.7")
    answer = Client().post(
        "/sign-in/",
        {"username": rani.email, "password": "salah"},
        headers={"x-forwarded-for": "198.51.100.1, 203.0.113.7"},
    )
    assert answer.status_code == 429


def test_a_proxy_that_nobody_counts_is_a_warning(settings: Settings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert [one.id for one in whoever_asks_is_told_apart()] == ["backups.W007"]
    settings.TRUSTED_PROXIES = 1
    assert whoever_asks_is_told_apart() == []
