"""A key that may put and get, and neither list nor delete: S3 then refuses what is not there, too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from backups.engine.errors import ArchiveDamaged
from backups.engine.stream import Silent
from backups.models import Archive, Copy, Job, StorageState
from backups.services import (
    aftermath,
    catalogue,
    copies,
    drill,
    policies,
    prune,
    restore,
    status,
    storages,
    thinning,
    verify,
    work,
)
from backups.services.backup import request_backup
from backups.services.download import save_download
from backups.services.retention import PRESET, Policy
from backups.services.s3 import patience
from backups.services.s3.patience import Patience
from backups.services.storage_test import run_test
from qparkin_backup.storages import Folder
from tests.s3.fault_proxy import Fault, FaultProxy
from tests.s3.servers import S3Server
from tests.scratch import ScratchDatabase
from tests.services.conftest import _nothing_remembered, archives_in, parking
from tests.small_parking import small_parking
from tests.web import factories

__all__ = ["_nothing_remembered", "archives_in", "parking", "small_parking"]

pytestmark = pytest.mark.django_db(transaction=True)

ALWAYS = 10**6


@pytest.fixture(autouse=True)
def _no_long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "OF_A_JOB", Patience(attempts=3, first=0.01, longest=0.05))


@pytest.fixture
def s3_server(moto_server: S3Server) -> S3Server:
    """One server is enough: what it may not do is refused by the proxy."""
    return moto_server


@pytest.fixture
def poor(proxy: FaultProxy, s3_server: S3Server) -> S3Server:
    """The server as the poor key sees it."""
    for query in ("list-type=2", "uploads="):
        proxy.arm(Fault(status=403), method="GET", query=query, times=ALWAYS)
    proxy.arm(Fault(status=403), method="DELETE", times=ALWAYS)
    proxy.arm(Fault(hide_missing=True), method="GET|HEAD", times=ALWAYS)
    return S3Server(proxy.url, s3_server.kind, s3_server.secret_key)


@pytest.fixture
def alone(poor: S3Server, bucket: str, settings: Settings, parking: ScratchDatabase) -> S3Server:
    settings.BACKUP_STORAGES = (poor.bucket(bucket),)
    return poor


@pytest.fixture
def beside(poor: S3Server, bucket: str, settings: Settings, parking: ScratchDatabase) -> S3Server:
    settings.BACKUP_STORAGES = (Folder("local"), poor.bucket(bucket))
    return poor


def backed_up() -> Archive:
    job = work.run_here(request_backup(requested_by=None, trigger="command"))
    assert job.archive is not None
    return job.archive


def copied(archive: Archive) -> Job:
    return work.run_here(copies.request_copy(archive, "s3", requested_by=None, trigger="schedule"))


def at_s3(archive: Archive) -> Copy:
    return Copy.objects.get(archive=archive, storage="s3")


def test_it_is_enough_for_the_whole_road(
    alone: S3Server, s3_server: S3Server, bucket: str, tmp_path: Path, parking: ScratchDatabase
) -> None:
    first, second = backed_up(), backed_up()
    assert (first.sequence, second.sequence) == (1, 2)
    assert len(s3_server.keys(bucket)) == 4
    assert work.run_here(
        verify.request_verify(first, requested_by=None, trigger="command", deep=True)
    ).result["ok"]
    assert work.run_here(drill.request_drill(second, requested_by=None, trigger="command")).result["proven"]
    target = f"{parking.name}__look"
    done = work.run_here(restore.request_restore(first, requested_by=None, trigger="command", target=target))
    assert done.result["tables"] == 3
    assert save_download(second, tmp_path / "got.zip", by=None, progress=Silent())
    cache.delete(catalogue.LOOKED)
    assert status.home_state().state == "safe"
    assert not StorageState.objects.exclude(problem_code__in=("", "list_refused")).exists()


def test_retention_says_that_it_happens_elsewhere(alone: S3Server, superadmin_page: Any) -> None:
    made = [backed_up() for _ in range(3)]
    policies.change("s3", Policy(0, 0, 0, 0, 0), by=None)
    result = work.run_here(prune.request_prune(requested_by=None, trigger="command")).result
    assert result["dropped"] == []
    assert result["skipped"] == [{"storage": "s3", "code": "list_refused"}]
    assert {line["id"] for line in result["kept"]} == {archive.pk for archive in made}
    assert thinning.start_when_due(timezone.now()) is None
    assert "tidak mengizinkan panel melihat" in superadmin_page("/retention/")


def test_copies_are_made_and_checked_and_nothing_counts_as_missing(
    beside: S3Server, s3_server: S3Server, bucket: str
) -> None:
    archive = backed_up()
    assert copied(archive).result["sha256"]
    assert len(s3_server.keys(bucket)) == 2
    assert catalogue.look() == ()
    assert at_s3(archive).state == "whole"
    checked = verify.request_verify(archive, requested_by=None, trigger="command", storage="s3")
    assert work.run_here(checked).result["ok"]
    # Asked for once more, it stands there already.
    assert copied(archive).result["name"] == at_s3(archive).name


def test_a_damaged_copy_gets_a_good_one_beside_it(beside: S3Server, s3_server: S3Server, bucket: str) -> None:
    archive = backed_up()
    copied(archive)
    copy = at_s3(archive)
    content = s3_server.client.get_object(Bucket=bucket, Key=copy.name)["Body"].read()
    s3_server.client.put_object(
        Bucket=bucket, Key=copy.name, Body=content[:-200] + bytes(100) + content[-100:]
    )
    with pytest.raises(ArchiveDamaged):
        work.run_here(verify.request_verify(archive, requested_by=None, trigger="command", storage="s3"))
    done = copied(archive)
    assert done.result["repaired"]
    assert (at_s3(archive).state, at_s3(archive).name) == ("whole", done.result["name"])
    assert done.result["name"] != copy.name


def test_a_copy_that_is_gone_there_is_noticed_when_it_is_read(
    beside: S3Server, s3_server: S3Server, bucket: str
) -> None:
    """Refused is all that such a key is told; that is no proof, and no comfort."""
    archive = backed_up()
    copied(archive)
    for key in s3_server.keys(bucket):
        s3_server.client.delete_object(Bucket=bucket, Key=key)
    with pytest.raises(Exception, match="s3"):
        work.run_here(verify.request_verify(archive, requested_by=None, trigger="command", storage="s3"))


def test_what_rests_on_a_copy_there_goes_here_once_that_is_seen_to_lie_there(
    beside: S3Server, s3_server: S3Server, bucket: str, settings: Settings
) -> None:
    settings.BACKUP_KEEP_LAST = 1
    old, new = backed_up(), backed_up()
    policies.change("local", Policy(0, 0, 0, 0, 0), by=None)
    policies.change("s3", PRESET, by=None)
    copied(old)
    copied(new)
    dropped = work.run_here(prune.request_prune(requested_by=None, trigger="command")).result["dropped"]
    assert [(line["id"], line["storage"]) for line in dropped] == [(old.pk, "local")]
    assert storages.whole(old)[0][0].name == "s3"


def test_after_a_job_that_died_the_others_are_still_looked_after(
    beside: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it sealed is read back, also while one storage does not tell what it holds."""
    archive = backed_up()
    job = Job.objects.get(kind="backup")
    Job.objects.filter(pk=job.pk).update(state="interrupted", archive_begun=archive.pk)
    Archive.with_pruned.filter(pk=archive.pk).delete()
    aftermath.look_after(timezone.now())
    assert Archive.objects.filter(pk=archive.pk).exists()
    assert Job.objects.filter(kind="verify", archive=archive.pk).exists()
    job.refresh_from_db()
    assert job.archive_begun == ""


def test_the_test_of_the_storage_says_what_is_missing(
    poor: S3Server, bucket: str, settings: Settings
) -> None:
    settings.BACKUP_STORAGES = (poor.bucket(bucket),)
    tested = run_test(storages.first())
    assert tested.enough
    assert {step.name for step in tested.missing} == {"list", "delete"}


@pytest.fixture
def superadmin_page(parking: ScratchDatabase) -> Any:
    client = Client()
    factories.sign_in(client, factories.superadmin())
    return lambda address: client.get(address).content.decode()
