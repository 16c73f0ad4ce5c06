"""One form of each kind, filled in as the owner would: for tests of what is recorded and what is guarded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.utils import timezone

from tests.web import factories

PLACE = "10.20.30.40"
TOMORROW = (timezone.localdate() + timedelta(days=1)).isoformat()
NIGHT = {"name": "Malam lain", "every": "daily", "at": "02:40", "content": "everything"}
SECOND = "dewi@qparkin.id"
MAIL = {"name": "Jaga malam", "recipients": "jaga@qparkin.id", "language": "id", "enabled": "on"}
GUEST = {"email": "baru@mall.id", "name": "Baru", "role": "admin_mall", "mall": "2", "language": "id"}
ME = {"name": "Rani", "language": "en", "theme": "dark", "time_zone": "Asia/Jayapura"}
NEW = "Tiga-kata-yang-panjang-7"
POLICY = {"storage": "local", "all_days": 2, "daily": 0, "weekly": 0, "monthly": 0, "yearly": 0, "max_gb": ""}
NOW = timezone.localtime().strftime("%Y-%m-%dT%H:%M")

# What is sent, and the event that must follow.
SENT: dict[str, tuple[Mapping[str, Any], str]] = {
    "sign-out": ({}, "sign_out"),
    "step-up": ({"password": factories.PASSWORD}, "step_up"),
    "factor-remove": ({}, "remove_factor"),
    "recovery-codes-new": ({}, "new_codes"),
    "backup": ({}, "request_backup"),
    "backup-new": ({"content": "everything", "keep_days": "0"}, "request_backup"),
    "verify": ({}, "request_verify"),
    "drill": ({}, "request_drill"),
    "download": ({}, "download_link"),
    "export": ({}, "download_link"),
    "copy-check": ({}, "request_verify"),
    "copy-make": ({}, "request_copy"),
    "anomaly-seen": ({}, "anomaly_seen"),
    "pin": ({"until": TOMORROW, "reason": "Sengketa"}, "pin_archive"),
    "unpin": ({}, "unpin_archive"),
    "job-cancel": ({}, "cancel_job"),
    "undo": ({}, "request_undo"),
    "let-go": ({"sure": "on"}, "close_undo_window"),
    "schedule-new": (NIGHT, "add_schedule"),
    "schedule": (NIGHT, "change_schedule"),
    "schedule-switch": ({"pause": ""}, "pause_schedule"),
    "schedule-run": ({}, "request_backup"),
    "schedule-delete": ({}, "delete_schedule"),
    "retention-save": (POLICY, "change_retention"),
    "storage-test": ({}, "test_storage"),
    "approve": ({}, "approve"),
    "approval-refuse": ({"reason": "Belum perlu"}, "refuse_approval"),
    "approval-withdraw": ({}, "withdraw_approval"),
    "audit-export": ({"format": "csv"}, "export_audit"),
    "channel-new": (MAIL, "add_channel"),
    "channel": (MAIL, "change_channel"),
    "channel-test": ({}, "test_channel"),
    "channel-delete": ({}, "remove_channel"),
    "invite": (GUEST, "invite_person"),
    "invited": ({"revoke": "1"}, "revoke_invitation"),
    "person": ({"do": "switch-off"}, "switch_off_person"),
    "me": (ME, "change_profile"),
    "own-notices": ({"unsafe": "on"}, "change_own_notices"),
    "own-password": ({"old": factories.PASSWORD, "password": NEW, "again": NEW}, "change_password"),
    "sessions-end": ({}, "end_sessions"),
    "session-end": ({}, "end_session"),
    "incident-new": ({"what": "Server hilang", "noticed_at": NOW}, "open_incident"),
    "incident-step": ({"state": "done"}, "incident_step"),
    "incident-note": ({"text": "Ditelepon", "at": NOW}, "incident_note"),
    "incident-facts": ({"how": "Dicuri"}, "incident_facts"),
    "incident-malls": ({"on": "on", "do": "Tunggu"}, "incident_malls"),
    "incident-close": ({"lessons": "Simpan di kantor"}, "close_incident"),
}

# Whose event is that of the job which they ask for.
ASKS_FOR = {
    "restore-check": "restore",
    "restore-again": "restore",
    "elsewhere": "inspect",
    "elsewhere-adopt": "adopt",
}
# What needs a browser, a key or an alarm first: the test that sends it, and the event that it looks for.
SENT_BY: dict[str, tuple[str, str]] = {
    "sign-in": ("test_door.py", "sign_in"),
    "second-step": ("test_second_factor.py", "sign_in"),
    "passkey-sign-in": ("test_passkey.py", "sign_in"),
    "factor-app": ("test_second_factor.py", "add_factor"),
    "passkey-new": ("test_second_factor.py", "add_factor"),
    "passkey": ("test_passkey.py", "rename_factor"),
    "storage-lost": ("test_storages.py", "storage_seen"),
    "drop-copy": ("test_trial_copies.py", "drop_trial_copy"),
    "break-glass": ("test_approvals.py", "break_glass"),
    "approval-noted": ("test_approvals.py", "note_break_glass"),
    "invitation": ("test_people.py", "accept_invitation"),
}
NOTHING = {
    "language": "a cookie, and how the panel speaks to its reader",
    "theme": "a cookie",
    "schedule-preview": "shows what is being chosen, and keeps nothing",
    "storages-look": "reads the lists of the storages",
}

# What those forms hold that leave no event of their own at once.
ALSO_SENT: dict[str, Mapping[str, Any]] = {
    "restore-check": {"what": "all", "scope": "database", "target": "live", "name": "qparkin", "sure": "on"},
    "restore-again": {},
    "elsewhere": {"file": ContentFile(b"SELECT 1;", name="dump.sql")},
    "elsewhere-adopt": {},
    "factor-app": {"code": "123456"},
    "passkey-new": {"name": "Ponsel", "credential": "{}"},
    "passkey": {"name": "Ponsel lama"},
    "storage-lost": {"name": "local"},
    "break-glass": {"reason": "Tidak ada yang bisa dihubungi", "sure": "on"},
    "approval-noted": {},
    "sign-in": {"username": SECOND, "password": "tebakan"},
    "second-step": {"code": "123456"},
    "passkey-sign-in": {"credential": "{}"},
    "invitation": {"password": NEW, "again": NEW},
    "language": {"language": "en"},
    "theme": {"theme": "dark"},
    "schedule-preview": NIGHT,
    "storages-look": {},
}


@contextmanager
def undone() -> Iterator[Client]:
    with transaction.atomic():
        yield Client()
        transaction.set_rollback(True)
