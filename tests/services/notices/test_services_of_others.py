"""Telegram, Slack and WhatsApp as doubles on this machine that speak the shape of their APIs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from apprise.plugins.slack import NotifySlack
from apprise.plugins.telegram import NotifyTelegram
from apprise.plugins.whatsapp import NotifyWhatsApp

from backups.models import Channel, Delivery, Notice, User
from backups.models.notice import DeliveryState
from backups.services import notices
from backups.services.notices import address, channels, deliver
from backups.services.notices.address import Address
from backups.services.notices.tidings import Tiding
from tests.services.listening import Listener

pytestmark = pytest.mark.django_db

TOKEN = "123456789:" + "Ab3-_" * 7
HOOK = "https://hooks.slack.com/services/T0000000A/B0000000B/" + "c" * 24
ACCESS = "EAAB" + "x" * 40


@dataclass(frozen=True, slots=True)
class Double:
    """`attribute` holds the plugin's own address of its service; `told` takes the words out of what came."""

    kind: str
    address: Address
    plugin: type
    attribute: str
    beside: str
    path: str
    told: Callable[[dict[str, Any]], str]


DOUBLES = (
    Double(
        "telegram", address.telegram(TOKEN, "-1001234567"), NotifyTelegram, "notify_url", "/bot",
        f"/bot{TOKEN}/sendMessage", lambda sent: str(sent["text"]),
    ),
    Double(
        "slack", address.slack(HOOK), NotifySlack, "webhook_url", "/services",
        urlsplit(HOOK).path, lambda sent: json.dumps(sent, ensure_ascii=False),
    ),
    Double(
        "whatsapp", address.whatsapp(ACCESS, "1055555555", "+62 812-3456-7890"), NotifyWhatsApp, "notify_url",
        "/{fb_ver}/{phone_id}/messages", "/1055555555/messages", lambda sent: str(sent["text"]["body"]),
    ),
)  # fmt: skip


@pytest.fixture(params=DOUBLES, ids=lambda double: double.kind)
def double(request: pytest.FixtureRequest, listener: Listener, monkeypatch: pytest.MonkeyPatch) -> Double:
    found: Double = request.param
    here = urlsplit(listener.url)
    monkeypatch.setattr(found.plugin, found.attribute, f"http://{here.netloc}{found.beside}")
    # It waits between two messages by its own rule of good manners; ours is one.
    monkeypatch.setattr(found.plugin, "request_rate_per_sec", 0)
    return found


@pytest.fixture
def channel(double: Double, rani: User) -> Channel:
    return channels.save(
        Channel(name="Jaga", kind=double.kind, language="id"), address=double.address, by=rani
    )


def tell() -> None:
    notices.write_down([Tiding("backup_failed", "1", "/jobs/1/", {"failures": 3})])
    Notice.objects.update(created_at=Notice.objects.get().created_at - deliver.GATHERED)
    Delivery.objects.update(due_at=Notice.objects.get().created_at)


def test_a_notice_arrives_in_the_shape_that_the_service_takes(
    double: Double, channel: Channel, listener: Listener, settings: Any
) -> None:
    settings.PANEL_URL = "https://cadangan.qparkin.id"
    listener.body = json.dumps({"ok": True, "messages": [{"id": "1"}]})
    listener.body = listener.body if double.kind != "slack" else "ok"
    tell()
    assert deliver.send_due() == 1
    assert len(listener.heard) == 1
    path, body, _ = listener.heard[0]
    assert path.endswith(double.path)
    words = double.told(json.loads(body))
    assert "3 " in words
    assert "https://cadangan.qparkin.id/jobs/1/" in words
    assert Delivery.objects.get().state == DeliveryState.SENT


@pytest.mark.parametrize("status", [400, 401, 429, 500])
def test_one_that_refuses_is_tried_again_and_no_secret_is_told(
    double: Double, channel: Channel, listener: Listener, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    listener.status = status
    listener.body = json.dumps({"ok": False, "description": "no", "error": {"message": "no", "code": status}})
    tell()
    assert deliver.send_due() == 0
    assert Delivery.objects.get().state == DeliveryState.WAITING
    for secret in (TOKEN, ACCESS, "c" * 24):
        assert secret not in caplog.text
