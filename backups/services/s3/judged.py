"""Connections of boto3 that look whom they reached before a byte is sent.

A name was looked up and judged beforehand (`client`); boto3 looks it up once more and may be told otherwise.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from botocore import awsrequest
from urllib3.exceptions import NewConnectionError

from qparkin_backup.addresses import is_forbidden

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def judge(client: S3Client) -> None:
    """All that this client opens from now on."""
    session: Any = client._endpoint.http_session  # type: ignore[attr-defined]
    # What its pools are made by; there is no public way to name another connection.
    session._pool_classes_by_scheme.update(POOLS)


def _judged(pool: Any) -> Any:
    connection = pool.ConnectionCls

    def new_conn(self: Any) -> socket.socket:
        reached: socket.socket = connection._new_conn(self)
        if is_forbidden(str(reached.getpeername()[0])):
            reached.close()
            raise NewConnectionError(self, "no storage has that address")
        return reached

    judging = type(f"Judged{connection.__name__}", (connection,), {"_new_conn": new_conn})
    return type(f"Judged{pool.__name__}", (pool,), {"ConnectionCls": judging})


POOLS = {
    "http": _judged(awsrequest.AWSHTTPConnectionPool),
    "https": _judged(awsrequest.AWSHTTPSConnectionPool),
}
