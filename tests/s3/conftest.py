"""Buckets on real servers of S3, and the proxy that fails between them and us."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.s3.ceph import ceph_running
from tests.s3.fault_proxy import FaultProxy, fault_proxy
from tests.s3.servers import S3Server, moto_running, rclone_running


@pytest.fixture(scope="session")
def moto_server() -> Iterator[S3Server]:
    with moto_running() as server:
        yield server


@pytest.fixture(scope="session")
def rclone_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rclone")


@pytest.fixture(scope="session")
def rclone_s3(rclone_folder: Path) -> Iterator[S3Server]:
    with rclone_running(rclone_folder) as server:
        yield server


@pytest.fixture(scope="session")
def radosgw(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with ceph_running(tmp_path_factory.mktemp("ceph")) as server:
        yield server


@pytest.fixture(params=["moto_server", "rclone_s3"])
def s3_server(request: pytest.FixtureRequest) -> S3Server:
    server: S3Server = request.getfixturevalue(request.param)
    return server


@pytest.fixture
def bucket(s3_server: S3Server) -> str:
    """Empty, and of this test alone."""
    name = f"archives-{secrets.token_hex(4)}"
    s3_server.client.create_bucket(Bucket=name)
    return name


@pytest.fixture
def proxy(s3_server: S3Server) -> Iterator[FaultProxy]:
    with fault_proxy(s3_server.endpoint) as running:
        yield running
