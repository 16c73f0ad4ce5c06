"""Nobody is led to another host by an address that somebody else made up."""

from __future__ import annotations

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from backups.models import User
from backups.views.access import safe_next
from tests.web import factories

ELSEWHERE = (
    "https://jahat.example/", "http:jahat.example", "//jahat.example", "///jahat.example",
    "/\\jahat.example", "\\\\jahat.example", "\\/jahat.example", "/\t/jahat.example", "/\n/jahat.example",
    "\t//jahat.example", " //jahat.example", "https:jahat.example", "https:/jahat.example",
    "https:///jahat.example", "https://testserver@jahat.example", "https://testserver.jahat.example",
    "https://testserver:80@jahat.example", "https://jahat.example#@testserver", "javascript:alert(1)",
    "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "ftp://testserver/",
    "//testserver:80@jahat.example", "////jahat.example",
    "http://[::1", "//[jahat.example", "\x00//jahat.example", "/\x0d\x0aLocation: https://jahat.example",
    "https://jahat。example", "//jahat%2eexample", "https:\\\\jahat.example", "%2f%2fjahat.example",
)  # fmt: skip


def led_to(wanted: str, *, by: str = "get") -> str:
    return safe_next(getattr(RequestFactory(), by)("/sign-in/", {"next": wanted}))


@pytest.mark.parametrize("by", ["get", "post"])
@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_other_hosts_and_schemes_lead_home(wanted: str, by: str) -> None:
    stays_here(led_to(wanted, by=by))


def stays_here(onward: str) -> None:
    """As a browser reads it: blanks and tabs go, a backslash is a slash."""
    read = "".join(letter for letter in onward if letter > " ").replace("\\", "/")
    assert read.startswith("/") or "://testserver/" in read or ":" not in read.split("/")[0], onward
    assert not read.startswith("//"), onward


@given(st.text(alphabet="/\\:@.?#%hj tp\t\n\r\x00a。", max_size=20))
def test_whatever_is_made_up_stays_here(wanted: str) -> None:
    stays_here(led_to(wanted))


def test_where_one_was_going_is_kept() -> None:
    assert led_to("/archives/?page=2") == "/archives/?page=2"
    assert led_to("") == reverse("home")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/language/", "/theme/"])
def test_forms_of_everybody_lead_nowhere_else(path: str, client: Client) -> None:
    answer = client.post(path, {"next": "//jahat.example", "language": "en", "theme": "dark"})
    assert answer.headers["Location"] == "/"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "host", ["jahat.example", "testserver@jahat.example", "testserver:80:80", "x" * 300, "a b"]
)
def test_a_host_that_is_not_ours_is_not_answered(host: str, rani: User) -> None:
    client = Client()
    factories.sign_in(client, rani)
    answer = client.get("/", headers={"host": host})
    assert answer.status_code == 400
    assert host not in answer.content.decode()
    told = client.get("/", headers={"x-forwarded-host": "jahat.example"})
    assert told.status_code == 200
    assert "jahat.example" not in told.content.decode()
