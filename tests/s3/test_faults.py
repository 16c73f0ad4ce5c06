"""A bucket that fails: nothing is called done, nothing is left, the next try works."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from backups.engine.errors import (
    DeleteRefused,
    ListRefused,
    StorageFailed,
    StorageRefused,
    StorageUnfaithful,
    StorageUnreachable,
)
from backups.services.s3 import listing
from backups.services.s3.asking import Asking
from backups.services.s3.patience import Patience
from backups.services.s3.storage import S3Storage
from tests.s3.fault_proxy import Fault, FaultProxy, fault_proxy
from tests.s3.servers import S3Server

PART = 5 * 1024 * 1024
LARGE = random.Random(1).randbytes(2 * PART + 100_000)
SMALL = b"a small one"
SOON = Patience(attempts=4, first=0.01, longest=0.05)
CUT = [
    Fault(status=500),
    Fault(status=503),
    Fault(reset_request_after=10),
    Fault(lose_answer=True),
]


def storage_at(endpoint: str, server: S3Server, bucket: str, patience: Patience = SOON) -> S3Storage:
    place = S3Server(endpoint, server.kind, server.secret_key).bucket(bucket, prefix="p/")
    return S3Storage(Asking(place, patience), part_size=PART)


@pytest.fixture
def storage(proxy: FaultProxy, s3_server: S3Server, bucket: str) -> S3Storage:
    return storage_at(proxy.url, s3_server, bucket)


@pytest.fixture
def nothing_left(s3_server: S3Server, bucket: str) -> Callable[[], bool]:
    return lambda: s3_server.keys(bucket) == [] and s3_server.uploads(bucket) == []


def write(storage: S3Storage, content: bytes) -> None:
    with storage.create("a.zip") as file:
        file.write(content)


def read(storage: S3Storage) -> bytes:
    with storage.open("a.zip") as file:
        return file.read()


@pytest.mark.parametrize("fault", CUT)
@pytest.mark.parametrize("query", ["uploads", "partNumber=2", "uploadId"])
def test_a_passing_fault_is_passed_over(
    storage: S3Storage, proxy: FaultProxy, s3_server: S3Server, bucket: str, fault: Fault, query: str
) -> None:
    method = "POST" if query != "partNumber=2" else "PUT"
    armed = proxy.arm(fault, method=method, query=query, times=2)
    write(storage, LARGE)
    proxy.disarm()
    assert armed.hits >= 1
    assert read(storage) == LARGE
    assert s3_server.uploads(bucket) == []


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("fault", CUT)
def test_a_lasting_fault_leaves_nothing_and_the_next_try_works(
    storage: S3Storage, proxy: FaultProxy, nothing_left: Callable[[], bool], content: bytes, fault: Fault
) -> None:
    proxy.arm(fault, method="PUT", times=99)
    with pytest.raises(StorageUnreachable):
        write(storage, content)
    proxy.disarm()
    assert nothing_left()
    write(storage, content)
    assert read(storage) == content


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])
def test_another_checksum_is_no_success(
    storage: S3Storage, proxy: FaultProxy, nothing_left: Callable[[], bool], content: bytes
) -> None:
    proxy.arm(Fault(headers=(("ETag", f'"{"0" * 32}"'),)), method="PUT", times=1)
    with pytest.raises(StorageUnfaithful):
        write(storage, content)
    proxy.disarm()
    assert nothing_left()


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=503),
        Fault(close_answer_after=70_000),
        Fault(reset_answer_after=1_000_000),
        Fault(reset_answer_after=0),
    ],
)
def test_a_body_that_breaks_off_is_taken_up_again(
    storage: S3Storage, proxy: FaultProxy, fault: Fault
) -> None:
    write(storage, LARGE)
    proxy.arm(fault, method="GET", times=3, skip=1)
    assert read(storage) == LARGE


def test_short_data_is_never_the_end(storage: S3Storage, proxy: FaultProxy) -> None:
    write(storage, LARGE)
    with storage.open("a.zip") as file:
        proxy.arm(Fault(close_answer_after=1_000), method="GET", times=99)
        with pytest.raises(StorageUnreachable):
            file.read()


def test_an_object_that_changes_while_it_is_read_is_an_error(
    storage: S3Storage, s3_server: S3Server, bucket: str
) -> None:
    write(storage, LARGE)
    with storage.open("a.zip") as file:
        file.read(10)
        s3_server.client.put_object(Bucket=bucket, Key="p/a.zip", Body=LARGE[::-1])
        with pytest.raises(StorageUnfaithful):
            file.read()


def test_a_listing_that_is_refused_or_empty_or_cut_is_no_empty_storage(
    storage: S3Storage, proxy: FaultProxy
) -> None:
    write(storage, SMALL)
    listing = {"method": "GET", "query": "list-type=2", "times": 99}
    proxy.arm(Fault(status=403), **listing)
    with pytest.raises(ListRefused):
        storage.names()
    for fault in (Fault(body=b""), Fault(body=b"<html>hello</html>"), Fault(close_answer_after=200)):
        proxy.disarm()
        proxy.arm(fault, **listing)
        with pytest.raises(StorageFailed):
            storage.names()


def test_a_bucket_that_somebody_filled_is_said_and_not_taken_into_memory(
    storage: S3Storage, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An endpoint that always has one page more."""
    write(storage, SMALL)
    page = (
        b"<?xml version='1.0'?><ListBucketResult><IsTruncated>true</IsTruncated>"
        b"<NextContinuationToken>again</NextContinuationToken></ListBucketResult>"
    )
    proxy.arm(Fault(status=200, body=page), method="GET", query="list-type=2", times=99)
    monkeypatch.setattr(listing, "MOST_PAGES", 5)
    with pytest.raises(StorageFailed, match="more lies there"):
        storage.names()


