"""Schedules made, changed, paused and taken away in the panel; what is missed is said in plain words."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from backups.models import Archive, AuditEvent, Job, Schedule, Slot, User
from backups.services import schedules, secret_text
from backups.services.timetable import Rule
from backups.templatetags.schedules import rule_words
from tests.web import factories

pytestmark = pytest.mark.django_db

SECRET = "https://hc-ping.com/4f1c9a0d-2b7e-6c5a"
NIGHT = {"name": "Malam", "every": "daily", "at": "02:00", "content": "everything"}


@pytest.fixture(autouse=True)
def _no_other() -> None:
    Schedule.objects.all().delete()


@pytest.fixture
def nightly() -> Schedule:
    return schedules.add(schedules.Plan("Malam", Rule("daily"), heartbeat=SECRET), by=None)


def shown(client: Client, address: str) -> str:
    return re.sub(r"\s+", " ", client.get(address).content.decode())


def sent(client: Client, address: str, values: dict[str, Any]) -> str:
    return re.sub(r"\s+", " ", client.post(address, values, follow=True).content.decode())


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (NIGHT, "Setiap hari pukul 02.00 WIB"),
        ({"every": "hours", "hours": "6", "at": "02:15"}, "Setiap 6 jam: 02.15, 08.15, 14.15, 20.15 WIB"),
        ({"every": "weekly", "weekdays": ["0", "4"], "at": "02:00"}, "Setiap Senin, Jumat pukul 02.00 WIB"),
        ({"every": "monthly", "day": "0", "at": "23:00"}, "Pada hari terakhir setiap bulan pukul 23.00 WIB"),
        ({"every": "cron", "cron": "0 2 * * mon-fri"}, "0 2 * * MON-FRI"),
    ],
)
def test_each_kind_is_made_and_told_in_words(
    superadmin: Client, rani: User, values: dict[str, Any], words: str
) -> None:
    page = sent(superadmin, "/schedules/new/", {**NIGHT, **values})
    assert words in page
    assert Schedule.objects.get().next_run is not None
    assert AuditEvent.objects.get(action="add_schedule").actor == rani


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"at": "kapan-kapan"}, "Itu bukan waktu"),
        ({"at": ""}, "Pilih waktunya"),
        ({"every": "weekly"}, "Pilih setidaknya satu hari"),
        ({"every": "cron", "cron": ""}, "Tulis satu baris cron"),
        ({"every": "cron", "cron": "0 2 30 2 *"}, "tidak pernah ada"),
        ({"every": "cron", "cron": "* * * * *"}, "setiap 5 menit"),
        ({"every": "kadang"}, "kadang"),
        ({"name": " "}, "Beri nama"),
        ({"content": "semua"}, "semua"),
        ({"heartbeat": "ftp://hc.example"}, "Itu bukan alamat"),
        ({"heartbeat": "http://127.0.0.1/x"}, "jaringan panel sendiri"),
        ({"every": "hours", "hours": "5"}, "5"),
    ],
)
def test_what_is_wrong_is_said_and_not_kept(
    superadmin: Client, values: dict[str, str], complaint: str
) -> None:
    page = sent(superadmin, "/schedules/new/", {**NIGHT, **values})
    assert "form-error" in page
    assert complaint in page
    assert not Schedule.objects.exists()


def test_midnight_is_a_time(superadmin: Client) -> None:
    sent(superadmin, "/schedules/new/", {**NIGHT, "at": "00:00"})
    assert Schedule.objects.get().at == time(0)


def test_a_name_is_there_once(superadmin: Client, nightly: Schedule) -> None:
    assert "Sudah ada jadwal" in sent(superadmin, "/schedules/new/", {**NIGHT, "name": "malam"})
    sent(superadmin, f"/schedules/{nightly.pk}/", {**NIGHT, "at": "03:30"})
    nightly.refresh_from_db()
    assert nightly.at == time(3, 30)


def test_what_another_one_does_already_is_not_done_twice(superadmin: Client, nightly: Schedule) -> None:
    again = {**NIGHT, "name": "Malam kedua"}
    assert "“Malam” sudah melakukan persis itu" in sent(superadmin, "/schedules/new/", again)
    assert Schedule.objects.count() == 1
    sent(superadmin, f"/schedules/{nightly.pk}/", {**NIGHT, "name": "Dini hari"})
    sent(superadmin, "/schedules/new/", {**again, "content": "database"})
    schedules.pause(nightly, by=None)
    sent(superadmin, "/schedules/new/", {**again, "name": "Malam ketiga"})
    assert [one.name for one in Schedule.objects.order_by("pk")] == [
        "Dini hari",
        "Malam kedua",
        "Malam ketiga",
    ]


def test_the_next_runs_are_shown_while_one_chooses(superadmin: Client) -> None:
    page = sent(superadmin, "/schedules/preview/", {"every": "weekly", "weekdays": ["6"], "at": "03:00"})
    assert page.count("<li>") == page.count("Minggu,") == 5
    assert not Schedule.objects.exists()


def test_and_without_a_script(superadmin: Client) -> None:
    page = sent(superadmin, "/schedules/new/", {**NIGHT, "name": "", "every": "hours", "look": ""})
    assert "form-error" not in page
    assert page.count("WIB</li>") == 5


def test_what_cannot_be_is_said_while_one_chooses(superadmin: Client) -> None:
    assert "bukan baris cron" in sent(superadmin, "/schedules/preview/", {"every": "cron", "cron": "x"})
    assert "di sini" in sent(superadmin, "/schedules/preview/", {"every": "daily", "at": ""})


def test_a_preset_is_ready_to_be_kept(superadmin: Client) -> None:
    page = shown(superadmin, "/schedules/new/?preset=month")
    assert 'value="23:00"' in page
    assert page.count("WIB</li>") == 5


def test_a_new_time_counts_from_now_on_and_a_new_name_does_not(nightly: Schedule) -> None:
    began = nightly.since
    schedules.change(nightly, schedules.Plan("Dini hari", Rule("daily")), by=None)
    assert Schedule.objects.get().since == began
    schedules.change(nightly, schedules.Plan("Dini hari", Rule("daily", time(4))), by=None)
    assert Schedule.objects.get().since > began


def test_pausing_and_going_on(superadmin: Client, nightly: Schedule) -> None:
    assert "Dijeda" in sent(superadmin, f"/schedules/{nightly.pk}/switch/", {"pause": ""})
    nightly.refresh_from_db()
    assert (nightly.enabled, nightly.next_run) == (False, None)
    sent(superadmin, f"/schedules/{nightly.pk}/switch/", {"resume": ""})
    nightly.refresh_from_db()
    assert nightly.enabled
    assert nightly.next_run is not None
    actions = AuditEvent.objects.values_list("action", flat=True)
    assert {"pause_schedule", "resume_schedule"} <= set(actions)


def test_running_it_now_leaves_its_times_alone(superadmin: Client, rani: User, nightly: Schedule) -> None:
    superadmin.post(f"/schedules/{nightly.pk}/run/")
    job = Job.objects.get()
    assert (job.trigger, job.requested_by, job.options["content"]) == ("person", rani, "everything")
    assert not Slot.objects.exists()
    # A second press leads to what is running.
    assert superadmin.post(f"/schedules/{nightly.pk}/run/").headers["Location"] == f"/jobs/{job.pk}/"


def test_deleting_asks_first_and_leaves_the_archives(superadmin: Client, nightly: Schedule) -> None:
    factories.archive()
    Slot.objects.create(schedule=nightly, at=timezone.now(), state="done")
    page = shown(superadmin, f"/schedules/{nightly.pk}/delete/")
    assert "satu-satunya" in page
    assert Schedule.objects.exists()
    superadmin.post(f"/schedules/{nightly.pk}/delete/")
    assert not Schedule.objects.exists()
    assert (Slot.objects.count(), Archive.objects.count()) == (1, 1)
    assert "Setiap malam" in shown(superadmin, "/schedules/")


def test_the_heartbeats_address_is_never_shown_again(superadmin: Client, nightly: Schedule) -> None:
    for address in ("/schedules/", f"/schedules/{nightly.pk}/", "/audit/"):
        assert "4f1c9a0d" not in shown(superadmin, address)
    assert "hc-ping.com/…" in shown(superadmin, f"/schedules/{nightly.pk}/")
    wrong = sent(superadmin, "/schedules/new/", {**NIGHT, "name": "", "heartbeat": SECRET})
    assert "4f1c9a0d" not in wrong


def test_an_empty_field_keeps_the_address_and_a_tick_forgets_it(
    superadmin: Client, nightly: Schedule
) -> None:
    sent(superadmin, f"/schedules/{nightly.pk}/", NIGHT)
    assert secret_text.unlock(Schedule.objects.get().heartbeat) == SECRET
    sent(superadmin, f"/schedules/{nightly.pk}/", {**NIGHT, "forget_heartbeat": "on"})
    assert Schedule.objects.get().heartbeat == ""


def test_an_address_that_can_no_longer_be_read_is_asked_for(superadmin: Client, nightly: Schedule) -> None:
    Schedule.objects.update(heartbeat="gAAAAA-of-another-key")
    assert "tidak dapat dibaca lagi" in shown(superadmin, f"/schedules/{nightly.pk}/")


def test_files_can_be_chosen_where_there_are_folders(superadmin: Client, settings: Settings) -> None:
    assert 'value="files"' not in shown(superadmin, "/schedules/new/")
    settings.QPARKIN_FILES = ("/srv/unggahan",)
    assert 'value="files"' in shown(superadmin, "/schedules/new/")


def test_the_old_address_leads_here(superadmin: Client) -> None:
    assert superadmin.get("/schedule/").headers["Location"] == "/schedules/"


def test_a_run_that_nobody_began_alarms(
    superadmin: Client, mall_admin: Client, nightly: Schedule, protected: None
) -> None:
    factories.proof(factories.archive())
    assert "aman" in shown(superadmin, "/")
    Schedule.objects.update(next_run=timezone.now() - timedelta(hours=3))
    told = shown(superadmin, "/")
    assert "Perlu perhatian" in told
    assert "tidak dimulai" in told
    assert "tidak dimulai" in shown(superadmin, "/schedules/")
    mall = shown(mall_admin, "/")
    assert "Perlu perhatian" in mall
    assert "tidak dimulai" not in mall
    assert "Malam" not in mall


@pytest.mark.parametrize(("state", "words"), [("failed", "gagal"), ("started", "belum selesai")])
def test_a_run_that_did_not_end_well_alarms_until_it_is_made_up_for(
    superadmin: Client, nightly: Schedule, protected: None, state: str, words: str
) -> None:
    factories.proof(factories.archive(timezone.now() - timedelta(hours=5)))
    due = timezone.now() - timedelta(hours=3)
    Slot.objects.create(schedule=nightly, at=due, claimed_at=due, state=state)
    assert words in shown(superadmin, "/")
    factories.proof(factories.archive(timezone.now()))
    assert "aman" in shown(superadmin, "/")


def test_files_that_were_promised_are_not_made_up_for_by_the_database(
    superadmin: Client, nightly: Schedule, protected: None, settings: Settings
) -> None:
    settings.QPARKIN_FILES = ("/srv/unggahan",)
    due = timezone.now() - timedelta(hours=3)
    Slot.objects.create(schedule=nightly, at=due, claimed_at=due, state="failed")
    factories.proof(factories.archive(timezone.now()))
    assert "Perlu perhatian" in shown(superadmin, "/")


def test_one_that_is_paused_alarms_nobody(superadmin: Client, nightly: Schedule, protected: None) -> None:
    factories.proof(factories.archive())
    Schedule.objects.update(next_run=timezone.now() - timedelta(hours=3), enabled=False)
    assert "aman" in shown(superadmin, "/")


def test_many_schedules_ask_no_more_than_one(
    superadmin: Client, nightly: Schedule, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        made = schedules.add(schedules.Plan(f"Jadwal {number}", Rule("daily")), by=None)
        Slot.objects.create(schedule=made, at=timezone.now() - timedelta(hours=1), state="done")
    with django_assert_max_num_queries(12):
        superadmin.get("/schedules/")


def test_words_of_days_that_short_months_lack() -> None:
    assert "pada hari terakhir" in rule_words(Rule("monthly", day=31))
    assert "pada hari terakhir" not in rule_words(Rule("monthly", day=28))
