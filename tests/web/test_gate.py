"""REQUIRE_MFA: to a superadmin nothing opens before the second factor, whatever the address or the method."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from allauth.account.app_settings import _app_settings as account
from allauth.mfa.app_settings import _app_settings as mfa
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse

from backups.models import AuditEvent, Job, User
from backups.urls import urlpatterns
from backups.views.gate import ALWAYS_OPEN, TO_SET_UP
from tests.web import factories
from tests.web.test_roles import RULES

pytestmark = pytest.mark.django_db

SHUT = sorted(str(route.name) for route in urlpatterns if route.name not in ALWAYS_OPEN | TO_SET_UP)


@pytest.fixture(autouse=True)
def _demanded(settings: Any) -> None:
    settings.REQUIRE_MFA = True


@pytest.fixture
def half(rani: User) -> Client:
    """The password was right, and that is all."""
    client = Client()
    factories.sign_in_by_password(client, rani)
    return client


def test_what_is_open_is_named_and_little() -> None:
    assert "archives" in SHUT
    assert {"download", "restore-check", "job-progress", "audit-export", "certificate-file"} <= set(SHUT)
    assert len(ALWAYS_OPEN | TO_SET_UP) < 15


@pytest.mark.parametrize("with_factor", [False, True], ids=["none set up", "not given"])
def test_no_address_opens_by_the_password_alone(half: Client, rani: User, with_factor: bool) -> None:
    """All of them in one test: each alone would make people, sessions and hashes anew."""
    if with_factor:
        factories.with_app(rani)
    before = AuditEvent.objects.count()
    led = reverse("step-up" if with_factor else "second-factor")
    for route in SHUT:
        address = reverse(route, args=RULES[route].arguments)
        for method in ("get", "post", "put", "delete", "head"):
            answer = getattr(half, method)(address)
            assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, led), address
        fragment = half.get(address, headers={"HX-Request": "true"})
        assert (fragment.status_code, fragment.content) == (204, b"")
    assert (Job.objects.count(), AuditEvent.objects.count()) == (0, before)


def test_nor_does_an_address_that_does_not_exist(half: Client) -> None:
    assert half.get("/tidak-ada/").headers["Location"].startswith(reverse("second-factor"))


@pytest.mark.parametrize("route", sorted(TO_SET_UP))
def test_with_a_factor_not_even_the_set_up_opens_without_it(route: str, half: Client, rani: User) -> None:
    """Else whoever has the password would add a factor of their own."""
    factories.with_app(rani)
    assert half.get(reverse(route)).headers["Location"].startswith(reverse("step-up"))


def test_the_pages_before_the_factor_show_nothing_of_the_panel(half: Client) -> None:
    for route in TO_SET_UP:
        page = half.get(reverse(route)).content.decode()
        assert reverse("archives") not in page
        assert reverse("audit") not in page


def test_an_error_before_the_factor_tells_nothing_of_the_database(half: Client, superadmin: Client) -> None:
    """It is away here, which every page says to whoever is in."""
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = half.cookies
    page = strict.post("/still-you/")
    assert page.status_code == 403
    assert "Database QParkIn tidak" not in page.content.decode()
    assert "Database QParkIn tidak" in superadmin.get("/audit/").content.decode()


def test_with_the_factor_everything_is_open(superadmin: Client) -> None:
    assert superadmin.get("/audit/").status_code == 200


def test_a_mall_admin_is_offered_and_not_asked(mall_admin: Client) -> None:
    assert mall_admin.get("/").status_code == 200
    assert mall_admin.get(reverse("second-factor")).status_code == 200


def test_the_mark_of_another_person_opens_nothing(half: Client, bima: User) -> None:
    session = half.session
    session["second_factor_of"] = bima.pk
    session.save()
    assert half.get("/audit/").status_code == 302


def test_of_allauth_nothing_is_reached_and_nothing_counted_beside_ours() -> None:
    assert not [route.name for route in urlpatterns if str(route.callback.__module__).startswith("allauth")]
    assert account.RATE_LIMITS == mfa.RATE_LIMITS == {}
    assert not get_adapter().is_open_for_signup(HttpRequest())


def test_switched_off_it_says_so_at_the_door(client: Client, settings: Any) -> None:
    settings.REQUIRE_MFA = False
    assert "REQUIRE_MFA" in client.get("/sign-in/").content.decode()
    settings.REQUIRE_MFA = True
    assert "REQUIRE_MFA" not in client.get("/sign-in/").content.decode()
