"""A crawl of our own: each form of each page, sent as nobody would who means well.

Whatever arrives: no error of ours, nothing given back unescaped, no path and no trace of our code, no way to
another host, and where it is refused, nothing is changed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from itertools import product
from urllib.parse import urlsplit
from zlib import crc32

import pytest
from django.apps import apps
from django.conf import settings as of_the_suite
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from hypothesis import Phase, given, seed
from hypothesis import settings as examples
from pytest_django import Settings

from backups.models import User
from backups.urls import urlpatterns
from tests.security.crawling import SESSION, Crawl, Found, route_of
from tests.security.hostile import FAMILIES, MARK, MARKUP, VALUES, Attack, Turns, attacks
from tests.security.page_forms import path_of

pytestmark = pytest.mark.django_db

# What is written down of each refusal, and what a look remembers.
MAY_CHANGE = {"AuditEvent", "AuditHead", "Repeat", "SignInTries", "Session", "StorageState", "Visit"}
# Whoever asks for an archive whose file is gone has its copy noted as gone; the rows stay.
ROWS_STAY = {"Archive", "Copy"}
OURS = ("Traceback (most recent call last)", "site-packages", "backups/views/", str(of_the_suite.BASE_DIR))
UNESCAPED = (MARKUP, f"<script>{MARK}", f"<svg/onload={MARK}", 'href="javascript:', "href='javascript:")
# What no page leads to: for machines, by links of one use, after a job of a certain end. Below all the same.
NOT_CLICKED = {
    "health", "metrics", "api-status", "badge", "schedule-old", "restore-again", "approval-noted",
    "invitation", "export-link", "download-link",
}  # fmt: skip
ARGUMENTS = {
    "str": (
        "..%2f..%2fetc%2fpasswd",
        "%00",
        "%ff%fe",
        "%f0%9f%85%bf",
        "A" * 4000,
        "'%20OR%201=1--",
        "%22%3E%3Csvg%3E",
    ),
    "int": ("0", "9223372036854775808", "9" * 400, "-1", "1e3", "%D9%A3"),
    "uuid": ("00000000-0000-0000-0000-000000000000", "g" * 36, "%00"),
    "slug": ("none", "A" * 4000, "a%0d%0aX:1"),
}


@pytest.fixture
def people(rani: User, bima: User) -> dict[str, User]:
    return {"superadmin": rani, "mall": bima}


@pytest.mark.usefixtures("protected")
def test_no_form_stumbles(people: dict[str, User], settings: Settings) -> None:
    crawl, turns = Crawl(people, settings), Turns()
    with closing(crawl.places(every=False)) as places:
        tried = sum(_tried(place, turns) for place in places)
    assert tried > 60
    # Every kind of field was given what each family has.
    assert turns.met == set(product(("text", "hidden", "choice", "measure", "foreign"), FAMILIES))


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.usefixtures("protected")
def test_no_form_stumbles_however_often(people: dict[str, User], settings: Settings) -> None:
    crawl, turns = Crawl(people, settings), Turns()
    with closing(crawl.places(every=True)) as places:
        for place in places:
            _tried(place, turns, often=300, in_turn=len(VALUES))
    assert {str(route.name) for route in urlpatterns} - crawl.seen <= NOT_CLICKED


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_address_stumbles(method: str, superadmin: Client) -> None:
    session = superadmin.cookies[SESSION].value
    before = fingerprint()
    for path in _addresses(at_most=3 if method == "POST" else 9):
        answer = ask(Attack(method, f"/{path}"), session)
        harmless(answer)
    assert fingerprint() == before


def _addresses(*, at_most: int) -> Iterator[str]:
    """Each route with an argument that is no name of anything, and with what is no argument at all."""
    for route in urlpatterns:
        told = str(route.pattern)
        for kind in set(re.findall(r"<(\w+):", told)):
            for value in ARGUMENTS[kind][:at_most]:
                yield re.sub(r"<\w+:\w+>", value, told)


def _tried(place: list[Found], turns: Turns, *, often: int = 2, in_turn: int = 1) -> int:
    before = fingerprint() if place else ""
    for found in place:
        for _ in range(in_turn):
            _send(turns.attack(found.form), found.session, before)
        _send_all(found, before, often)
    return len(place)


def _send_all(found: Found, before: str, often: int) -> None:
    """The first is the simplest there is; what comes after it differs from form to form."""
    path = path_of(found.form.action)

    @seed(crc32(repr((found.form.method, route_of(path), found.form.names)).encode()))
    @examples(max_examples=often, phases=[Phase.explicit, Phase.generate])
    @given(attack=attacks(found.form))
    def send(attack: Attack) -> None:
        _send(attack, found.session, before)

    send()


def _send(attack: Attack, session: str, before: str) -> None:
    with transaction.atomic():
        answer = ask(attack, session)
        harmless(answer)
        if 400 <= answer.status_code < 500:
            assert fingerprint() == before, (attack, answer.status_code)
        transaction.set_rollback(True)


@cache
def _client() -> Client:
    """One for all: loading the middleware takes as long as most answers."""
    return Client()


def ask(attack: Attack, session: str) -> HttpResponseBase:
    client = _client()
    client.cookies.clear()
    if session:
        client.cookies[SESSION] = session
    answer: HttpResponseBase = client.generic(
        attack.method, attack.path, attack.body, attack.kind, **attack.extra
    )
    return answer


def harmless(answer: HttpResponseBase) -> None:
    assert answer.status_code < 500 or answer.status_code == 503
    text = b"".join(answer).decode("utf-8", "replace")
    assert [told for told in OURS if told in text] == []
    if "html" in answer.headers.get("Content-Type", ""):
        assert [told for told in UNESCAPED if told in text] == []
    assert [name for name in answer.headers if MARK.lower() in name.lower()] == []
    onward = answer.headers.get("Location", "")
    assert urlsplit(onward).netloc in {"", "testserver"}, onward
    assert not onward.startswith(("//", "/\\", "javascript:"))


def fingerprint() -> str:
    """All that the panel's own database holds, besides what each refusal leaves there."""
    digest = hashlib.sha256()
    for model in apps.get_models():
        if model.__name__ not in MAY_CHANGE:
            columns = ["pk"] if model.__name__ in ROWS_STAY else []
            rows = model._base_manager.order_by("pk").values_list(*columns)
            digest.update(repr((model.__name__, list(rows))).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
