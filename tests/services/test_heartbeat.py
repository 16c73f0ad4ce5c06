"""The heartbeat, told to a real server; and the addresses to which nothing is ever told."""

from __future__ import annotations

import ipaddress
import logging
import socket
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from backups.models import AuditEvent, Job, Schedule, Slot
from backups.services import clock, heartbeat, ping, relock, schedules, secret_text
from backups.services.timetable import Rule
from tests.services.listening import SECRET, Listener

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)


@pytest.fixture
def slot(listener: Listener, settings: Settings) -> Slot:
    settings.HEARTBEAT_PRIVATE = True
    Schedule.objects.all().delete()
    made = schedules.add(schedules.Plan("malam", Rule("daily"), heartbeat=listener.url), by=None)
    job = Job.objects.create(
        kind="backup", system="qparkin", state="running", started_at=NOW, error_code="storage_full",
        error_params={"storage": "/srv/rahasia"},
    )  # fmt: skip
    return Slot.objects.create(schedule=made, at=NOW, state="started", job=job, claimed_at=NOW)


def ended(slot: Slot, state: str) -> None:
    Job.objects.update(state=state, finished_at=NOW + timedelta(seconds=7))
    Slot.objects.filter(pk=slot.pk).update(state=state)


def told(slot: Slot) -> tuple[str, int, str]:
    slot.refresh_from_db()
    return slot.told, slot.tell_tries, Schedule.objects.get().heartbeat_problem


def test_start_and_success_are_told_once_each(slot: Slot, listener: Listener) -> None:
    heartbeat.tell(NOW)
    heartbeat.tell(NOW)
    ended(slot, "done")
    heartbeat.tell(NOW)
    heartbeat.tell(NOW)
    assert [(path, body) for path, body, _ in listener.heard] == [
        (f"/ping/{SECRET}/start", "start\n"),
        (f"/ping/{SECRET}", "success, 7 s\n"),
    ]
    assert told(slot) == ("success", 0, "")


def test_a_failure_is_told_without_its_reason(slot: Slot, listener: Listener) -> None:
    Slot.objects.update(late=True)
    ended(slot, "failed")
    heartbeat.tell(NOW)
    assert [(path, body) for path, body, _ in listener.heard] == [
        (f"/ping/{SECRET}/fail", "fail, late, 7 s\n")
    ]


def test_a_listener_that_is_ill_is_told_again_and_then_given_up(slot: Slot, listener: Listener) -> None:
    listener.status = 500
    now = NOW
    for _ in range(3):
        heartbeat.tell(now)
        heartbeat.tell(now + timedelta(seconds=5))
        now += timedelta(hours=1)
    assert told(slot) == ("", 3, "answer")
    heartbeat.tell(now)
    heartbeat.tell(now + timedelta(hours=1))
    assert (len(listener.heard), told(slot)) == (4, ("start", 0, "answer"))


def test_one_that_is_well_again_hears_it(slot: Slot, listener: Listener) -> None:
    listener.status = 503
    heartbeat.tell(NOW)
    listener.status = 200
    heartbeat.tell(NOW + timedelta(minutes=1))
    assert told(slot) == ("start", 0, "")


def test_a_try_that_was_put_off_in_a_wrong_future_is_made_now(slot: Slot, listener: Listener) -> None:
    Slot.objects.update(tell_after=NOW + timedelta(days=9000), tell_tries=1)
    heartbeat.tell(NOW)
    assert told(slot) == ("start", 0, "")


def test_two_clocks_tell_it_once(slot: Slot, listener: Listener) -> None:
    seen = heartbeat._to_tell(NOW)
    heartbeat.tell(NOW)
    heartbeat._tell_of(seen[0], NOW)
    assert len(listener.heard) == 1


def test_a_redirect_is_not_followed(slot: Slot, listener: Listener) -> None:
    listener.status = 302
    heartbeat.tell(NOW)
    assert [path for path, _, _ in listener.heard] == [f"/ping/{SECRET}/start"]
    assert told(slot) == ("", 1, "redirect")


def test_nobody_waits_for_one_that_answers_drop_by_drop(
    slot: Slot, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ping, "SECONDS", 0.4)
    listener.drip = True
    heartbeat.tell(NOW)
    assert told(slot)[2] == "timeout"


