"""What an attack of ours has found, and how it is now; docs/security.md tells of each."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("onward", ["abc", "home", "Á¬", "http:abc", ".", "httpx"])
def test_a_way_on_that_is_no_address_leads_home(onward: str, client: Client) -> None:
    """It was looked up as the name of a route, and answered 500."""
    assert client.post("/theme/", {"theme": "light", "next": onward}).headers["Location"] == "/"


@pytest.mark.parametrize("stamp", ["99991231T235959Z", "00010101T000000Z", "20261332T000000Z", "x"])
def test_a_moment_beyond_the_calendar_is_no_backup(stamp: str, mall_admin: Client) -> None:
    """The second after the last one that there is: 500, for any mall admin."""
    assert mall_admin.get(f"/archives/of/{stamp}/").status_code == 404
