"""The link that lets somebody in, on its way by a real mail server, and what is said when it did not go."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import Settings

from backups.models import Delivery, Notice, User
from tests.services.notices.conftest import Postbox
from tests.services.notices.test_deliver import text
from tests.web import factories

pytestmark = pytest.mark.django_db

SINTA = {"email": "sinta@mall.id", "role": "admin_mall", "mall": "2", "language": "en"}


def page_of_the_link(rani: User) -> str:
    client = Client()
    factories.sign_in(client, rani)
    return client.post("/people/invite/", SINTA).content.decode()


def test_it_goes_to_that_person_alone_in_their_language_and_opens(
    rani: User, postbox: Postbox, settings: Settings
) -> None:
    settings.PANEL_URL = "https://cadangan.qparkin.id"
    assert "Sudah dikirim ke sinta@mall.id" in page_of_the_link(rani)
    (letter,) = postbox.letters
    assert str(letter["To"]) == "sinta@mall.id"
    told = text(postbox)
    assert "You are invited" in told
    path = re.search(r"https://cadangan\.qparkin\.id(/invitation/[\w-]{43}/)", told)
    assert path
    assert Client().get(path[1]).headers["Location"] == "/invitation/"
    # Nothing that lists what was sent knows the link.
    assert not Notice.objects.exists()
    assert not Delivery.objects.exists()


def test_a_mail_server_that_turns_it_away_leaves_the_link_to_hand_on(
    rani: User, postbox: Postbox, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.PANEL_URL = "https://cadangan.qparkin.id"
    postbox.refuse = True
    page = page_of_the_link(rani)
    assert "Email tidak terkirim" in page
    found = re.search(r"/invitation/([\w-]{43})/", page)
    assert found
    assert found[1] not in caplog.text


def test_without_the_panels_own_address_no_link_leaves_the_page(rani: User, postbox: Postbox) -> None:
    assert "http://testserver/invitation/" in page_of_the_link(rani)
    assert postbox.letters == []
