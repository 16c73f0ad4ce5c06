"""The connection: configured by django-storages, boto3 underneath."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from botocore.config import Config
from storages.backends.s3 import S3Storage as Configured

from backups.engine.errors import StorageFailed
from qparkin_backup import addresses
from qparkin_backup.buckets import Bucket

from .judged import judge

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONNECT_SECONDS, ANSWER_SECONDS = 10, 60


def client_of(place: Bucket) -> S3Client:
    if place.endpoint:
        _refuse_forbidden(place)
    # A connection that a parent process has open is not its children's to write to.
    return _client(place, os.getpid())


@lru_cache(maxsize=32)
def _client(place: Bucket, _process: int) -> S3Client:
    configured = Configured(
        bucket_name=place.bucket,
        # None lets boto3 look: environment, role of the machine.
        access_key=place.access_key or None,
        secret_key=place.secret_key or None,
        endpoint_url=place.endpoint or None,
        region_name=place.region or ("us-east-1" if place.endpoint else None),
        client_config=_config(place),
    )
    client: S3Client = configured.connection.meta.client
    if place.endpoint:
        judge(client)
    return client


def _config(place: Bucket) -> Config:
    return Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=ANSWER_SECONDS,
        tcp_keepalive=True,
        # Ours knows how far a body has come, and is told when the work is cancelled.
        retries={"mode": "standard", "total_max_attempts": 1},
        signature_version="s3v4",
        # Newer boto3 adds checksums that R2, Ceph and older MinIO refuse. In their stead each body is signed
        # with its SHA-256 and sent with its MD5, which every server compares.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={
            "payload_signing_enabled": True,
            # Few own servers have a certificate, or a name in the DNS, for each bucket.
            "addressing_style": "path" if place.endpoint else "auto",
        },
        user_agent_extra="qparkin-backup",
    )


def _refuse_forbidden(place: Bucket) -> None:
    parts = urlsplit(place.endpoint)
    if addresses.leads_astray(parts.hostname or "", parts.port):
        raise StorageFailed(storage=place.name, reason="its address is one that no storage has")
