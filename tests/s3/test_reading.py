"""Only what is needed is fetched; a key's rights are tested and told; memory stays bounded."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import zipfile
from dataclasses import asdict

import pytest
from pytest_django import Settings

from backups.checks import storages_can_be_listed
from backups.services.s3.asking import Asking
from backups.services.s3.patience import Patience
from backups.services.s3.storage import S3Storage
from backups.services.storage_test import run_test
from tests.s3.fault_proxy import Fault, FaultProxy
from tests.s3.servers import S3Server

MB = 1_000_000
STREAM = """
import json, sys
from backups.services.s3.asking import Asking
from backups.services.s3.storage import S3Storage
from qparkin_backup.buckets import Bucket
storage = S3Storage(Asking(Bucket(**json.load(sys.stdin))))
block = bytes(range(256)) * 4096
with storage.create("large") as file:
    for _ in range(1100):
        file.write(block)
size = 0
with storage.open("large") as file:
    while found := file.read(len(block)):
        assert found == block
        size += len(found)
storage.delete("large")
# Not ru_maxrss, which begins with what the parent had.
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(size, int(peak.split()[1]) * 1024)
"""


@pytest.fixture
def storage(proxy: FaultProxy, s3_server: S3Server, bucket: str) -> S3Storage:
    place = S3Server(proxy.url, s3_server.kind).bucket(bucket)
    return S3Storage(Asking(place, Patience(attempts=2, first=0.01)))


def test_one_member_of_many_costs_little_more_than_itself(storage: S3Storage, proxy: FaultProxy) -> None:
    content = random.Random(3).randbytes(MB)
    with storage.create("a.zip") as file, zipfile.ZipFile(file, "w") as packed:
        for number in range(30):
            packed.writestr(f"data/{number}", content)
    proxy.forget()
    with storage.open("a.zip") as file, zipfile.ZipFile(file) as found:
        assert found.read("data/17") == content
    assert sum(request.received for request in proxy.requests) < 1.5 * MB
    assert len(proxy.requests) < 6


def test_a_storage_that_does_all_is_well(storage: S3Storage, s3_server: S3Server, bucket: str) -> None:
    tested = run_test(storage)
    assert (tested.enough, tested.missing) == (True, ())
    assert s3_server.keys(bucket) == []


def test_a_key_that_may_only_put_and_get_is_enough_and_told(storage: S3Storage, proxy: FaultProxy) -> None:
    proxy.arm(Fault(status=403), method="GET", query="list-type=2", times=9)
    proxy.arm(Fault(status=403), method="DELETE", times=9)
    tested = run_test(storage)
    assert tested.enough
    told = {step.name: step.problem.code for step in tested.missing if step.problem}
    assert told == {"list": "list_refused", "delete": "delete_refused"}


def test_a_key_that_may_not_write_is_not_enough(storage: S3Storage, proxy: FaultProxy) -> None:
    proxy.arm(Fault(status=403), method="PUT", times=9)
    tested = run_test(storage)
    assert not tested.enough
    assert [(step.name, step.tried) for step in tested.missing] == [
        ("write", True),
        ("read", False),
        ("delete", False),
    ]


@pytest.mark.slow
def test_more_than_a_gigabyte_in_little_memory(rclone_s3: S3Server) -> None:
    rclone_s3.client.create_bucket(Bucket="stream")
    place = json.dumps(asdict(rclone_s3.bucket("stream")))
    done = subprocess.run(
        [sys.executable, "-c", STREAM], input=place, capture_output=True, text=True, check=True
    )
    size, peak = map(int, done.stdout.split())
    assert size == 1100 * 1024 * 1024
    assert peak < 250 * MB


def test_a_key_that_may_not_list_is_a_warning_and_no_error(
    proxy: FaultProxy, s3_server: S3Server, bucket: str, settings: Settings
) -> None:
    settings.BACKUP_STORAGES = (S3Server(proxy.url, s3_server.kind).bucket(bucket),)
    assert storages_can_be_listed() == []
    proxy.arm(Fault(status=403), method="GET", query="list-type=2", times=9)
    assert [message.id for message in storages_can_be_listed()] == ["backups.W004"]
