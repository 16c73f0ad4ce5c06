"""All that people should hear of, in one table: the kind, how urgent it is, and the page that says more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.utils import timezone, translation

from backups.models import Copy, Job, KeyEvent, Notice, Schedule, Slot, User
from backups.services import audit, growth, notices, schedules, visits
from backups.services.notices import wording
from backups.services.notices.tidings import tidings
from backups.services.timetable import Rule
from tests.web import factories

pytestmark = pytest.mark.django_db


def a_schedule() -> Schedule:
    Schedule.objects.all().delete()
    return schedules.add(schedules.Plan("Setiap malam", Rule("daily")), by=None)


def missed(_: User) -> None:
    Schedule.objects.filter(pk=a_schedule().pk).update(next_run=timezone.now() - timedelta(hours=4))


def late(_: User) -> None:
    at = timezone.now() - timedelta(hours=9)
    Slot.objects.create(schedule=a_schedule(), at=at, state="done", late=True)


def damaged(_: User) -> None:
    factories.archive()
    Copy.objects.update(state="damaged")


def old_proof(_: User) -> None:
    archive = factories.archive()
    factories.proof(archive, timezone.now() - timedelta(days=settings.PROOF_AMBER_DAYS + 1))


def full(_: User) -> None:
    Path(settings.BACKUP_LOCAL_ROOT).mkdir(exist_ok=True)
    factories.archive(bytes=10**15)
    growth.stay_known(timezone.now())


def from_elsewhere(by: User) -> None:
    for address in ("10.20.1.14", "203.0.113.9"):
        visits.begin(by, address=address, agent="")


def long_ago(_: User) -> None:
    at = timezone.now() - timedelta(days=181)
    KeyEvent.objects.create(what="proved", kind="recovery", fingerprint="ab" * 8, at=at)


def gone(by: User) -> None:
    audit.record("remove_channel", actor=by, details={"name": "Grup jaga"})


STRANGE = [{"kind": "rows_lost", "table": "pembayaran", "value": 9000, "usual": 20911}]

Row = tuple[str, Callable[[User], object], bool, str]

CLAUSE: tuple[Row, ...] = (
    ("backup_failed", lambda _: factories.job("backup", Job.State.FAILED), True, "job"),
    ("backup_missed", missed, True, "schedules"),
    ("backup_late", late, False, "schedules"),
    ("archive_damaged", damaged, True, "archive"),
    ("anomaly", lambda _: factories.archive(anomalies=STRANGE), True, "archive"),
    ("proof_old", old_proof, False, "home"),
    ("proof_failed", lambda _: factories.proof(factories.archive(), proven=False), True, "archive"),
    ("drill_failed", lambda _: factories.job("drill", Job.State.FAILED), False, "job"),
    ("storage_full", full, True, "storages"),
    ("restore_started", lambda by: factories.job("restore", requested_by=by), False, "job"),
    ("restore_done", lambda by: factories.job("restore", Job.State.DONE, requested_by=by), False, "job"),
    (
        "restored_elsewhere",
        lambda by: factories.job("restore", Job.State.DONE, requested_by=by, options={"beside": True}),
        False,
        "job",
    ),
    ("restore_failed", lambda by: factories.job("restore", Job.State.FAILED, requested_by=by), True, "job"),
    ("undo_done", lambda by: factories.job("undo", Job.State.DONE, requested_by=by), False, "job"),
    ("key_changed", lambda _: audit.record("rotate_key", actor=None), True, "keys"),
    ("channel_changed", gone, True, "notices"),
    ("recovery_key_untried", long_ago, False, "keys"),
    ("sign_in_new_place", from_elsewhere, False, "person"),
)


@pytest.mark.parametrize(("kind", "happen", "urgent", "page"), CLAUSE, ids=[row[0] for row in CLAUSE])
def test_it_is_told_once_with_its_page(
    kind: str, happen: Callable[[User], object], urgent: bool, page: str, archives_in: Path
) -> None:
    cache.clear()
    rani = factories.superadmin()
    happen(rani)
    notices.write_down(tidings(timezone.now()))
    notices.write_down(tidings(timezone.now()))
    notice = Notice.objects.get(kind=kind)
    assert (notice.urgency == "urgent") is urgent
    client = Client()
    factories.sign_in(client, rani)
    opened = client.get(notice.path)
    assert (opened.status_code, opened.resolver_match.url_name) == (200, page)
    said = set()
    for language in ("id", "en"):
        with translation.override(language):
            said.add(wording.sentence(notice))
    assert len(said) == 2
    assert not any(str(archives_in) in words for words in said)


def test_every_kind_has_words() -> None:
    assert {row[0] for row in CLAUSE} <= set(wording.WORDS)
    assert set(wording.WORDS) >= notices.URGENT
