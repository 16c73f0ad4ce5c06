"""The audit trail in words: the archive's time, who asked, and every error that it may name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from backups.models import User
from backups.services import audit
from backups.services.refusals import BackupError
from backups.templatetags.codes import CODES
from backups.templatetags.measures import moment
from tests.web import factories

pytestmark = pytest.mark.django_db

# What a command says at the keyboard, or the demo, and never a job.
NEVER_RECORDED = {
    "check_failed",
    "control_database_behind",
    "control_database_unreachable",
    "demo_running",
    "factor_known",
    "factor_unreadable",
    "input_missing",
    "key_held_here",
    "key_in_use",
    "key_opens_nothing",
    "key_unknown",
    "kit_empty",
    "last_factor",
    "kit_waiting",
    "moment_unknown",
    "nobody_offers",
    "passphrase_short",
    "passphrases_differ",
    "not_permitted",
    "person_known",
    "person_unknown",
    "port_busy",
    "private_server_busy",
    "private_server_failed",
    "server_program_missing",
    "set_elsewhere",
    "settings_busy",
    "step_failed",
    "unsafe_socket_folder",
    "usage",
}


def _sources() -> list[str]:
    return [path.read_text() for path in Path(settings.BASE_DIR / "backups").rglob("*.py")]


def test_every_error_that_a_job_may_end_with_has_words() -> None:
    codes = {code for text in _sources() for code in re.findall(r'^    code = "(\w+)"', text, re.MULTILINE)}
    assert BackupError.code in codes
    assert codes - set(CODES) - NEVER_RECORDED == set()


def test_a_line_says_the_archives_time_and_the_reason_in_words(superadmin: Client, rani: User) -> None:
    archive = factories.archive(timezone.now())
    job = factories.job("drill", "failed", archive=archive, requested_by=rani)
    audit.record("drill", actor=rani, about=job, outcome="failed", details={"code": "server_unreachable"})
    shown = superadmin.get("/audit/").content.decode()
    assert "server tidak menjawab" in shown
    assert "server_unreachable" not in shown
    assert f"cadangan {moment(archive.created)}" in shown


def test_what_was_asked_for_at_the_keyboard_is_told_apart_from_the_clock(superadmin: Client) -> None:
    job = factories.job("backup", "done", trigger="command")
    audit.record("backup", actor=None, about=job, details={"bytes": 4096})
    assert "Baris perintah" in superadmin.get("/audit/").content.decode()
    job.trigger = "schedule"
    job.save()
    shown = superadmin.get("/audit/").content.decode()
    assert "Baris perintah" not in shown
    assert "Panel" in shown


def test_the_audit_says_what_was_asked_to_be_restored_and_why(superadmin: Client, rani: User) -> None:
    asked = {"tables": ["booking", "mall"], "target": "qparkin__look", "reason": "salah hapus"}
    audit.record("request_restore", actor=rani, details={"trigger": "person", "archive": "", **asked})
    shown = superadmin.get("/audit/").content.decode()
    assert "booking, mall · ke qparkin__look · “salah hapus”" in shown
