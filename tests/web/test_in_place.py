"""No reload for any action: every form is sent by htmx but those with a reason, and redirects are told."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from backups.models import Schedule, User, Visit
from tests.web import factories

TEMPLATES = settings.BASE_DIR / "templates"
BOOSTED = {"HX-Request": "true", "HX-Boosted": "true"}
FORM = re.compile(r"<form\b((?:[^>%]|%\}|\{%.*?%\})*?)>", re.DOTALL)
# What the browser sends itself, and why.
BY_THE_BROWSER = {
    "sign_in.html": "the browser offers to keep a password, and nothing of the page before it stays",
    "second_factor/_ways.html": "at the door, where it is a part of signing in",
    "people/accept.html": "a password is chosen, and the browser offers to keep it",
    "_account.html": "signing out leaves nothing of the page in the browser",
    "step_up.html": "signing out",
    "second_factor/page.html": "signing out",
    "people/somebody_else.html": "signing out",
    "elsewhere/new.html": "gigabytes: the browser shows how far it is",
    "audit.html": "a file, which the browser saves",
}


def test_every_form_is_sent_without_a_reload_but_those_with_a_reason() -> None:
    forms = {
        (str(path.relative_to(TEMPLATES)), attributes)
        for path in TEMPLATES.rglob("*.html")
        for attributes in FORM.findall(path.read_text(encoding="utf-8"))
    }
    assert len(forms) > 60
    assert {name for name, attributes in forms if "hx-boost" in attributes} == set(BY_THE_BROWSER)
    # htmx leaves alone what stands in something that is not boosted: nothing larger than a form is.
    for path in TEMPLATES.rglob("*.html"):
        outside = FORM.sub("", path.read_text(encoding="utf-8"))
        assert ("hx-boost" in outside) == (path.name == "base.html"), path


@pytest.mark.django_db
def test_a_page_loads_htmx_once_and_keeps_no_page_in_the_browser(superadmin: Client) -> None:
    shown = superadmin.get("/activity/").content.decode()
    assert shown.count("htmx.min.js") == 1
    told = re.search(r"name=\"htmx-config\"\s+content='([^']+)'", shown)
    assert told
    config = json.loads(told[1])
    assert (config["historyCacheSize"], config["refreshOnHistoryMiss"]) == (0, True)
    forbidden = ("allowEval", "allowScriptTags", "includeIndicatorStyles")
    assert [config[name] for name in forbidden] == [False] * 3


@pytest.mark.django_db
def test_where_a_redirect_leads_is_told_with_its_part(superadmin: Client) -> None:
    factories.schedules()
    pk = Schedule.objects.earliest("pk").pk
    answer = superadmin.post(f"/schedules/{pk}/switch/", {"pause": ""}, headers=BOOSTED)
    assert answer.status_code == 204
    assert "Location" not in answer.headers
    told = {"path": "/schedules/", "headers": {"HX-Boosted": "true"}}
    assert json.loads(answer.headers["HX-Location"]) == told
    assert not Schedule.objects.get(pk=pk).enabled
    answer = superadmin.post("/language/", {"language": "en", "next": "/incidents/1/#facts"}, headers=BOOSTED)
    assert json.loads(answer.headers["HX-Location"])["path"] == "/incidents/1/#facts"
    assert answer.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/retention/", "/activity/", "/storages/"])
def test_who_wants_a_page_gets_a_whole_one(superadmin: Client, address: str) -> None:
    assert "<html" in superadmin.get(address, headers=BOOSTED).content.decode()


@pytest.mark.django_db
def test_a_refusal_is_a_whole_page_too(superadmin: Client, mall_admin: Client) -> None:
    for client, address, status in ((mall_admin, "/storages/look/", 403), (superadmin, "/theme/x/", 404)):
        answer = client.post(address, headers=BOOSTED)
        assert answer.status_code == status
        assert "<html" in answer.content.decode()


@pytest.mark.django_db
def test_whoever_has_to_sign_in_loads_the_whole_page(superadmin: Client, rani: User) -> None:
    Visit.objects.filter(person=rani).update(seen_at=timezone.now() - timedelta(hours=2))
    sent = {**BOOSTED, "Referer": "http://testserver/schedules/?x=1"}
    answer = superadmin.post("/backup/", headers=sent)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (
        204, "/sign-in/?next=/schedules/%3Fx%3D1",
    )  # fmt: skip


@pytest.mark.django_db
def test_a_file_is_left_to_the_browser(superadmin: Client, rani: User, settings: Any) -> None:
    archive = factories.a_good_week(rani)[-1]
    answer = superadmin.post(f"/archives/{archive.pk}/download/", headers=BOOSTED)
    assert answer.headers["HX-Redirect"].startswith(f"/archives/{archive.pk}/download/")


@pytest.mark.django_db
def test_without_htmx_a_redirect_is_a_redirect(superadmin: Client) -> None:
    assert superadmin.post("/theme/", {"theme": "dark"}).headers["Location"] == "/"
    # A browser that sends the one header without the other is sent by no page of ours.
    assert superadmin.post("/theme/", headers={"HX-Boosted": "true"}).status_code == 302
