"""A mall admin with the source at hand, and one of another mall: every address, every id, every field."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from backups.models import User
from tests.security.lived_in import HOST, PLACE, ask, live_in, session_of
from tests.security.routes import addresses
from tests.security.test_crawl import fingerprint
from tests.web import factories
from tests.web.test_roles import RULES

pytestmark = pytest.mark.django_db

# What the table of roles opens to a mall admin, and what of it changes something: of themselves alone.
OPEN = {route for route, rule in RULES.items() if rule.mall_admin == 200} | {"sign-in"}
CLOSED = {301, 302, 403, 404, 405}
OWN = {
    "language", "theme", "sign-out", "me", "own-notices", "own-password", "session-end", "sessions-end",
}  # fmt: skip
# Where there are tables, hosts, places, other people, or what another mall does.
FOREIGN = (
    HOST,
    PLACE,
    "transaksi_parkir",
    "rani@qparkin.id",
    "Access denied",
    "server_unreachable",
    "5120",
    "5.120",
)
RISE = {
    "role": "superadmin",
    "is_superadmin": "1",
    "is_active": "1",
    "mall_id": "2",
    "email": "rani@qparkin.id",
}


@pytest.fixture
def lived_in(rani: User) -> None:
    live_in(rani)


@pytest.mark.usefixtures("lived_in")
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_address_with_every_id_is_closed_to_a_mall_admin(
    method: str, mall_admin: Client, settings: Any
) -> None:
    # Without it they are told whom to call: a superadmin, by name and address (web/test_mall_news).
    settings.SUPPORT_CONTACT = "Layanan QParkIn"
    session, asked, opened = session_of(mall_admin), 0, set()
    for route, path in addresses():
        before = fingerprint()
        with transaction.atomic():
            answer = ask(session, method, path, RISE)
            if route not in OWN and fingerprint() != before:
                opened.add(f"{route} changes")
            transaction.set_rollback(True)
        if route not in OPEN | OWN and answer.status_code not in CLOSED:
            opened.add(route)
        assert [told for told in FOREIGN if told in answer.content.decode()] == [], path
        asked += 1
    assert sorted(opened) == []
    assert asked >= 60


@pytest.mark.usefixtures("lived_in")
def test_nobody_rises_by_a_field_that_no_form_has(mall_admin: Client, bima: User) -> None:
    for path in ("/language/", "/theme/", "/sign-in/", "/still-you/", "/"):
        ask(session_of(mall_admin), "post", path, {**RISE, "language": "en"})
    bima.refresh_from_db()
    assert (bima.role, bima.mall_id, bima.email) == ("admin_mall", 1, "bima@mall.id")


@pytest.mark.usefixtures("lived_in")
@pytest.mark.parametrize("asked", [{}, {"mall": "1"}, {"mall_id": "1"}, {"user": "1"}])
def test_another_mall_stays_another_mall(asked: dict[str, str], client: Client) -> None:
    """Of two malls' figures the page holds those of one's own, whatever is asked for."""
    User.objects.filter(pk=factories.mall_admin("sari@mall.id", "Sari").pk).update(mall_id=2)
    factories.sign_in(client, User.objects.get(email="sari@mall.id"))
    for path in ("/", "/archives/"):
        told = client.get(path, asked, headers={"x-mall-id": "1"}).content.decode()
        assert ("5.120" in told) == (path == "/")
        assert [figure for figure in ("8.214", "2.406", "8.011", "21:14") if figure in told] == []


def test_a_mall_that_is_taken_away_is_gone_from_the_next_page_on(
    lived_in: None, mall_admin: Client, bima: User
) -> None:
    assert "8.214" in mall_admin.get("/").content.decode()
    User.objects.filter(pk=bima.pk).update(mall_id=None)
    assert "8.214" not in mall_admin.get("/").content.decode()


def test_a_superadmin_made_mall_admin_is_one_with_the_next_request(
    lived_in: None, superadmin: Client, rani: User
) -> None:
    assert superadmin.get("/audit/").status_code == 200
    User.objects.filter(pk=rani.pk).update(role=User.Role.ADMIN_MALL)
    assert superadmin.get("/audit/").status_code == 403
