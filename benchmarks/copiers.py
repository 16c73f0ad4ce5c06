"""Who copies, each as a process of its own: `python -m benchmarks.copiers ours-up FOLDER ENDPOINT`."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backups.engine import pipeline
from backups.engine.database import Server
from backups.engine.pace import NO_LIMITS
from backups.engine.pipeline.names import archive_of
from backups.engine.storage import ArchiveStorage, LocalStorage
from backups.engine.stream import Silent

from .ours import DATABASE, keys_in

# Of a server on loopback that lives for as long as the benchmark.
ACCESS_KEY, SECRET_KEY, BUCKET = "BENCHMARK123", "of-this-benchmark-alone", "bench"
MB = 1024 * 1024


def make_archive(folder: Path, megabytes: int) -> None:
    """Once, of a folder whose files nobody can make smaller; no server is asked for anything."""
    storage = LocalStorage(folder / "archives")
    if any(stored.name.endswith(".zip") for stored in storage.names()):
        return
    source = folder / "source"
    source.mkdir(parents=True, exist_ok=True)
    for number in range(megabytes // 16):
        (source / f"photo-{number:04}.jpg").write_bytes(os.urandom(16 * MB))
    now = datetime.now(UTC)
    order = pipeline.BackupOrder(
        pipeline.new_archive_id(now), now, 1, "", "command", folders=(str(source),), with_database=False
    )
    pipeline.back_up(
        Server(username=""), database=DATABASE, order=order, storage=storage, keys=keys_in(folder),
        progress=Silent(), limits=NO_LIMITS,
    )  # fmt: skip
    shutil.rmtree(source)


def archive_in(folder: Path) -> Path:
    (found,) = (folder / "archives").glob("*.zip")
    return found


def _ours_up(folder: Path, endpoint: str) -> None:
    _copy(LocalStorage(folder / "archives"), _bucket(endpoint), folder)


def _ours_down(folder: Path, endpoint: str) -> None:
    _copy(_bucket(endpoint), LocalStorage(folder / "fetched", "fetched"), folder)


def _copy(source: ArchiveStorage, target: ArchiveStorage, folder: Path) -> None:
    name = archive_in(folder).name
    pipeline.copy(pipeline.Source(source, name, archive_of(name), keys_in(folder)), target, progress=Silent())


def _bucket(endpoint: str) -> ArchiveStorage:
    from django.conf import settings

    # django-storages looks there for what it was not given.
    settings.configure()
    from backups.services.s3.asking import Asking
    from backups.services.s3.storage import S3Storage
    from qparkin_backup.buckets import Bucket

    return S3Storage(Asking(Bucket("s3", BUCKET, endpoint, "us-east-1", "", ACCESS_KEY, SECRET_KEY)))


def _boto_up(folder: Path, endpoint: str) -> None:
    archive = archive_in(folder)
    _boto(endpoint).upload_file(str(archive), BUCKET, archive.name)


def _boto_down(folder: Path, endpoint: str) -> None:
    name = archive_in(folder).name
    _boto(endpoint).download_file(BUCKET, name, str(folder / "fetched" / name))


def _boto(endpoint: str) -> Any:
    import boto3

    keys = {"aws_access_key_id": ACCESS_KEY, "aws_secret_access_key": SECRET_KEY}
    return boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", **keys)


WAYS: dict[str, Callable[[Path, str], None]] = {
    "ours-up": _ours_up,
    "ours-down": _ours_down,
    "boto-up": _boto_up,
    "boto-down": _boto_down,
}

if __name__ == "__main__":
    WAYS[sys.argv[1]](Path(sys.argv[2]), sys.argv[3])
