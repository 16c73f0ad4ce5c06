"""A panel with everything in it that somebody might be after."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.utils import timezone

from backups.models import Channel, User
from backups.services import secret_text
from tests.security.crawling import SESSION
from tests.web import factories

HOST = "db-utama.dalam.qparkin.id"
PLACE = "/srv/qparkin-backup/"
CHANNEL = "tgram://4711:rahasia-saluran/-100"


def live_in(by: User) -> None:
    newest = factories.a_good_week(by)[-1]
    factories.schedules()
    factories.restore(newest, requested_by=by)
    told: dict[str, Any] = {"host": HOST, "reason": f"Access denied for user 'backup'@'{HOST}'"}
    factories.job(state="failed", error_code="server_unreachable", error_params=told, requested_by=by)
    Channel.objects.create(
        name="Grup jaga malam", kind="telegram", language="id", hint="-100", last_sent_at=timezone.now(),
        locked_address=secret_text.lock(CHANNEL),
    )  # fmt: skip


def ask(session: str, method: str, path: str, data: dict[str, str] | None = None, **extra: Any) -> Any:
    """With that session's cookie and nothing else of the browser it came from."""
    client = Client()
    client.cookies[SESSION] = session
    return getattr(client, method)(path, data, **extra)


def session_of(client: Client) -> str:
    return client.cookies[SESSION].value
