"""Insiden: worked through with plain forms, and without a reload where there is htmx."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from backups.models import Incident, IncidentEntry, User
from backups.services import audit, incident_timeline, incidents, personal_data
from backups.services.incidents import STEPS, Opening
from backups.templatetags import incidents as words
from backups.templatetags import response_plan
from tests.web import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def theft(rani: User) -> Incident:
    return incidents.begin(Opening("Laptop hilang", timezone.now() - timedelta(hours=3), "stolen"), by=rani)


def page(client: Client, route: str, *arguments: object, **query: str) -> str:
    answer = client.get(reverse(route, args=arguments), query)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_it_is_started_with_one_line(superadmin: Client) -> None:
    form = {"what": "Tabel pembayaran kosong", "noticed_at": f"{timezone.localtime():%Y-%m-%dT%H:%M}"}
    answer = superadmin.post(reverse("incident-new"), form)
    made = Incident.objects.get()
    assert answer["Location"] == reverse("incident", args=[made.pk])
    assert (made.what, made.kind, made.opened_by.email) == (form["what"], "", "rani@qparkin.id")  # type: ignore[union-attr]
    assert form["what"] in page(superadmin, "incidents")


@pytest.mark.parametrize("when", ["", "kemarin", "2099-01-01T08:00"])
def test_a_time_that_makes_no_sense_is_asked_for_again(superadmin: Client, when: str) -> None:
    answer = superadmin.post(reverse("incident-new"), {"what": "x", "noticed_at": when})
    assert answer.status_code == 422
    assert not Incident.objects.exists()


def test_a_step_is_ticked_with_who_and_when(superadmin: Client, theft: Incident) -> None:
    answer = superadmin.post(reverse("incident-step", args=[theft.pk, "restored"]), {"state": "done"})
    assert answer["Location"] == f"/incidents/{theft.pk}/?open=restored#step-restored"
    told = page(superadmin, "incident", theft.pk)
    assert "Rani Wulandari, " in told[told.index('id="step-restored"') :]


def test_without_a_reload_only_the_plan_comes_back(superadmin: Client, theft: Incident) -> None:
    answer = superadmin.post(
        reverse("incident-step", args=[theft.pk, "restored"]),
        {"state": "skipped"},
        headers={"HX-Request": "true"},
    )
    told = answer.content.decode()
    assert "<html" not in told
    assert 'id="tick-restored"' in told
    assert 'data-spoken="Pulihkan: Tidak perlu di sini"' in told


def unfolded(told: str) -> list[str]:
    """The phases of the plan whose steps are shown."""
    parts = re.findall(r'<details class="incident-phase"\s+(open)?\s*>(.*?)</details>', told, re.DOTALL)
    return [name for (is_open, _), name in zip(parts, incidents.PLAN, strict=False) if is_open]


def test_only_the_phase_at_work_is_unfolded_and_its_next_step_stands_out(
    superadmin: Client, theft: Incident, rani: User
) -> None:
    assert unfolded(page(superadmin, "incident", theft.pk)) == ["detect"]
    for step in incidents.PLAN["detect"]:
        incidents.mark_step(theft, step, "done", by=rani)
    told = page(superadmin, "incident", theft.pk)
    assert unfolded(told) == ["isolate"]
    assert re.findall(r'btn-primary"\s+id="(.*?)"', told) == ["tick-machine_apart"]


def test_the_phase_of_what_was_just_ticked_stays_unfolded(superadmin: Client, theft: Incident) -> None:
    address = reverse("incident-step", args=[theft.pk, "restored"])
    answer = superadmin.post(address, {"state": "done"}, headers={"HX-Request": "true"})
    assert unfolded(answer.content.decode()) == ["detect", "recover"]


def test_a_closed_one_is_folded_whole(superadmin: Client, theft: Incident, rani: User) -> None:
    incidents.close(theft, "Selesai", by=rani)
    assert unfolded(page(superadmin, "incident", theft.pk)) == []


@pytest.mark.parametrize(("step", "state"), [("restored", "perhaps"), ("nonsense", "done")])
def test_what_is_no_step_or_state_is_not_found(
    superadmin: Client, theft: Incident, step: str, state: str
) -> None:
    address = reverse("incident-step", args=[theft.pk, step])
    assert superadmin.post(address, {"state": state}).status_code == 404
    assert not theft.entries.exists()


def test_every_step_and_kind_has_its_words() -> None:
    assert set(response_plan.STEPS) == set(STEPS)
    assert set(words.KINDS) == set(personal_data.KINDS)
    assert set(words.FAMILIES) == set(incident_timeline.ALL)


def test_the_clock_looks_again_until_both_were_told(superadmin: Client, theft: Incident, rani: User) -> None:
    told = page(superadmin, "incident-clock", theft.pk)
    assert "every 60s" in told
    assert "<html" not in told
    for step in incidents.TOLD_IN_WRITING:
        incidents.mark_step(theft, step, "done", by=rani)
    assert "hx-get" not in page(superadmin, "incident-clock", theft.pk)


def test_a_note_is_said_to_be_what_it_is_and_never_html(superadmin: Client, theft: Incident) -> None:
    when = f"{timezone.localtime() - timedelta(hours=1):%Y-%m-%dT%H:%M}"
    form = {"text": "<b>Satpam</b>\nmelihatnya", "at": when}
    superadmin.post(reverse("incident-note", args=[theft.pk]), form)
    raw = superadmin.get(reverse("incident", args=[theft.pk])).content.decode()
    assert "&lt;b&gt;Satpam&lt;/b&gt;<br>melihatnya" in raw
    assert superadmin.post(reverse("incident-note", args=[theft.pk]), {"text": ""}).status_code == 422


def test_the_report_has_the_facts_of_the_law_and_marks_what_is_missing(
    superadmin: Client, theft: Incident
) -> None:
    factories.proof(factories.archive(theft.noticed_at - timedelta(hours=5)))
    superadmin.post(reverse("incident-facts", args=[theft.pk]), {"how": "Dicuri dari mobil"})
    told = page(superadmin, "incident-report", theft.pk)
    assert "Dicuri dari mobil" in told
    assert told.count('class="blank"') == 4
    assert "1.512" in told
    english = page(superadmin, "incident-report", theft.pk, **{"in": "en"})
    assert "1,512" in english
    assert '<html lang="en"' in english


def test_a_closed_one_is_past_and_takes_nothing_more(superadmin: Client, theft: Incident) -> None:
    assert superadmin.post(reverse("incident-close", args=[theft.pk]), {"lessons": ""}).status_code == 422
    superadmin.post(reverse("incident-close", args=[theft.pk]), {"lessons": "Simpan di kantor"})
    told = page(superadmin, "incident", theft.pk)
    assert "Simpan di kantor" in told
    assert "<textarea" not in told
    answer = superadmin.post(reverse("incident-step", args=[theft.pk, "restored"]), {"state": "done"})
    assert answer.status_code == 409


def test_the_home_page_says_that_one_is_open_until_it_is_closed(
    superadmin: Client, theft: Incident, rani: User
) -> None:
    assert f'href="/incidents/{theft.pk}/"' in page(superadmin, "home")
    incidents.close(theft, "Selesai", by=rani)
    assert theft.what not in page(superadmin, "home")


def test_what_a_step_is_about_it_leads_to(superadmin: Client, theft: Incident) -> None:
    before = factories.archive(theft.noticed_at - timedelta(hours=5))
    told = page(superadmin, "incident", theft.pk)
    step = told[told.index('id="step-backup_pinned"') : told.index('id="step-malls_told"')]
    assert reverse("archive", args=[before.pk]) in step


def test_a_list_of_many_open_ones_asks_no_more_than_one(
    superadmin: Client, theft: Incident, rani: User, django_assert_num_queries: Any
) -> None:
    page(superadmin, "incidents")
    with CaptureQueriesContext(connection) as one:
        page(superadmin, "incidents")
    for number in range(5):
        incidents.begin(Opening(str(number), timezone.now()), by=rani)
    with django_assert_num_queries(len(one)):
        page(superadmin, "incidents")


def test_the_page_asks_few_questions_however_long_the_story(
    superadmin: Client, theft: Incident, rani: User, django_assert_max_num_queries: Any
) -> None:
    archive = factories.archive(theft.noticed_at - timedelta(hours=5))
    factories.proof(archive)
    for number in range(40):
        audit.record("download", actor=rani, about=archive)
        incidents.note(theft, str(number), at=timezone.now(), by=rani)
    page(superadmin, "incident", theft.pk)
    with django_assert_max_num_queries(32):
        told = page(superadmin, "incident", theft.pk)
    assert told.count("<time ") == 12
    assert IncidentEntry.objects.count() == 40
    second = page(superadmin, "incident", theft.pk, show="given_out", page="4")
    assert second.count("<time ") == 4
