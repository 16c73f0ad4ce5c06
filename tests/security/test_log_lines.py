"""What Django and we write of a request: never what stands in an address and opens something."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from io import StringIO
from logging.config import dictConfig
from typing import Any

import pytest
from django.conf import settings as of_the_suite
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from backups.models import Invitation, User
from backups.services import invitations
from backups.services.invitations import Guest
from backups.urls import urlpatterns
from qparkin_backup import logs
from tests.web import factories

pytestmark = pytest.mark.django_db

SECRETS = ("<str:token>", "<str:key>")


@pytest.fixture(params=[True, False], ids=["json", "text"])
def lines(request: pytest.FixtureRequest) -> Iterator[StringIO]:
    """As the setting writes them, instead of to standard error."""
    told = StringIO()
    config = logs.configured(as_json=request.param)
    config["handlers"]["stderr"]["stream"] = told
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    dictConfig(config)
    yield told
    root.handlers[:] = kept
    root.setLevel(level)
    dictConfig(of_the_suite.LOGGING)
    root.handlers[:] = kept


@pytest.fixture
def link(rani: User) -> str:
    guest = Guest("sinta@paragon.id", "Sinta", "admin_mall", 2, "id")
    return f"/invitation/{invitations.invite(guest, by=rani).token}/"


def test_every_address_that_opens_something_is_left_out() -> None:
    opening = [str(route.pattern) for route in urlpatterns if any(s in str(route.pattern) for s in SECRETS)]
    assert len(opening) >= 4
    for pattern in opening:
        path = pattern
        for argument in (*SECRETS, "<str:archive_id>"):
            path = path.replace(argument, "kunci-Yang_membuka")
        for way in (f"/{path}", f"/{path}?next=/", f"'/{path}'", f"http://panel/{path}"):
            said = logs.without_links(f"Not Found: {way} and more")
            assert said.count("kunci") == pattern.count("<str:archive_id>"), said
            assert said.endswith(" and more")


@pytest.mark.parametrize("method", ["HEAD", "PUT", "OPTIONS"])
def test_a_link_that_nobody_has_followed_yet_is_not_in_the_log(
    method: str, link: str, lines: StringIO, client: Client
) -> None:
    """Programs that read mail try links out, and not always by GET."""
    assert client.generic(method, link).status_code == 405
    said = lines.getvalue()
    assert "Method Not Allowed" in said
    assert link.split("/")[2] not in said
    assert client.get(link).status_code == 302


def test_nor_one_that_is_refused(link: str, lines: StringIO, client: Client) -> None:
    """A renewed clock, another person: what is refused now may hold a minute later."""
    Invitation.objects.update(expires_at=timezone.now())
    assert client.get(link).status_code == 404
    assert "Not Found: /invitation/…/" in lines.getvalue()
    assert link.split("/")[2] not in lines.getvalue()


def test_nor_while_the_panels_own_database_is_away(
    link: str, lines: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise OperationalError(f"gone, at {link}")

    monkeypatch.setattr(invitations, "find", away)
    assert Client(raise_request_exception=False).get(link).status_code == 503
    said = lines.getvalue()
    assert "OperationalError" in said
    assert link.split("/")[2] not in said


@pytest.mark.parametrize("headers", [{"sec-purpose": "prefetch"}, {"range": "bytes=5-"}], ids=str)
def test_a_download_that_did_not_begin_keeps_its_link(
    headers: dict[str, str], rani: User, lines: StringIO, superadmin: Client
) -> None:
    made = factories.archive(requested_by=rani)
    link = superadmin.post(f"/archives/{made.pk}/download/").headers["Location"]
    token = link.split("/")[4]
    assert superadmin.get(link, headers=headers).status_code in {503, 416}
    said = lines.getvalue()
    assert f"/archives/{made.pk}/download/…/" in said
    assert token not in said


def test_a_refusal_is_a_line_and_no_trace(lines: StringIO, mall_admin: Client) -> None:
    """Thirty lines for each: a mall admin who asks all night would fill the disk."""
    assert mall_admin.get("/audit/").status_code == 403
    assert "Forbidden" in lines.getvalue()
    assert "Traceback" not in lines.getvalue()


def test_a_fault_of_ours_keeps_its_trace(
    lines: StringIO, superadmin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr("backups.views.approvals.Paginator", broken)
    superadmin.raise_request_exception = False
    assert superadmin.get("/approvals/").status_code == 500
    assert "Traceback" in lines.getvalue()
    assert "in broken" in lines.getvalue()
