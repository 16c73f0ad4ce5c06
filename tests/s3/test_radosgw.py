"""Object lock where it is no imitation: Ceph's gateway lets go of nothing before its day, whoever asks."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from backups.services.s3.asking import Asking
from backups.services.s3.patience import Patience
from backups.services.s3.storage import S3Storage
from tests.s3.servers import S3Server
from tests.s3.test_contract import SMALLEST_PART, noise

pytestmark = pytest.mark.slow

SOON = Patience(attempts=3, first=0.05)


@pytest.mark.parametrize("size", [1000, 2 * SMALLEST_PART + 5])
def test_the_lock_of_an_object_holds_and_is_read_back(radosgw: S3Server, size: int) -> None:
    bucket, client = f"locked-{secrets.token_hex(4)}", radosgw.client
    client.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    storage = S3Storage(Asking(radosgw.bucket(bucket, retain_days=3), SOON), part_size=SMALLEST_PART)
    content = noise(size)
    with storage.create("a.zip") as file:
        file.write(content)
    stored = storage.stat("a.zip")
    assert stored is not None
    assert stored.retained_until is not None
    assert abs(stored.retained_until - datetime.now(UTC) - timedelta(days=3)) < timedelta(minutes=5)
    (version,) = client.list_object_versions(Bucket=bucket)["Versions"]
    with pytest.raises(ClientError, match="AccessDenied"):
        client.delete_object(Bucket=bucket, Key="a.zip", VersionId=version["VersionId"])
    with storage.open("a.zip") as file:
        assert file.read() == content


def test_a_bucket_without_locks_takes_the_archive_all_the_same(radosgw: S3Server) -> None:
    bucket = f"unlocked-{secrets.token_hex(4)}"
    radosgw.client.create_bucket(Bucket=bucket)
    storage = S3Storage(Asking(radosgw.bucket(bucket), SOON))
    with storage.create("a.zip") as file:
        file.write(b"x")
    stored = storage.stat("a.zip")
    assert stored is not None
    assert stored.retained_until is None
    storage.delete("a.zip")
    assert storage.names() == []