def test_nobody_waits_for_one_that_says_nothing(slot: Slot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ping, "SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        point_at(f"http://127.0.0.1:{mute.getsockname()[1]}/x")
        heartbeat.tell(NOW)
    assert told(slot)[2] == "timeout"


def test_nobody_is_there(slot: Slot) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    point_at(f"http://127.0.0.1:{port}/x")
    heartbeat.tell(NOW)
    assert told(slot)[2] == "no_connection"


def test_a_certificate_that_does_not_hold(slot: Slot, listener: Listener) -> None:
    point_at(listener.url.replace("http:", "https:"))
    heartbeat.tell(NOW)
    assert (listener.heard, told(slot)[2]) == ([], "certificate")


def test_an_address_that_cannot_be_read_any_more_is_said(slot: Slot, settings: Settings) -> None:
    settings.SECRET_KEY = "another-key-than-the-one-before-it"
    heartbeat.tell(NOW)
    assert told(slot)[2] == "key"
    settings.SECRET_KEY_FALLBACKS = []


def test_old_keys_still_open(settings: Settings) -> None:
    token = secret_text.lock("rahasia")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a-new-key-for-the-same-panel-as-before"
    assert secret_text.unlock(token) == "rahasia"


def test_a_new_key_takes_over_and_the_old_one_may_be_forgotten(
    slot: Slot, listener: Listener, settings: Settings
) -> None:
    """As in the environment: another SECRET_KEY, the old one in SECRET_KEY_FALLBACKS, a day later gone."""
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a-new-key-for-the-same-panel-as-before"
    clock.tick(NOW)
    assert [path for path, _, _ in listener.heard] == [f"/ping/{SECRET}/start"]
    settings.SECRET_KEY_FALLBACKS = []
    assert heartbeat.masked(Schedule.objects.get()) == "127.0.0.1/…"
    before = Schedule.objects.get().heartbeat
    relock.lock_anew()
    assert Schedule.objects.get().heartbeat == before


def test_the_address_is_a_secret(slot: Slot, listener: Listener, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    listener.status = 500
    heartbeat.tell(NOW)
    schedule = Schedule.objects.get()
    everything = [
        caplog.text, schedule.heartbeat, repr(schedule), str(AuditEvent.objects.get().details),
        repr(schedules.Plan("x", Rule("daily"), heartbeat=listener.url)), heartbeat.masked(schedule),
        repr(ping.goal(listener.url, private=True)),
    ]  # fmt: skip
    assert not any(SECRET in text for text in everything)
    assert heartbeat.masked(schedule) == "127.0.0.1/…"


@pytest.mark.parametrize(
    "url",
    ["", "hc-ping.com/x", "ftp://hc-ping.com/x", "file:///etc/passwd", "https://", "http://user:pass@hc.example/x",
     "https://hc.example/a b", "https://hc.example/a\nHost: x", "https://hc.example:99999/x", "https://[::1/x",
     "javascript:alert(1)", "https://hc.example/" + "x" * 600],
)  # fmt: skip
def test_what_is_no_such_address(url: str) -> None:
    with pytest.raises(ping.HeartbeatInvalid):
        ping.goal(url, private=True)


ALWAYS = (
    "169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1", "::", "100.100.100.200", "fd00:ec2::254",  # noqa: S104
    "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "255.255.255.255", "2002:a9fe:a9fe::1",
    "::a9fe:a9fe", "::ffff:0:a9fe:a9fe", "64:ff9b:1::a9fe:a9fe",
    "168.63.129.16", "fd20:ce::254", "fd00:c1::a9fe:a9fe",
)  # fmt: skip
INSIDE = (
    "127.0.0.1", "127.8.8.8", "::1", "10.0.0.7", "192.168.1.1", "172.16.0.1", "fd12::7", "::ffff:10.0.0.7",
    "64:ff9b::7f00:1", "100.64.0.9", "::7f00:1", "64:ff9b:1::a00:7",
)  # fmt: skip


@pytest.mark.parametrize("address", ALWAYS)
@pytest.mark.parametrize("private", [True, False])
def test_addresses_that_are_never_asked(address: str, private: bool) -> None:
    assert not ping.is_allowed(ipaddress.ip_address(address), private=private)


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_of_ones_own_network_only_where_that_is_meant(address: str) -> None:
    assert not ping.is_allowed(ipaddress.ip_address(address), private=False)
    assert ping.is_allowed(ipaddress.ip_address(address), private=True)


def test_an_address_that_was_site_local_is_none_of_the_world() -> None:
    assert not ping.is_allowed(ipaddress.ip_address("fec0::7"), private=False)


@pytest.mark.parametrize(
    "host", ["0", "127.1", "2130706433", "0x7f000001", "017700000001", "[::ffff:127.0.0.1]"]
)
def test_an_address_of_this_machine_however_it_is_written(host: str, slot: Slot, settings: Settings) -> None:
    settings.HEARTBEAT_PRIVATE = False
    point_at(f"http://{host}:9/x")
    heartbeat.tell(NOW)
    assert told(slot)[2] == "heartbeat_forbidden"


def test_an_address_of_the_world() -> None:
    assert ping.is_allowed(ipaddress.ip_address("93.184.216.34"), private=False)
    with pytest.raises(ping.HeartbeatForbidden):
        ping.goal("http://[::1]:8000/x", private=False)


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["93.184.216.34", "10.0.0.7"], []])
def test_a_name_that_leads_inside_is_not_asked(
    addresses: list[str], slot: Slot, listener: Listener, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HEARTBEAT_PRIVATE = False
    point_at("http://hc.example/x")
    answers(monkeypatch, addresses)
    heartbeat.tell(NOW)
    assert (listener.heard, told(slot)[2]) == ([], "heartbeat_forbidden")


def test_the_name_is_looked_up_once(slot: Slot, listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    port = listener.url.split(":")[2].split("/")[0]
    point_at(f"http://hc.example:{port}/x?token=7")
    asked = answers(monkeypatch, ["127.0.0.1"])
    heartbeat.tell(NOW)
    assert asked == ["hc.example"]
    assert listener.heard == [("/x/start?token=7", "start\n", f"hc.example:{port}")]


def point_at(url: str) -> None:
    Schedule.objects.update(heartbeat=secret_text.lock(url))


def answers(monkeypatch: pytest.MonkeyPatch, addresses: list[str]) -> list[str]:
    """The name server says this; what is already an address is no question for it."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def look_up(host: str, *arguments: Any, **more: Any) -> Any:
        if host != "hc.example":
            return real(host, *arguments, **more)
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked
