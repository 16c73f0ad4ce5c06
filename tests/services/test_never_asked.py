"""No setting leads to where a cloud tells a machine its secrets: not as a number, nor by a changing name."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from pytest_django import Settings

from backups.engine.errors import StorageFailed
from backups.services import application, ping
from backups.services.notices import address
from backups.services.refusals import AddressRefused
from backups.services.s3 import client as s3
from qparkin_backup import addresses
from qparkin_backup.buckets import Bucket

METADATA = (
    "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "0xa9.0xfe.0xa9.0xfe",
    "169.254.43518", "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "[64:ff9b::a9fe:a9fe]", "[fe80::1]",
    "0", "0x0", "[::]",
)  # fmt: skip
NAME = "storage.example"


class _Storage(BaseHTTPRequestHandler):
    """Answers each request with the status and place that the test set."""

    heard: list[str]
    leads_to: str

    def do_GET(self) -> None:
        self.heard.append(self.path)
        self.send_response(307)
        self.send_header("Location", self.leads_to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(params=["127.0.0.1", "127.0.0.2"])
def storage(request: pytest.FixtureRequest) -> Iterator[HTTPServer]:
    handler = type("Handler", (_Storage,), {"heard": [], "leads_to": "http://127.0.0.1:9/elsewhere"})
    with HTTPServer((request.param, 0), handler) as server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        yield server
        server.shutdown()
        serving.join()


def heard(storage: HTTPServer) -> list[str]:
    return list(storage.RequestHandlerClass.heard)  # type: ignore[attr-defined]


def bucket(host: str) -> Bucket:
    return Bucket("jauh", "backups", endpoint=f"http://{host}", access_key="a", secret_key="b")


def names(monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
    """The name server says one thing first, and another one after that."""
    real, left = socket.getaddrinfo, list(answers)

    def look_up(host: Any, port: Any, *arguments: Any, **more: Any) -> Any:
        if host != NAME:
            return real(host, port, *arguments, **more)
        told = left.pop(0) if len(left) > 1 else left[0]
        return real(told, port, *arguments, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.parametrize("host", METADATA)
def test_however_it_is_written_nobody_asks_there(host: str) -> None:
    with pytest.raises(StorageFailed):
        s3.client_of(bucket(host))
    with pytest.raises(ping.NotReached) as refused:
        ping.ping(f"http://{host}/latest/meta-data/", "", "", private=True)
    assert refused.value.why == ping.HeartbeatForbidden.code


def test_nor_by_a_name_that_leads_there(monkeypatch: pytest.MonkeyPatch) -> None:
    names(monkeypatch, "169.254.169.254")
    with pytest.raises(StorageFailed):
        s3.client_of(bucket(NAME))
    with pytest.raises(ping.NotReached) as refused:
        ping.ping(f"http://{NAME}/", "", "", private=True)
    assert refused.value.why == ping.HeartbeatForbidden.code


@pytest.mark.parametrize("storage", ["127.0.0.2"], indirect=True)
def test_nor_by_a_name_that_leads_there_only_when_it_is_asked_again(
    storage: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Judged at one address, connected to another: no byte is sent there."""
    monkeypatch.setattr(addresses, "METADATA", {addresses.of("127.0.0.2")})
    names(monkeypatch, "127.0.0.1", "127.0.0.2")
    client = s3.client_of(bucket(f"{NAME}:{storage.server_port}"))
    with pytest.raises(BotoCoreError, match="Could not connect"):
        client.get_object(Bucket="backups", Key="x")
    assert heard(storage) == []


@pytest.mark.parametrize("host", [*METADATA, "metadata.google.internal"])
def test_nor_does_a_letter_go_there(host: str, settings: Settings) -> None:
    settings.SMTP_URL = f"smtp://{host}"
    with pytest.raises(AddressRefused):
        address.refuse_strange_server()


def test_nor_a_letter_by_a_name_that_leads_there_by_now(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.SMTP_URL = f"smtp://{NAME}"
    names(monkeypatch, "127.0.0.1", "169.254.169.254")
    address.refuse_strange_server()
    with pytest.raises(AddressRefused):
        address.refuse_strange_server()


@pytest.mark.parametrize("storage", ["127.0.0.2"], indirect=True)
def test_nor_is_the_application_looked_for_there(
    storage: HTTPServer, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr(addresses, "METADATA", {addresses.of("127.0.0.2")})
    names(monkeypatch, "127.0.0.2")
    settings.QPARKIN_SMOKE_URL = f"http://{NAME}:{storage.server_port}/"
    assert [(note.step, note.why) for note in application._looked()] == [("smoke", "forbidden")]
    assert heard(storage) == []


@pytest.mark.parametrize("storage", ["127.0.0.1"], indirect=True)
def test_nobody_is_led_on(storage: HTTPServer) -> None:
    client = s3.client_of(bucket(f"127.0.0.1:{storage.server_port}"))
    with pytest.raises(ClientError):
        client.get_object(Bucket="backups", Key="x")
    assert set(heard(storage)) == {"/backups/x"}


def test_ways_to_reach_people_lead_to_the_one_service_each_and_no_further() -> None:
    """Those that apprise sends: whoever types a token chooses no host."""
    token, hook = "123456789:" + "A" * 35, "https://hooks.slack.com/services/T0/B0/xyz"
    made = (
        address.telegram(token, "-100123"),
        address.slack(hook),
        address.whatsapp("A" * 40, "1234567890", "+628123456789"),
    )
    for found in made:
        parts = urlsplit(found.url)
        assert parts.scheme in {"tgram", "slack", "whatsapp"}
        assert parse_qs(parts.query)["redirect"] == ["no"]
