"""A bucket on a real server of S3, and between it and the panel a proxy that fails when it is told to."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from backups.services.s3.patience import Patience
from qparkin_backup.buckets import Bucket
from tests.s3.fault_proxy import Fault, FaultProxy, fault_proxy
from tests.s3.servers import S3Server

# So small that the archive of a small database travels in many.
PART = 4096
# As a job's: several tries. Not as long.
SOON = Patience(attempts=4, first=0.01, longest=0.05)
ALWAYS = 100_000


@dataclass(frozen=True, slots=True)
class FailingBucket:
    server: S3Server
    name: str
    proxy: FaultProxy

    @property
    def place(self) -> Bucket:
        return S3Server(self.proxy.url, self.server.kind).bucket(self.name)

    def fails(self, fault: Fault, *, method: str, query: str = "", times: int = ALWAYS) -> None:
        self.proxy.arm(fault, method=method, query=query, times=times)

    def works(self) -> None:
        self.proxy.disarm()


@contextmanager
def failing_bucket(server: S3Server) -> Iterator[FailingBucket]:
    name = f"faults-{secrets.token_hex(4)}"
    server.client.create_bucket(Bucket=name)
    with fault_proxy(server.endpoint) as proxy:
        yield FailingBucket(server, name, proxy)
