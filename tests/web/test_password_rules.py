"""Passwords that anybody here would try first, and those that were stolen elsewhere."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from pytest_django import Settings

from backups import password_rules
from backups.models import User
from backups.services import breached, ping
from tests.services.listening import Listener, a_listener
from tests.web import factories

pytestmark = pytest.mark.django_db

SECURITY = Path(__file__).resolve().parents[2] / "docs" / "security.md"
GOOD = "kuda-hijau-berlari-pelan"


@pytest.fixture
def listener(settings: Settings) -> Iterator[Listener]:
    settings.HEARTBEAT_PRIVATE = True
    with a_listener() as found:
        settings.BREACHED_PASSWORDS_URL = found.url
        yield found


def codes_of(password: str, person: User) -> set[str | None]:
    try:
        validate_password(password, person)
    except ValidationError as refused:
        return {error.code for error in refused.error_list}
    return set()


@pytest.mark.parametrize(
    "password",
    [
        "qparkin-backup-2026", "QParkIn!Parkir!Mall", "Qp4rk1n-P4rk1r-2026", "parkirparkirparkir",
        "Rani-Wulandari-1990", "superadmin-qparkin!!", "cadangan.qparkin.mall", "CihampelasWalk-2026!",
        "p@ssword-qparkin-135780135780",
    ],
)  # fmt: skip
def test_words_of_here_with_figures_behind_are_no_password(password: str, rani: User) -> None:
    figures = {"1": {"name": "Cihampelas Walk", "transactions": 1}}
    factories.proof(factories.archive(), mall_figures=figures)
    assert "password_of_here" in codes_of(password, rani)


@pytest.mark.parametrize(
    "password", [GOOD, "parkir-kuda-hijau-laut", "ini cukup panjang di mall", "密码 sangat rahasia panjang"]
)
def test_one_such_word_among_others_is_no_harm(password: str, rani: User) -> None:
    assert codes_of(password, rani) == set()


@pytest.mark.parametrize("password", ["7$kQ2!9zR#4&", "4829-1750-6638-0271", "🐎🌵⛵️🪁🧭🎈🥁🪐🗝️🍋🛶🌋"])
def test_nobody_is_told_which_characters_to_use(password: str, rani: User) -> None:
    """ASVS 6.2.5: what a program of passwords makes up has few letters now and then."""
    assert codes_of(password, rani) == set()


def test_nobody_outside_is_asked_unless_it_is_wanted(
    rani: User, listener: Listener, settings: Settings
) -> None:
    settings.BREACHED_PASSWORDS_URL = ""
    assert codes_of(GOOD, rani) == set()
    assert listener.heard == []


def test_a_stolen_one_is_refused_and_five_letters_leave_the_panel(rani: User, listener: Listener) -> None:
    digest = hashlib.sha1(GOOD.encode(), usedforsecurity=False).hexdigest().upper()
    listener.body = f"{'0' * 35}:7\r\n{digest[5:]}:2\r\n"
    assert codes_of(GOOD, rani) == {"password_breached"}
    ((path, body, _),) = listener.heard
    assert path.endswith(f"/{digest[:5]}")
    assert digest[5:15] not in path + body


@pytest.mark.parametrize("count", ["0", ""])
def test_what_was_only_added_to_the_answer_is_no_theft(count: str, listener: Listener) -> None:
    digest = hashlib.sha1(GOOD.encode(), usedforsecurity=False).hexdigest().upper()
    listener.body = f"{digest[5:]}:{count}\r\n"
    assert not breached.is_known(GOOD)


@pytest.mark.parametrize("url", ["", "http://169.254.169.254/range", "http://127.0.0.1:1/range"])
def test_a_service_that_is_away_keeps_nobody_from_a_new_password(
    url: str, listener: Listener, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    listener.status = 503
    settings.BREACHED_PASSWORDS_URL = url or listener.url
    assert not breached.is_known(GOOD)
    assert "stolen passwords were not looked at" in caplog.text
    assert GOOD not in caplog.text


def test_a_service_that_answers_letter_by_letter_holds_up_no_new_password(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each letter comes in time; all of them together would take fifteen seconds."""
    monkeypatch.setattr(ping, "SECONDS", 0.5)
    listener.drip = True
    began = time.monotonic()
    assert not breached.is_known(GOOD)
    assert time.monotonic() - began < 8


def test_the_words_are_written_down() -> None:
    told = SECURITY.read_text().split("**Passwords.**")[1].split("**Ways in.**")[0]
    assert not [word for word in password_rules.WORDS if word not in told.split("disguised")[1]]
