"""Sessions: they end by themselves, from elsewhere, and never outlive what they were told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from backups.models import AuditEvent, User, Visit
from backups.services import visits
from backups.services.devices import Device, device_of, network_of
from tests.web import factories
from tests.web.factories import PASSWORD

pytestmark = pytest.mark.django_db

PHONE = (
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"
)
SENT_FROM = "http://testserver/backup/new/?x=1"
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0"


def knock(client: Client, *, agent: str = DESK, address: str = "10.20.1.14") -> None:
    told = {"username": "rani@qparkin.id", "password": PASSWORD}
    client.post("/sign-in/", told, headers={"user-agent": agent}, REMOTE_ADDR=address)


def long_ago(**fields: timedelta) -> None:
    Visit.objects.update(**{name: timezone.now() - age for name, age in fields.items()})


def test_a_session_knows_its_visit_and_the_visit_knows_no_session(client: Client, rani: User) -> None:
    knock(client)
    visit = Visit.objects.get()
    assert (visit.person, visit.address, visit.browser, visit.system) == (
        rani, "10.20.1.14", "Firefox", "Windows",
    )  # fmt: skip
    key = client.session.session_key
    assert key not in str(Visit.objects.values().get())


def test_whoever_does_nothing_is_signed_out_and_comes_back_to_the_page(
    superadmin: Client, settings: Settings
) -> None:
    long_ago(seen_at=timedelta(minutes=settings.SESSION_IDLE_MINUTES))
    answer = superadmin.get("/audit/", follow=True)
    assert answer.redirect_chain == [("/sign-in/?next=/audit/", 302)]
    assert "30 menit" in answer.content.decode()
    assert Visit.objects.get().ended_because == "idle"


def test_a_form_that_came_too_late_was_not_done_and_leads_back_to_its_page(superadmin: Client) -> None:
    long_ago(seen_at=timedelta(hours=1))
    answer = superadmin.post(
        "/backup/", headers={"referer": "http://testserver/backup/new/?x=1"}, follow=True
    )
    assert answer.redirect_chain == [("/sign-in/?next=/backup/new/%3Fx%3D1", 302)]
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("sent_from", ["https://jahat.example/x", "http://testserver.jahat.example/", ""])
def test_it_leads_nowhere_else(sent_from: str, superadmin: Client) -> None:
    long_ago(seen_at=timedelta(hours=1))
    answer = superadmin.post("/backup/", headers={"referer": sent_from})
    assert answer.headers["Location"] == "/sign-in/?next=/"


def test_what_a_page_asks_for_by_itself_keeps_nobody_in(superadmin: Client) -> None:
    long_ago(seen_at=timedelta(minutes=20))
    before = Visit.objects.get().seen_at
    superadmin.get("/", headers={"hx-request": "true"})
    assert Visit.objects.get().seen_at == before
    superadmin.get("/")
    assert Visit.objects.get().seen_at > before


def test_after_the_time_out_a_page_that_asks_by_itself_is_sent_to_the_door(superadmin: Client) -> None:
    long_ago(seen_at=timedelta(hours=1))
    answer = superadmin.get("/", headers={"hx-request": "true"})
    assert (answer.status_code, answer.headers["HX-Refresh"]) == (204, "true")


def test_nobody_stays_longer_than_the_longest_time(superadmin: Client, settings: Settings) -> None:
    long_ago(began_at=timedelta(hours=settings.SESSION_MAX_HOURS))
    assert "12 jam" in superadmin.get("/", follow=True).content.decode()


@pytest.mark.parametrize("fields", [("began_at", "seen_at"), ("seen_at",)])
def test_a_clock_that_was_set_back_gives_no_longer_time(fields: tuple[str, ...], superadmin: Client) -> None:
    long_ago(**dict.fromkeys(fields, -timedelta(days=1)))
    assert not visits.open_visits().exists()
    assert superadmin.get("/").status_code == 302


def test_whoever_only_looks_at_the_door_leaves_nothing_for_long(client: Client, rani: User) -> None:
    """Each look asks for a passkey anew, which is a row in the panel's own database."""
    client.get("/sign-in/passkey/")
    assert client.session.get_expiry_age() <= 300
    knock(client)
    assert client.session.get_expiry_age() > 3600


