"""What an attack of ours has found, and how it is now; docs/security.md tells of each."""

from __future__ import annotations

import pytest
from django.test import Client

from backups.models import AuditEvent, Repeat

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("onward", ["abc", "home", "Á¬", "http:abc", ".", "httpx"])
def test_a_way_on_that_is_no_address_leads_home(onward: str, client: Client) -> None:
    """It was looked up as the name of a route, and answered 500."""
    assert client.post("/theme/", {"theme": "light", "next": onward}).headers["Location"] == "/"


@pytest.mark.parametrize("stamp", ["99991231T235959Z", "00010101T000000Z", "20261332T000000Z", "x"])
def test_a_moment_beyond_the_calendar_is_no_backup(stamp: str, mall_admin: Client) -> None:
    """The second after the last one that there is: 500, for any mall admin."""
    assert mall_admin.get(f"/archives/of/{stamp}/").status_code == 404


@pytest.mark.parametrize("how", ["profile", "notices"])
def test_nobody_fills_the_record_with_what_they_may_change(how: str, mall_admin: Client) -> None:
    """Nothing is ever taken out of it, and a mall admin may change their name all night."""
    for number in range(6):
        if how == "profile":
            told = {"name": f"Bima {number}", "language": "id", "theme": "auto", "time_zone": ""}
            assert mall_admin.post("/me/", told).status_code == 302
        else:
            mall_admin.post("/me/notices/", {"unsafe" if number % 2 else "safe": "on"})
    changes = AuditEvent.objects.filter(action__in=("change_profile", "change_own_notices")).count()
    assert 1 <= changes <= 2
    assert changes + sum(Repeat.objects.values_list("times", flat=True)) == 6