def test_a_refusal_is_never_missing(storage: S3Storage, proxy: FaultProxy) -> None:
    proxy.arm(Fault(status=403), times=99)
    for ask in (storage.stat, storage.exists, storage.open):
        with pytest.raises(StorageRefused):
            ask("a.zip")
    with pytest.raises(DeleteRefused):
        storage.delete("a.zip")


def test_a_key_that_may_only_put_and_get_is_enough(storage: S3Storage, proxy: FaultProxy) -> None:
    for query in ("list-type=2", "uploads="):
        proxy.arm(Fault(status=403), method="GET", query=query, times=99)
    proxy.arm(Fault(status=403), method="DELETE", times=99)
    write(storage, LARGE)
    assert read(storage) == LARGE


def test_a_wrong_bucket_is_not_a_missing_name(s3_server: S3Server) -> None:
    storage = storage_at(s3_server.endpoint, s3_server, "no-such-bucket")
    for ask in (lambda: storage.stat("a.zip"), storage.names, lambda: write(storage, SMALL)):
        with pytest.raises(StorageFailed, match="no such bucket"):
            ask()


def test_a_wrong_secret_is_told_and_not_repeated(rclone_s3: S3Server) -> None:
    wrong = S3Server(rclone_s3.endpoint, "rclone", "wr0ng-s3cret")
    storage = storage_at(rclone_s3.endpoint, wrong, "any")
    with pytest.raises(StorageFailed, match="the secret key does not belong") as caught:
        storage.names()
    assert "wr0ng" not in str(caught.value) + repr(storage) + repr(caught.value.params)


@pytest.mark.parametrize(
    ("endpoint", "told"),
    [
        ("http://127.0.0.1:1", "nothing listens"),
        ("http://no-such-host.invalid", "no machine has the name"),
    ],
)
def test_an_address_that_leads_nowhere_is_told(moto_server: S3Server, endpoint: str, told: str) -> None:
    storage = storage_at(endpoint, moto_server, "any", Patience(attempts=2, first=0.01))
    with pytest.raises(StorageUnreachable, match=told):
        storage.names()


def test_plain_http_behind_https_is_told(moto_server: S3Server) -> None:
    endpoint = moto_server.endpoint.replace("http:", "https:")
    storage = storage_at(endpoint, moto_server, "any", Patience(attempts=2, first=0.01))
    with pytest.raises(StorageUnreachable, match="does not speak TLS"):
        storage.names()


def test_a_sweep_leaves_what_is_being_written(storage: S3Storage, s3_server: S3Server, bucket: str) -> None:
    left = s3_server.client.create_multipart_upload(Bucket=bucket, Key="p/dead.zip")
    s3_server.client.upload_part(
        Bucket=bucket, Key="p/dead.zip", UploadId=left["UploadId"], PartNumber=1, Body=b"x"
    )
    s3_server.client.create_multipart_upload(Bucket=bucket, Key="elsewhere/theirs.zip")
    with storage.create("alive.zip") as file:
        file.write(LARGE)
        assert storage.sweep(lambda name, _: name == "alive.zip") == ["dead.zip"]
    assert "p/alive.zip" in s3_server.keys(bucket)


def test_a_lock_is_set_and_read_back(moto_server: S3Server) -> None:
    """moto, as some others do, drops the lock of a multipart upload without a word."""
    bucket = "locked-archives"
    moto_server.client.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    place = moto_server.bucket(bucket, retain_days=3)
    storage = S3Storage(Asking(place, SOON), part_size=PART)
    for name, content in (("small", SMALL), ("large", LARGE)):
        with storage.create(name) as file:
            file.write(content)
        stored = storage.stat(name)
        assert stored is not None
        assert stored.retained_until is not None


def test_a_server_without_locks_keeps_the_archive_as_it_is(rclone_s3: S3Server) -> None:
    """rclone takes a lock that is set apart for a new object; it is asked first whether it knows any."""
    rclone_s3.client.create_bucket(Bucket="unlocked")
    storage = S3Storage(Asking(rclone_s3.bucket("unlocked", retain_days=3), SOON), part_size=PART)
    write(storage, LARGE)
    assert read(storage) == LARGE


def test_the_proxy_itself_changes_nothing(s3_server: S3Server, bucket: str) -> None:
    with fault_proxy(s3_server.endpoint) as proxy:
        storage = storage_at(proxy.url, s3_server, bucket)
        write(storage, LARGE)
        assert read(storage) == LARGE
        assert sum(request.sent for request in proxy.requests) >= len(LARGE)
