"""Is the data safe? One answer, the gravest reason first; and what a mall admin may know."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, time, timedelta

import pytest

from backups import mall_queries, queries
from backups.models import Archive, Job, Proof, Schedule, User

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)


def archive(pk: str = "a", hours: int = 1, **values: object) -> Archive:
    values = {"database": "qparkin", "purpose": "schedule", **values}
    return Archive.objects.create(id=pk, created=NOW - timedelta(hours=hours), **values)


def proof(of: Archive, *, proven: bool = True, hours: int = 1) -> None:
    Proof.objects.create(archive=of, made_at=NOW - timedelta(hours=hours), proven=proven, equal=proven)


def verdict() -> tuple[str, str]:
    found = queries.home_state("qparkin", NOW)
    return found.state, found.reason


def test_at_first_it_waits() -> None:
    assert verdict() == ("waiting", "no_backup_yet")


def test_a_fresh_proven_backup_is_safe() -> None:
    proof(archive())
    assert verdict() == ("safe", "proven")


def test_a_backup_that_was_never_proven_is_not_called_safe() -> None:
    made = archive()
    assert verdict() == ("attention", "never_proven")
    Job.objects.create(kind="drill", system="qparkin", archive=made)
    assert verdict() == ("waiting", "proof_running")


@pytest.mark.parametrize(
    ("hours", "proof_hours", "reason"),
    [(30, 1, "backup_old"), (1, 24 * 9, "proof_old"), (1, 24 * 31, "proof_very_old")],
)
def test_age_is_not_safety(hours: int, proof_hours: int, reason: str) -> None:
    # Made here: a test that empties the tables takes along what the migrations had put there.
    Schedule.objects.update_or_create(
        name="daily", defaults={"every": "daily", "at": time(2), "enabled": True}
    )
    proof(archive(hours=hours), hours=proof_hours)
    assert verdict() == ("attention", reason)


def test_a_failed_proof_outweighs_an_older_good_one() -> None:
    made = archive()
    proof(made, hours=3)
    proof(made, proven=False, hours=2)
    assert verdict() == ("attention", "proof_failed")
    assert made.proven_at is None


@pytest.mark.parametrize("state", ["failed", "interrupted"])
def test_a_failed_backup_is_said_until_one_succeeds(state: str) -> None:
    proof(archive())
    Job.objects.create(kind="backup", system="qparkin", state=state, created_at=NOW - timedelta(minutes=9))
    assert verdict() == ("attention", "last_backup_failed")
    Job.objects.create(kind="backup", system="qparkin", state="done", created_at=NOW)
    assert verdict() == ("safe", "proven")


def test_files_alone_do_not_hide_that_the_database_was_not_backed_up() -> None:
    proof(archive())
    ago = NOW - timedelta(minutes=9)
    Job.objects.create(kind="backup", system="qparkin", state="failed", created_at=ago)
    files = {"content": "files"}
    Job.objects.create(kind="backup", system="qparkin", state="done", options=files, created_at=NOW)
    assert verdict() == ("attention", "last_backup_failed")


def test_a_damaged_archive_is_said() -> None:
    proof(archive())
    archive("b", hours=5, state="damaged")
    assert verdict() == ("attention", "archive_damaged")


def test_a_safety_backup_is_not_the_last_good_one() -> None:
    made = archive()
    archive("s", hours=0, purpose="safety")
    assert queries.last_good_archive("qparkin") == made


def test_pruned_archives_are_gone_from_lists_but_not_from_history() -> None:
    made = archive()
    job = Job.objects.create(kind="verify", system="qparkin", archive=made)
    Archive.objects.filter(pk="a").update(pruned_at=NOW)
    assert not queries.archives().exists()
    job.refresh_from_db()
    assert job.archive == made


def test_a_mall_admin_learns_no_place_no_size_and_no_error() -> None:
    proof(archive(bytes=12345))
    person = User(email="m@qparkin.example", role="admin_mall", mall_id=1)
    assert {field.name for field in fields(mall_queries.mall_home(person, "qparkin"))} == {
        "state",
        "last_backup_at",
        "next_run_at",
        "last_proof_at",
        "figures",
    }
    assert {
        field.name for field in fields(mall_queries.as_mall_sees(mall_queries.mall_archives("qparkin")[0]))
    } == {
        "created",
        "state",
        "proven_at",
        "content",
    }
