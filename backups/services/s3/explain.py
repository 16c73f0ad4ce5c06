"""What went wrong at a bucket, in words of ours. Never the server's: those may repeat keys and signatures."""

from __future__ import annotations

import errno
import re
import socket
import ssl
from collections.abc import Iterator
from http import HTTPStatus

from botocore import exceptions as boto
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError, NameResolutionError

from backups.engine.errors import (
    BackupError,
    DeleteRefused,
    ListRefused,
    StorageFailed,
    StorageFull,
    StorageRefused,
    StorageUnreachable,
)
from qparkin_backup.buckets import Bucket

KEYLESS = (boto.NoCredentialsError, boto.PartialCredentialsError, boto.CredentialRetrievalError)
FAILURES = (boto.BotoCoreError, boto.ClientError, ResponseParserError, HTTPError, OSError)
REFUSED = {"AccessDenied", "AllAccessDisabled", "Forbidden", "Unauthorized", "UnauthorizedAccess"}
FULL = {"QuotaExceeded", "StorageFull", "XMinioStorageFull", "InsufficientCapacity", "507"}
PASSING = {
    "BadDigest", "ConditionalRequestConflict", "IncompleteBody", "InternalError", "OperationAborted",
    "RequestTimeout", "ServiceUnavailable", "SlowDown", "Throttling", "ThrottlingException",
    "TooManyRequests", "XAmzContentSHA256Mismatch", "429",
}  # fmt: skip
# What each refuses, by what was asked for.
LIST, DELETE, READ, WRITE = "list", "delete", "read", "write"
MAY_NOT = {READ: "it may not read", WRITE: "it may not write"}
TOLD = {
    "InvalidAccessKeyId": "the access key is not known there",
    "SignatureDoesNotMatch": "the secret key does not belong to the access key",
    "ExpiredToken": "the access key has expired",
    "InvalidToken": "the access key has expired",
    "NoSuchBucket": "there is no such bucket",
    "InvalidBucketName": "there is no such bucket",
    "RequestTimeTooSkewed": "the clock of this machine, or of the storage, is wrong",
    "RequestExpired": "the clock of this machine, or of the storage, is wrong",
    "AuthorizationHeaderMalformed": "the bucket is in another region",
    "PermanentRedirect": "the bucket is in another region",
    "IllegalLocationConstraintException": "the bucket is in another region",
    "301": "the bucket is in another region",
    "InvalidObjectState": "it lies in a class of storage that is not at hand",
}
NO_LOCKS = {"InvalidRequest", "ObjectLockConfigurationNotFoundError"}
# By a cause of one of these classes, or with one of these numbers; the first that fits.
REASONS: tuple[tuple[tuple[type[BaseException], ...], set[int], str], ...] = (
    ((ssl.SSLCertVerificationError,), set(), "its certificate is not trusted here"),
    ((ssl.SSLError, boto.SSLError), set(), "it does not speak TLS as it should"),
    ((socket.gaierror, NameResolutionError), set(), "no machine has the name in its address"),
    ((), {errno.ECONNREFUSED}, "nothing listens at its address"),
    ((), {errno.ENETUNREACH, errno.EHOSTUNREACH}, "no way leads to its address"),
    (
        (boto.ConnectTimeoutError, boto.ReadTimeoutError, TimeoutError),
        {errno.ETIMEDOUT},
        "it does not answer in time",
    ),
)
BUSY = {"SlowDown", "Throttling", "ThrottlingException", "TooManyRequests", "429"}


def code_of(error: BaseException) -> str:
    """The server's code of the error, or its HTTP status where it gave none."""
    if not isinstance(error, boto.ClientError):
        return ""
    return str(error.response.get("Error", {}).get("Code") or status_of(error))


def status_of(error: BaseException) -> int:
    if not isinstance(error, boto.ClientError):
        return 0
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def is_passing(error: BaseException) -> bool:
    """Whether the same request may well succeed a moment later."""
    if isinstance(error, boto.ClientError):
        status = status_of(error)
        lasting = status in (HTTPStatus.NOT_IMPLEMENTED, HTTPStatus.INSUFFICIENT_STORAGE)
        return code_of(error) in PASSING or (status >= HTTPStatus.INTERNAL_SERVER_ERROR and not lasting)
    if isinstance(error, boto.SSLError):
        return not any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error))
    passing = (boto.HTTPClientError, boto.IncompleteReadError, ResponseParserError, HTTPError, OSError)
    return isinstance(error, passing)


def explained(error: BaseException, *, place: Bucket, action: str) -> BackupError:
    storage = place.name
    if isinstance(error, boto.ClientError):
        if place.retain_days and code_of(error) in NO_LOCKS:
            return StorageFailed(storage=storage, reason="the bucket has no object lock")
        return _answered(error, storage, action)
    if isinstance(error, KEYLESS):
        return StorageFailed(storage=storage, reason="no access key is set, and this machine has none")
    if isinstance(error, boto.ParamValidationError | boto.InvalidDNSNameError):
        return StorageFailed(storage=storage, reason="there is no such bucket")
    if isinstance(error, ResponseParserError):
        return StorageUnreachable(storage=storage, reason="what answers there is no S3")
    return StorageUnreachable(storage=storage, reason=_why(error))


def _answered(error: boto.ClientError, storage: str, action: str) -> BackupError:
    code, status = code_of(error), status_of(error)
    if code in FULL or status == HTTPStatus.INSUFFICIENT_STORAGE:
        return StorageFull(storage=storage)
    if code in TOLD:
        return StorageFailed(storage=storage, reason=TOLD[code])
    if code in REFUSED or status in (HTTPStatus.FORBIDDEN, HTTPStatus.UNAUTHORIZED):
        return _refused(storage, action)
    if code in BUSY:
        return StorageUnreachable(storage=storage, reason="it has too much to do")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return StorageUnreachable(storage=storage, reason="it has a fault of its own")
    return StorageFailed(storage=storage, reason=re.sub(r"[^A-Za-z0-9]", "", code)[:60])


def _refused(storage: str, action: str) -> BackupError:
    if action == LIST:
        return ListRefused(storage=storage)
    if action == DELETE:
        return DeleteRefused(storage=storage)
    return StorageRefused(storage=storage, reason=MAY_NOT[action])


def _why(error: BaseException) -> str:
    causes = list(_causes(error))
    numbers = {cause.errno for cause in causes if isinstance(cause, OSError)}
    for kinds, wanted, told in REASONS:
        if numbers & wanted or any(isinstance(cause, kinds) for cause in causes):
            return told
    return "the connection breaks off"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what lies behind it, wherever the layers between have put it."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
        waiting.append(getattr(one, "kwargs", {}).get("error"))
