"""A test of a storage says what its owner has to allow, word for word."""

from __future__ import annotations

import errno
import json
import os
import secrets
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from backups.engine.errors import StorageFailed
from backups.engine.storage import LocalStorage
from backups.models import AuditEvent
from backups.services import storage_needs, storages
from backups.services.refusals import StorageUnknown
from qparkin_backup.storages import Folder
from tests.s3.fault_proxy import Fault, FaultProxy
from tests.s3.servers import S3Server


@pytest.fixture
def place(proxy: FaultProxy, s3_server: S3Server, bucket: str, settings: Settings) -> str:
    settings.BACKUP_STORAGES = (S3Server(proxy.url, s3_server.kind).bucket(bucket, prefix="malls/"),)
    return bucket


def missing() -> dict[str, object]:
    needs = storage_needs.needs(storage_needs.tested(storages.first()))
    return json.loads(needs.policy) if needs.policy else {}


def actions(policy: dict[str, object]) -> dict[str, list[str]]:
    return {line["Resource"]: line["Action"] for line in policy.get("Statement", [])}  # type: ignore[attr-defined, index]


@pytest.mark.usefixtures("place")
def test_a_key_that_may_do_all_needs_nothing() -> None:
    assert missing() == {}


def test_the_policy_names_what_is_refused_and_nothing_else(place: str, proxy: FaultProxy) -> None:
    proxy.arm(Fault(status=403), method="GET", query="list-type=2", times=9)
    proxy.arm(Fault(status=403), method="DELETE", times=9)
    assert actions(missing()) == {
        f"arn:aws:s3:::{place}/malls/*": ["s3:DeleteObject"],
        f"arn:aws:s3:::{place}": ["s3:ListBucket", "s3:ListBucketMultipartUploads"],
    }


def test_a_key_that_may_not_write_needs_to_put(place: str, proxy: FaultProxy) -> None:
    proxy.arm(Fault(status=403), method="PUT", times=9)
    assert actions(missing()) == {
        f"arn:aws:s3:::{place}/malls/*": ["s3:PutObject", "s3:AbortMultipartUpload"]
    }


def test_a_key_that_may_not_look_at_what_it_wrote_needs_to_get(place: str, proxy: FaultProxy) -> None:
    proxy.arm(Fault(status=403), method="GET", times=99)
    found = actions(missing())
    assert found[f"arn:aws:s3:::{place}/malls/*"] == ["s3:GetObject"]


@pytest.mark.usefixtures("place")
def test_a_server_that_is_away_needs_no_right(proxy: FaultProxy) -> None:
    proxy.arm(Fault(status=503), times=99)
    assert missing() == {}


@pytest.mark.parametrize("locking", [True, False])
def test_a_lock_that_is_asked_for_is_tested(locking: bool, moto_server: S3Server, settings: Settings) -> None:
    bucket = f"locks-{secrets.token_hex(4)}"
    moto_server.client.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=locking)
    settings.BACKUP_STORAGES = (moto_server.bucket(bucket, retain_days=1),)
    done = storage_needs.tested(storages.first())
    assert "lock" in [step.name for step in done.steps]
    assert (done.enough, done.missing == ()) == (locking, locking)
    if not locking:
        assert "no object lock" in str(done.missing[0].problem)


@pytest.mark.django_db
def test_a_folder_of_another_account_has_a_command(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BACKUP_STORAGES = (Folder("nas", str(tmp_path / "nas")),)

    def refuse(self: LocalStorage) -> None:
        raise StorageFailed(storage=self.name, reason=os.strerror(errno.EACCES))

    # The suite may run as root, which no folder refuses.
    monkeypatch.setattr(LocalStorage, "_make_root", refuse)
    done = storage_needs.try_out("nas", by=None)
    assert not done.enough
    assert f" {tmp_path}/nas && sudo chmod 700 {tmp_path}/nas" in storage_needs.needs(done).command
    event = AuditEvent.objects.get(action="test_storage")
    assert (event.outcome, event.details["missing"]) == ("failed", ["write", "read", "delete"])


@pytest.mark.django_db
def test_a_storage_that_there_is_not_is_refused() -> None:
    with pytest.raises(StorageUnknown):
        storage_needs.try_out("mars", by=None)
    assert not AuditEvent.objects.exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("place")
def test_the_command_says_the_same(proxy: FaultProxy, capsys: pytest.CaptureFixture[str]) -> None:
    proxy.arm(Fault(status=403), method="DELETE", times=9)
    call_command("check_storages")
    assert '"s3:DeleteObject"' in capsys.readouterr().out
    call_command("check_storages", "--json")
    (told,) = json.loads(capsys.readouterr().out)["storages"]
    assert (told["enough"], told["rights"]) == (True, ["s3:DeleteObject"])
