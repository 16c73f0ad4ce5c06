"""What a bucket holds back by its lock is known, shown, and not even tried to be taken away."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from pytest_django import Settings

from backups.models import Archive, Copy, Job
from backups.services import catalogue, copies, prune, retained, shelves, storages, verify, work
from qparkin_backup.storages import Folder
from tests.engine.folders import tree
from tests.s3.servers import S3Server
from tests.services.on_shelves import keep_one_day, moment, stored, stored_daily

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _uploads(settings: Settings, tmp_path: Path) -> Iterator[None]:
    tree(tmp_path / "uploads", ["a.png"])
    settings.QPARKIN_FILES = (str(tmp_path / "uploads"),)
    settings.BACKUP_LOCAL_ROOT = str(tmp_path / "archives")
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def locking(moto_server: S3Server, settings: Settings) -> Any:
    """A bucket that knows locks, and the client of somebody else who looks into it."""
    bucket = f"locked-{secrets.token_hex(4)}"
    moto_server.client.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    settings.BACKUP_STORAGES = (moto_server.bucket(bucket, retain_days=30),)
    return bucket


def held(archive: Archive) -> datetime | None:
    return Copy.objects.get(archive=archive, storage="s3").retained_until


def is_about(found: datetime | None, days: int) -> bool:
    return found is not None and abs(found - moment(days)) < timedelta(minutes=5)


@pytest.mark.usefixtures("locking")
def test_retention_does_not_even_try_what_the_bucket_holds(settings: Settings) -> None:
    settings.BACKUP_KEEP_LAST = 1
    keep_one_day("s3")
    old = stored_daily(4)[-1]
    assert is_about(held(old), 30)
    _, plans = shelves.plan(timezone.now())
    assert plans["s3"].kept[old.pk].code == "locked"
    assert plans["s3"].dropped == {}


@pytest.mark.usefixtures("locking")
def test_it_is_asked_once_more_before_anything_is_taken_away(settings: Settings) -> None:
    """The row of an archive that an earlier version wrote says nothing of the lock."""
    settings.BACKUP_KEEP_LAST = 1
    keep_one_day("s3")
    old = stored_daily(3)[-1]
    Copy.objects.update(retained_until=None)
    job = work.run_here(prune.request_prune(requested_by=None, trigger="command"))
    assert job.result["dropped"] == []
    assert is_about(held(old), 30)


def test_a_copy_a_look_and_a_check_learn_of_it(
    locking: str, moto_server: S3Server, settings: Settings
) -> None:
    settings.BACKUP_STORAGES = (Folder("local"), *settings.BACKUP_STORAGES)
    archive = stored(timedelta(hours=1))
    work.run_here(copies.request_copy(archive, "s3", requested_by=None, trigger="schedule"))
    assert is_about(held(archive), 30)
    Archive.objects.all().delete()
    catalogue.sync()
    assert is_about(held(archive), 30)
    key = Copy.objects.get(storage="s3").name
    longer = {"Mode": "GOVERNANCE", "RetainUntilDate": moment(90)}
    moto_server.client.put_object_retention(Bucket=locking, Key=key, Retention=longer)  # type: ignore[arg-type]
    work.run_here(verify.request_verify(Archive.objects.get(), requested_by=None, trigger="command"))
    assert is_about(held(archive), 90)
    assert Job.objects.filter(state="failed").count() == 0


def test_a_bucket_that_does_not_answer_takes_nothing_back(
    locking: str, moto_server: S3Server, settings: Settings
) -> None:
    archive = stored(timedelta(hours=1))
    away = moto_server.bucket("a-bucket-that-there-is-not", retain_days=30)
    settings.BACKUP_STORAGES = (away,)
    retained.note(archive.pk, storages.first())
    assert is_about(held(archive), 30)


def test_a_folder_holds_nothing_back() -> None:
    archive = stored(timedelta(hours=1))
    retained.note(archive.pk, storages.first())
    assert Copy.objects.get(archive=archive).retained_until is None
