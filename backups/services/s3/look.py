"""What the bucket says of one object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from backups.engine.errors import StorageUnreachable
from backups.engine.storage import Stored

from .asking import Asking
from .explain import READ, code_of

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef

# In the object's metadata: which write made it.
MARK = "qparkin-write"
FIRST_BYTE = "bytes=0-0"


@dataclass(frozen=True, slots=True)
class Seen:
    stored: Stored
    mark: str  # '' where the server keeps no metadata


def look(asking: Asking, name: str) -> Seen | None:
    """None only where the bucket itself says that it has no such key.

    By GET of one byte and not by HEAD, whose answer has no body to say why: of a wrong bucket, a wrong key or
    a clock that is wrong it tells no more than of a name that is not there.
    """
    return asking.insist(lambda: _asked(asking, name), READ)


def _asked(asking: Asking, name: str) -> Seen | None:
    try:
        answer = asking.client.get_object(Bucket=asking.place.bucket, Key=asking.key(name), Range=FIRST_BYTE)
    except ClientError as error:
        if code_of(error) == "NoSuchKey":
            return None
        if code_of(error) != "InvalidRange":
            raise
        # An empty object has no first byte.
        answer = asking.client.get_object(Bucket=asking.place.bucket, Key=asking.key(name))
    with answer["Body"] as body:
        body.read(1)
    return _seen(asking, name, answer)


def _seen(asking: Asking, name: str, answer: GetObjectOutputTypeDef) -> Seen:
    metadata = {key.lower(): value for key, value in answer.get("Metadata", {}).items()}
    stored = Stored(
        name,
        whole_size(answer, storage=asking.place.name),
        etag=answer.get("ETag", "").strip('"'),
        retained_until=answer.get("ObjectLockRetainUntilDate"),
    )
    return Seen(stored, metadata.get(MARK, ""))


def whole_size(answer: GetObjectOutputTypeDef, *, storage: str) -> int:
    """Of the object, whichever part of it the answer carries."""
    told = answer.get("ContentRange", "")
    try:
        return int(told.rpartition("/")[2]) if told else answer["ContentLength"]
    except (KeyError, ValueError):
        raise StorageUnreachable(storage=storage, reason="what answers there is no S3") from None
