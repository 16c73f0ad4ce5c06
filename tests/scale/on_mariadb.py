"""What a control database on MariaDB could get wrong. test_control_database.py runs it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pymysql
import pytest
from django.db import DataError, OperationalError, connection, transaction
from django.utils import timezone

from backups.models import Archive, AuditEvent, Job, User
from backups.services import audit, jobs, lease, watch
from backups.services.steady import steadily
from backups.services.watch import Watch
from tests.installation import until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def other() -> Iterator[pymysql.connections.Connection[pymysql.cursors.Cursor]]:
    """A session of somebody else in the same database."""
    known = connection.get_connection_params()
    wanted = ("user", "password", "database", "unix_socket")
    named = {name: known[name] for name in wanted if name in known}
    with closing(pymysql.connect(**named)) as session:
        yield session


def asked(kind: str = "verify") -> Job:
    return jobs.request(kind, requested_by=None, trigger="schedule")


def claimed() -> Job:
    job = lease.claim(asked().pk, lease.new_worker_name())
    assert job is not None
    return job


def value_of(statement: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def killed_by(other: pymysql.connections.Connection[pymysql.cursors.Cursor]) -> None:
    """As a server does that was started anew, or a session that was silent for too long."""
    session = value_of("SELECT CONNECTION_ID()")
    with other.cursor() as cursor:
        cursor.execute(f"KILL {session}")


def in_a_thread(act: Callable[[], object]) -> list[object]:
    found: list[object] = []

    def run() -> None:
        try:
            found.append(act())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return found


def test_every_session_sees_what_is_there_now() -> None:
    setting = "SELECT @@tx_isolation"
    assert value_of(setting) == "READ-COMMITTED"
    assert in_a_thread(lambda: value_of(setting)) == ["READ-COMMITTED"]
    # Also the one that takes the place of a lost one.
    connection.close()
    assert value_of(setting) == "READ-COMMITTED"


def test_a_long_transaction_sees_a_claim_of_another_host() -> None:
    job = asked()
    with transaction.atomic():
        assert Job.objects.get().state == "queued"
        assert in_a_thread(lambda: lease.claim(job.pk, "elsewhere")) != [None]
        assert Job.objects.get().state == "running"
        assert Job.objects.filter(pk=job.pk, state="queued").update(state="running") == 0


def test_a_text_that_does_not_fit_is_refused_and_never_cut() -> None:
    with pytest.raises(DataError):
        Job.objects.create(kind="verify", system="x" * 65)


def test_keys_are_the_same_only_when_each_byte_is() -> None:
    now = timezone.now()
    for name in ("night-a", "NIGHT-A", "night-a ", "night-ä"):
        Archive.objects.create(id=name, database="QParkin", created=now)
    assert Archive.objects.get(pk="NIGHT-A").pk == "NIGHT-A"
    assert Archive.objects.count() == 4
    # Where upper and lower case are meant to be one, they are.
    assert Archive.objects.filter(database__iexact="qparkin").count() == 4
    assert Archive.objects.filter(database__iexact="q_arkin").count() == 0


def test_every_character_and_microsecond_comes_back() -> None:
    moment = datetime(2026, 11, 23, 1, 2, 3, 456789, tzinfo=UTC)
    person = User.objects.create(email="siti@qparkin.example", name="Siti 😀 Łukasz 停车")
    event = audit.record("look", actor=person, details={"label": "𝕊 😀 \\ ' \" é", "n": 1.5, "big": 2**60})
    assert AuditEvent.objects.get(pk=event.pk).details == event.details
    job = asked()
    Job.objects.filter(pk=job.pk).update(lease_until=moment, options={"b": [1, None, "😀"], "a": {}})
    job.refresh_from_db()
    assert (job.lease_until, job.options) == (moment, {"b": [1, None, "😀"], "a": {}})
    assert Job.objects.filter(lease_until=moment).exists()
    assert User.objects.get().name == "Siti 😀 Łukasz 停车"
    assert audit.verify_chain().holds


def test_what_lies_in_json_is_found() -> None:
    job = asked()
    Job.objects.filter(pk=job.pk).update(options={"restore": "abc"})
    assert Job.objects.filter(options__restore="abc").exists()


def test_a_session_that_went_away_in_a_long_silence_is_replaced(
    other: pymysql.connections.Connection[pymysql.cursors.Cursor], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = claimed()
    killed_by(other)
    monkeypatch.setattr("qparkin_backup.mariadb.base.SILENT_SECONDS", -1.0)
    Job.objects.filter(pk=job.pk).update(done=7)
    assert Job.objects.get().done == 7
    assert value_of("SELECT @@tx_isolation") == "READ-COMMITTED"


def test_a_job_is_ended_over_a_session_that_just_went_away(
    other: pymysql.connections.Connection[pymysql.cursors.Cursor],
) -> None:
    job = claimed()
    killed_by(other)
    assert lease.finish(job, result={"ok": True}) is True
    assert Job.objects.get().state == "done"
    killed_by(other)
    audit.record("look", actor=None)
    assert audit.verify_chain().holds
    second = asked()
    killed_by(other)
    assert lease.claim(second.pk, "worker") is not None


def test_within_a_transaction_nothing_is_done_twice(
    other: pymysql.connections.Connection[pymysql.cursors.Cursor],
) -> None:
    tries: list[int] = []

    def act() -> None:
        tries.append(1)
        asked()

    def transact() -> None:
        with transaction.atomic():
            asked()
            killed_by(other)
            steadily(act)

    with pytest.raises(OperationalError):
        transact()
    assert len(tries) == 1
    assert Job.objects.count() == 0


def test_the_heartbeat_goes_on_after_its_session_was_killed(
    other: pymysql.connections.Connection[pymysql.cursors.Cursor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "BEAT_SECONDS", 0.1)
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.05)
    job = claimed()
    ours = value_of("SELECT CONNECTION_ID()")
    statement = "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id NOT IN (%s, %s)"

    def hearts() -> list[int]:
        with other.cursor() as cursor:
            cursor.execute(statement, (ours, other.thread_id()))
            return [row[0] for row in cursor.fetchall()]

    with Watch(job) as progress:
        until(lambda: bool(hearts()))
        first = hearts()[0]
        with other.cursor() as cursor:
            cursor.execute(f"KILL {first}")
        until(lambda: bool(hearts()) and first not in hearts())
        progress.phase("dump", 10)
        progress.advance(4)
        until(lambda: Job.objects.get().done == 4)
        progress.confirm()


def test_a_deadlock_is_tried_again(
    other: pymysql.connections.Connection[pymysql.cursors.Cursor],
) -> None:
    first, second = asked(), asked()
    held = threading.Event()

    def theirs() -> None:
        with other.cursor() as cursor:
            cursor.execute("UPDATE backups_job SET done = 1 WHERE id = %s", [first.pk.hex])
            held.set()

    tries: list[int] = []
    crossing: list[threading.Thread] = []

    def cross() -> None:
        with other.cursor() as cursor:
            cursor.execute("UPDATE backups_job SET done = 2 WHERE id = %s", [second.pk.hex])
        other.commit()

    def ours() -> None:
        tries.append(1)
        with transaction.atomic():
            Job.objects.filter(pk=second.pk).update(rows=5)
            if len(tries) == 1:
                crossing.append(threading.Thread(target=cross))
                crossing[0].start()
                until(is_waiting)
            Job.objects.filter(pk=first.pk).update(rows=5)

    def is_waiting() -> bool:
        # A moment before it waits will do: whoever is second then finds the circle.
        statement = (
            "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'UPDATE backups_job%'"
        )
        return value_of(statement) == 1

    other.begin()
    with other.cursor() as cursor:
        # Whoever has done more is spared by the server.
        cursor.execute("CREATE TEMPORARY TABLE weight (n INT PRIMARY KEY) ENGINE=InnoDB")
        cursor.execute("INSERT INTO weight SELECT seq FROM seq_1_to_1000")
    theirs()
    assert held.is_set()
    steadily(ours)
    crossing[0].join()
    assert len(tries) == 2
    assert set(Job.objects.values_list("rows", flat=True)) == {5}


def test_many_workers_take_many_jobs_once_each() -> None:
    wanted = [asked() for _ in range(6)]
    got: list[Job] = []

    def take(name: str) -> None:
        try:
            for job in wanted:
                if mine := lease.claim(job.pk, name):
                    got.append(mine)
                    audit.record("look", actor=None, about=mine)
        finally:
            connection.close()

    workers = [threading.Thread(target=take, args=(f"host {number}:1:a",)) for number in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(str(job.pk) for job in got) == sorted(str(job.pk) for job in wanted)
    assert audit.verify_chain().holds


def test_one_key_asked_for_by_many_at_once_is_one_job() -> None:
    found: list[Job] = []

    def ask() -> None:
        try:
            slot = "schedule 1 2026-11-23T02:00:00+00:00"
            found.append(jobs.request("verify", requested_by=None, trigger="schedule", idempotency_key=slot))
        finally:
            connection.close()

    askers = [threading.Thread(target=ask) for _ in range(8)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert len(found) == 8
    assert len({job.pk for job in found}) == 1 == Job.objects.count()
    assert audit.verify_chain() == audit.ChainState(1, None)


def test_a_lost_lease_stays_lost_on_the_other_host() -> None:
    job = claimed()
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert in_a_thread(lambda: [ended.pk for ended in jobs.reap()]) == [[job.pk]]
    assert lease.renew(job) is None
    assert lease.finish(job, result={}) is False