def test_an_ended_session_is_of_no_use_to_whoever_kept_its_cookie(client: Client, rani: User) -> None:
    knock(client)
    stolen = Client()
    stolen.cookies["sessionid"] = client.cookies["sessionid"].value
    assert stolen.get("/").status_code == 200
    visits.end_all(rani, "taken_back")
    assert client.get("/").status_code == 302
    assert stolen.get("/").status_code == 302


def test_a_session_from_before_there_were_visits_signs_in_anew(superadmin: Client) -> None:
    Visit.objects.all().delete()
    assert superadmin.get("/").status_code == 302


def test_the_visit_of_somebody_else_does_not_count(superadmin: Client, bima: User) -> None:
    Visit.objects.update(person=bima)
    assert superadmin.get("/").status_code == 302


def test_one_that_is_ended_from_elsewhere_ends_and_the_other_goes_on(client: Client, rani: User) -> None:
    phone = Client()
    knock(client)
    knock(phone, agent=PHONE, address="203.0.113.9")
    page = client.get("/me/").content.decode()
    assert "Chrome di Android" in page
    assert "203.0.113.9" in page
    there = Visit.objects.get(system="Android")
    client.post(f"/me/sessions/{there.pk}/end/")
    assert phone.get("/").status_code == 302
    assert client.get("/").status_code == 200


def test_out_everywhere_but_here(client: Client, rani: User) -> None:
    others = [Client(), Client()]
    for one in (client, *others):
        knock(one)
    client.post("/me/sessions/end/")
    assert [one.get("/").status_code for one in (client, *others)] == [200, 302, 302]
    assert AuditEvent.objects.filter(action="end_sessions").get().details == {"count": 2}


def test_nobody_ends_a_session_of_somebody_else(superadmin: Client, mall_admin: Client, rani: User) -> None:
    theirs = Visit.objects.get(person=rani)
    assert mall_admin.post(f"/me/sessions/{theirs.pk}/end/").status_code == 404
    assert superadmin.get("/").status_code == 200


def test_a_step_up_changes_the_key_and_not_the_visit(superadmin: Client) -> None:
    before = superadmin.session.session_key
    superadmin.post("/still-you/", {"password": PASSWORD})
    assert superadmin.session.session_key != before
    assert superadmin.get("/").status_code == 200
    assert Visit.objects.count() == 1


def test_only_a_place_that_was_never_seen_is_new_and_never_the_first(rani: User) -> None:
    def came(address: str, agent: str) -> bool:
        return visits.begin(rani, address=address, agent=agent).new_place

    assert not came("10.20.1.14", DESK)
    assert not came("10.20.1.99", DESK)
    assert came("203.0.113.9", DESK)
    assert came("203.0.113.9", PHONE)
    assert not came("10.20.1.14", PHONE)


def test_old_visits_go_and_the_last_one_of_each_person_stays(rani: User, bima: User) -> None:
    for person in (rani, rani, bima):
        visits.begin(person, address="10.20.1.14", agent=DESK)
    long_ago(began_at=visits.KEPT + timedelta(days=1))
    visits.clear_old(timezone.now())
    assert sorted(visit.person.name for visit in Visit.objects.all()) == [bima.name, rani.name]


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (DESK, Device("Firefox", "Windows")),
        (PHONE, Device("Chrome", "Android")),
        ("Mozilla/5.0 (iPhone; like Mac OS X) Version/17.0 Safari/604.1", Device("Safari", "iPhone")),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36 Edg/130.0", Device("Edge", "Windows")),
        ("<script>alert(1)</script>", Device("", "")),
        ("", Device("", "")),
    ],
)  # fmt: skip
def test_devices_by_what_they_say_of_themselves(agent: str, device: Device) -> None:
    assert device_of(agent) == device


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.0/24"),
        ("2001:db8:1:2::7", "2001:db8:1::/48"),
        ("::ffff:203.0.113.9", "203.0.113.0/24"),
        ("", ""),
        ("no address", ""),
    ],
)
def test_networks(address: str, network: str) -> None:
    assert network_of(address) == network


def test_constant_questions_however_many_sessions(superadmin: Client, rani: User) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            superadmin.get("/me/")
        return len(seen)

    few = asked()
    for _ in range(30):
        visits.begin(rani, address="10.20.1.14", agent=DESK)
    # Once a minute it is noted that somebody was seen.
    assert asked() <= few + 1


def test_signing_in_twice_in_one_browser_is_one_session(client: Client, rani: User) -> None:
    factories.sign_in(client, rani)
    factories.sign_in(client, rani)
    assert visits.open_visits().count() == 1
