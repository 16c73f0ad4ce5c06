"""The panel's own database is locked, lost, or an older copy of itself."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pymysql
import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from backups.models import Archive, Copy, StorageState
from backups.services import lease, pins, policies, work
from backups.services.backup import request_backup
from backups.services.prune import request_prune
from backups.services.retention import PRESET, Policy
from backups.services.watch import Watch
from tests.faults import rule
from tests.faults.doing import asked, at, backed_up, ended, steps_of
from tests.faults.killing import At, part_of
from tests.faults.rule import Before, Panel
from tests.tampering import lifted
from tests.web import factories

SECTION = "The control database"


@contextmanager
def locked() -> Iterator[None]:
    """By somebody else: SQLite as a whole, of MariaDB each row of a job."""
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(str(connection.settings_dict["NAME"]), timeout=20)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
        return
    known = connection.get_connection_params()
    named = {name: known[name] for name in ("user", "password", "database", "unix_socket") if name in known}
    with closing(pymysql.connect(**named)) as other, other.cursor() as cursor:
        cursor.execute("SELECT id FROM backups_job FOR UPDATE")
        yield


class Locking:
    """Begins at a step of the work and lasts for so many seconds, unless it is told to end before."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._held, self._over = seconds, threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._hold)

    def __call__(self) -> None:
        self._thread.start()
        assert self._held.wait(timeout=60)

    def _hold(self) -> None:
        try:
            with locked():
                self._held.set()
                self._over.wait(self._seconds)
        finally:
            connection.close()

    def end(self) -> None:
        self._over.set()
        self._thread.join()


@pytest.mark.fault(
    what="The panel's database is locked for seconds, early, in the middle and late in a backup",
    rule="the backup waits and comes through",
)
@pytest.mark.parametrize("percent", [10, 50, 90])
def test_locked_for_a_moment(panel: Panel, archive: Archive, percent: int) -> None:
    steps = steps_of(asked("backup", panel, archive))
    rule.work_off()
    before, lock = rule.look(panel), Locking(2)
    job = at(part_of(steps, percent), lock, asked("backup", panel, archive))
    assert job.state == "done"
    lock.end()
    rule.holds(panel, before)


@pytest.mark.fault(
    what="The panel's database is locked for longer than a lease in the middle of a backup",
    rule="the worker stops by itself before anybody takes it for dead; nothing is left",
)
def test_locked_for_longer_than_a_lease(
    panel: Panel, archive: Archive, before: Before, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, known, give_up = Locking(100), Archive.objects.count(), Watch.__exit__

    def given_up(watch: Watch, *why: Any) -> None:
        # Not before: the work must come to it by itself.
        lock.end()
        give_up(watch, *why)

    job = asked("backup", panel, archive)
    with monkeypatch.context() as patched:
        patched.setattr(lease, "LEASE", timedelta(seconds=2))
        patched.setattr(Watch, "__exit__", given_up)
        ended(job, listener=SlowFrom(12, lock))
    job.refresh_from_db()
    assert (job.state, job.error_code) == ("failed", "interrupted")
    assert Archive.objects.count() == known
    rule.holds(panel, before)


class SlowFrom(At):
    """From that step on each takes a while, as with tables that are large."""

    def step(self) -> int:
        now = super().step()
        if now > self._at:
            threading.Event().wait(0.5)
        return now


@pytest.mark.fault(
    what="The panel's database is lost: an empty one in its place, and `import_archives`",
    rule="every archive is known again and none called missing; the next follows the newest",
)
def test_lost(panel: Panel, archive: Archive) -> None:
    newest = backed_up(panel)
    before, numbers = rule.look(panel), numbers_known()
    with lifted():
        call_command("flush", interactive=False, verbosity=0)
    anew = replace(panel, person=factories.superadmin())
    call_command("import_archives", verbosity=0)
    assert numbers_known() == numbers
    assert Archive.objects.order_by("-sequence")[0].pk == newest.pk
    since = timezone.now()
    rule.holds(anew, before, sealed_since=since)
    assert numbers_known()[-1] == numbers[-1] + 1


def numbers_known() -> list[int]:
    return list(Archive.objects.order_by("sequence").values_list("sequence", flat=True))


@contextmanager
def older_copy_of_the_panel(folder: Path) -> Iterator[None]:
    """What is done within has happened, and the panel's database does not know of it afterwards."""
    if connection.vendor != "sqlite":
        pytest.skip("the copy is one of SQLite's")
    with closing(sqlite3.connect(folder / "older.sqlite3")) as older:
        connection.ensure_connection()
        connection.connection.backup(older)
        yield
        older.backup(connection.connection)


@pytest.mark.fault(
    what="The panel's database is put back from an older copy: one was made since, one pinned, more kept",
    rule="no number is given twice, no archive called missing; retention clears nothing on the older word",
)
def test_older(panel: Panel, archive: Archive, settings: Settings, tmp_path: Path) -> None:
    settings.BACKUP_KEEP_LAST = 1
    for _ in range(2):
        work.run_here(request_backup(requested_by=None, trigger="command"))
    policies.change("local", Policy(0, 0, 0, 0, 0), by=panel.person)
    with older_copy_of_the_panel(tmp_path):
        policies.change("local", PRESET, by=panel.person)
        pins.pin(archive, until=timezone.now() + timedelta(days=30), reason="audit", by=panel.person)
        newest = backed_up(panel)
        # Writes down at the storages what was decided.
        rule.a_minute_later()
    before = rule.look(panel)
    assert not Archive.objects.filter(pk=newest.pk).exists()
    rule.holds(panel, before, sealed_since=timezone.now())
    assert numbers_known() == [1, 2, 3, 4, 5]
    assert_nothing_is_missed()
    archive.refresh_from_db()
    assert archive.pin_reason == "audit"


@pytest.mark.fault(
    what="The panel's database is put back from an older copy, since when two archives were cleared",
    rule="they are told as gone until somebody takes note, since nobody can know why; nothing else goes",
)
def test_older_than_a_clearing(panel: Panel, archive: Archive, settings: Settings, tmp_path: Path) -> None:
    settings.BACKUP_KEEP_LAST = 1
    second = backed_up(panel)
    with older_copy_of_the_panel(tmp_path):
        policies.change("local", Policy(0, 0, 0, 0, 0), by=panel.person)
        backed_up(panel)
        cleared = work.run_here(request_prune(requested_by=None, trigger="command"))
        gone = {line["id"] for line in cleared.result["dropped"]}
        assert gone == {archive.pk, second.pk}
    rule.holds(panel, rule.look(panel), spoilt=gone, sealed_since=timezone.now())
    assert set(Copy.objects.filter(state=Copy.State.MISSING).values_list("archive", flat=True)) == gone
    assert StorageState.objects.get().lost_count == len(gone)


def assert_nothing_is_missed() -> None:
    assert not Copy.objects.filter(state=Copy.State.MISSING).exists()
    assert not StorageState.objects.filter(lost_at__isnull=False).exists()
