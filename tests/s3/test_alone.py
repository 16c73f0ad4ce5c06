"""No archive on this machine's disk: a bucket alone holds them, and every command works."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from tests.installation import Installation, copied
from tests.s3.fault_proxy import FaultProxy, fault_proxy
from tests.s3.servers import S3Server
from tests.scratch import ScratchDatabase
from tests.small_parking import installed_once, small_parking

__all__ = ["installed_once", "small_parking"]


@pytest.fixture
def installation(
    tmp_path: Path, small_parking: ScratchDatabase, installed_once: Installation
) -> Installation:
    return copied(installed_once, tmp_path, small_parking)


@pytest.mark.slow
def test_each_command_works_on_a_bucket_alone(
    installation: Installation, rclone_s3: S3Server, tmp_path: Path
) -> None:
    bucket = f"alone-{secrets.token_hex(4)}"
    rclone_s3.client.create_bucket(Bucket=bucket)
    with fault_proxy(rclone_s3.endpoint) as proxy:
        server = S3Server(proxy.url, "rclone")
        there = {**server.environment(bucket), "BACKUP_STORAGES": "s3"}
        made = installation.json("backup", **there)
        assert made["archive"].startswith(f"s3://{bucket}/")
        assert installation.files() == []
        (listed,) = installation.json("archives", **there)["archives"]
        assert (listed["id"], listed["bytes"]) == (made["id"], made["bytes"])
        assert installation.json("verify", "latest", "--deep", **there)["ok"]
        assert installation.json("drill", "latest", **there)["proven"]
        assert _restored(installation, proxy, there) == made["tables"]
        installation.json("restore", "latest", "--yes", **there)
        target = tmp_path / "got.zip"
        assert installation.manage("download", "latest", "--output", str(target), **there).status == 0
        assert target.stat().st_size == made["bytes"]
        assert made["id"] in [one["id"] for one in installation.json("prune", **there)["kept"]]
        assert rclone_s3.uploads(bucket) == []


def _restored(installation: Installation, proxy: FaultProxy, there: dict[str, str]) -> int:
    """Into a new database; how many tables."""
    name = f"{installation.database.name}__s3"
    proxy.forget()
    done = installation.json("restore", "latest", "--database", name, "--yes", **there)
    assert all(one.range for one in proxy.requests if one.target.endswith(".zip"))
    return int(done["tables"])
