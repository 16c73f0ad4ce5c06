"""What a control database on PostgreSQL could get wrong. test_on_postgres.py runs it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

import pytest
from django.db import DatabaseError, connection, transaction
from pytest_django import Settings

from backups.models import Approval, AuditEvent, AuditHead, Job
from backups.services import acts, approvals, approving, audit, audit_guard, jobs, lease
from backups.services.unapproved import SecondPersonWanted
from tests.web import factories

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(act: Callable[[], object], *, many: int = 6) -> list[object]:
    """In as many threads, each with a session of its own, begun together."""
    found: list[object] = []
    ready = threading.Barrier(many)

    def run() -> None:
        try:
            ready.wait()
            found.append(act())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_it_is_postgresql() -> None:
    assert connection.vendor == "postgresql"
    assert audit_guard.stands()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {events} SET action = 'x'",
        "UPDATE {events} SET action = action",
        "DELETE FROM {events}",
        "TRUNCATE {events}",
        "TRUNCATE {events} CASCADE",
        "UPDATE {head} SET count = count - 1",
        "UPDATE {head} SET count = count",
        "DELETE FROM {head}",
        "TRUNCATE {head}",
        "INSERT INTO {events} SELECT * FROM {events} ON CONFLICT (id) DO UPDATE SET action = 'x'",
        "WITH gone AS (DELETE FROM {events} RETURNING 1) SELECT * FROM gone",
        "MERGE INTO {events} a USING (SELECT 1) b ON true WHEN MATCHED THEN DELETE",
    ],
)
def test_the_database_itself_refuses_to_change_the_record(statement: str) -> None:
    for number in range(3):
        audit.record("look", actor=None, details={"n": number})
    said = statement.format(events=AuditEvent._meta.db_table, head=AuditHead._meta.db_table)
    refused = pytest.raises(DatabaseError, match=audit_guard.SAID)
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(said)
    assert audit.verify_chain().holds
    assert AuditEvent.objects.count() == 3
    audit.record("look", actor=None)
    assert audit.verify_chain().holds


def test_of_many_who_claim_a_job_one_has_it() -> None:
    job = jobs.request("verify", requested_by=None, trigger="schedule")
    claimed = at_once(lambda: lease.claim(job.pk, lease.new_worker_name()))
    assert sum(found is not None for found in claimed) == 1
    assert Job.objects.get().state == "running"


def test_many_who_write_the_record_at_once_make_one_chain() -> None:
    at_once(lambda: audit.record("look", actor=None), many=8)
    assert audit.verify_chain().holds
    assert AuditHead.objects.get().count == AuditEvent.objects.count() == 8


def test_an_approval_is_used_once_by_whoever_comes_first(settings: Settings) -> None:
    settings.SECOND_PERSON = True
    asker, other = factories.superadmin(), factories.superadmin("dewi@qparkin.id")
    act = acts.empowering("wati@qparkin.id", "superadmin", "invite")
    assert act is not None
    wish = approving.ask(act, by=asker, path="/people/invite/", sent=[])
    approving.approve(wish, by=other)

    def use() -> bool:
        with suppress(SecondPersonWanted), approvals.used(act, by=asker):
            return True
        return False

    assert sorted(at_once(use)) == [False] * 5 + [True]  # type: ignore[type-var]
    assert Approval.objects.get().state == "used"
