"""Keys, the record, notices."""

from __future__ import annotations

from datetime import time

from django.urls import reverse
from django.utils import timezone

from backups.models import Channel, User
from backups.services import audit, notices
from backups.services.notices.tidings import Tiding
from tests.browser.places.place import Place, at
from tests.web import factories, keys_of


def no_notices(by: User) -> str:
    del by
    return reverse("notices")


def notified(by: User) -> str:
    """Three ways: one that works, one that fails, one that was not tried."""
    now = timezone.now()
    told = {"locked_address": "x", "language": "id"}
    group = Channel.objects.create(
        name="Grup jaga malam", kind="telegram", hint="-1001234567", last_sent_at=now, **told
    )
    Channel.objects.create(
        name="Bu Rani", kind="mail", hint="rani@qparkin.id", failures=3, quiet_from=time(22),
        quiet_until=time(6), urgent_only=True, **told,
    )  # fmt: skip
    Channel.objects.create(name="Papan status", kind="webhook", hint="hooks.qparkin.id", **told)
    notices.write_down(
        [
            Tiding("backup_failed", "1", "/", {"failures": 3}),
            Tiding("restore_started", "2", "/", {"who": by.display_name}),
            Tiding("storage_full", "3", "/", {"name": "local"}),
        ]
    )
    group.deliveries.filter(notice__kind="backup_failed").update(state="sent", sent_at=now)
    return reverse("notices")


def new_channel(by: User) -> str:
    del by
    return reverse("channel-new", args=["telegram"])


def audited(by: User) -> str:
    newest = factories.a_good_week(by)[-1]
    work = factories.job("drill", "failed", archive=newest, trigger="command")
    audit.record(
        "request_drill", actor=None, about=work, details={"trigger": "command", "archive": newest.pk}
    )
    audit.record("drill", actor=None, about=work, outcome="failed", details={"code": "server_unreachable"})
    return reverse("audit")


def keys(by: User) -> str:
    """Some of before, and a recovery key that was tried a month ago."""
    del by
    keys_of.rotated()
    return reverse("keys")


PLACES = (
    Place("notifikasi", "superadmin", notified),
    Place("notifikasi-kosong", "superadmin", no_notices),
    Place("notifikasi-telegram", "superadmin", new_channel),
    Place("kunci", "superadmin", keys),
    Place("kunci-belum-dicoba", "superadmin", at("keys")),
    Place("kunci-cetak", "superadmin", at("kit-sheet")),
    Place("audit", "superadmin", audited),
)
