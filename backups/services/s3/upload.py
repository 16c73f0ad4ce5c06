"""The requests by which one object comes into being: nothing of it can be seen before the last of them."""

from __future__ import annotations

import hashlib
import logging
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from backups.engine.errors import BackupError, NameTaken, StorageUnfaithful, StorageUnreachable

from . import unfinished
from .asking import Asking
from .explain import WRITE, code_of
from .lock import lock_arguments
from .look import MARK, look
from .part import Part, looks_like_md5

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

log = logging.getLogger(__name__)

# The server's own words for "somebody has that name already".
TAKEN = {"PreconditionFailed", "412"}
UNKNOWN_HEADER = {"NotImplemented", "InvalidArgument", "InvalidRequest"}
# Keys of the customer's or of a key service make the mark of a part something else than its MD5.
OTHER_MARKS = ("aws:kms", "aws:kms:dsse")


@dataclass(slots=True)
class Upload:
    """One write of one name. The mark in the metadata tells it from any other write of the same name."""

    asking: Asking
    name: str
    mark: str = field(default_factory=lambda: secrets.token_hex(16))
    stop: threading.Event = field(default_factory=threading.Event)
    id: str = ""
    parts: list[CompletedPartTypeDef] = field(default_factory=list)
    # Whether a request went out after which the object may exist.
    may_exist: bool = False
    _digests: list[bytes] = field(default_factory=list)

    def refuse_taken(self) -> None:
        """A look, for servers that know no If-None-Match; where the key may not look, that header must do."""
        try:
            seen = look(self.asking, self.name)
        except StorageUnreachable:
            raise
        except BackupError as error:
            log.info("whether %s is there already was not told: %s", self.name, error)
            return
        if seen is not None and seen.mark != self.mark:
            raise NameTaken(name=self.name)

    def begin(self) -> None:
        asked = 0

        def ask() -> str:
            nonlocal asked
            asked += 1
            created = self.asking.client.create_multipart_upload(**self._target, **self._details())
            return created.get("UploadId", "")

        self.id = self.asking.insist(ask, WRITE, stop=self.stop)
        if not self.id:
            raise StorageUnreachable(storage=self.asking.place.name, reason="what answers there is no S3")
        if asked > 1:
            # An answer that was lost may have left an upload behind that nobody knows.
            unfinished.abort_others(self.asking, self.name, keep=self.id)

    def send(self, content: memoryview) -> None:
        part, number = Part(content, self.stop), len(self.parts) + 1
        etag = self.asking.insist(lambda: self._sent(part, number), WRITE, stop=self.stop)
        self.parts.append({"PartNumber": number, "ETag": etag})
        self._digests.append(part.md5)

    def _sent(self, part: Part, number: int) -> str:
        part.seek(0)
        answer = self.asking.client.upload_part(
            **self._target,
            UploadId=self.id,
            PartNumber=number,
            **part.as_body,
        )
        self._refuse_unlike(answer, part)
        return answer["ETag"]

    def _refuse_unlike(self, answer: Mapping[str, Any], part: Part) -> None:
        etag = str(answer.get("ETag", "")).strip('"').lower()
        other = answer.get("ServerSideEncryption") in OTHER_MARKS or answer.get("SSECustomerAlgorithm")
        if not etag or (looks_like_md5(etag) and not other and etag != part.md5.hex()):
            raise StorageUnfaithful(
                storage=self.asking.place.name, name=self.name, reason="it has another checksum there"
            )

    def complete(self) -> None:
        self.refuse_taken()
        self.may_exist = True
        self._published(
            lambda header: self.asking.client.complete_multipart_upload(
                **self._target, UploadId=self.id, MultipartUpload={"Parts": self.parts}, **header
            )
        )

    def put(self, content: memoryview) -> None:
        """What fits into one part goes in one request."""
        self.refuse_taken()
        part = Part(content, self.stop)
        self._digests.append(part.md5)
        self.may_exist = True

        def ask(header: dict[str, Any]) -> object:
            part.seek(0)
            answer = self.asking.client.put_object(
                **self._target,
                **self._details(),
                **header,
                **part.as_body,
            )
            self._refuse_unlike(answer, part)
            return answer

        self._published(ask)

    def _published(self, ask: Any) -> None:
        header: dict[str, Any] = {"IfNoneMatch": "*"}

        def once() -> None:
            try:
                ask(header)
            except ClientError as error:
                if code_of(error) in UNKNOWN_HEADER and header:
                    header.clear()
                    ask(header)
                    return
                self._refuse_unless_ours(error)

        self.asking.insist(once, WRITE, stop=self.stop)

    def _refuse_unless_ours(self, error: ClientError) -> None:
        """An answer that was lost: asked again, the server finds the object there, or the upload gone."""
        if code_of(error) not in TAKEN | {"NoSuchUpload"}:
            raise error
        seen = look(self.asking, self.name)
        if seen is not None and seen.mark == self.mark:
            return
        if code_of(error) in TAKEN:
            raise NameTaken(name=self.name) from None
        raise error

    @property
    def whole_etag(self) -> str:
        """As S3 makes it from the parts; some servers have a mark of their own."""
        joined = hashlib.md5(b"".join(self._digests), usedforsecurity=False).hexdigest()
        return f"{joined}-{len(self._digests)}"

    @property
    def _target(self) -> Any:
        return {"Bucket": self.asking.place.bucket, "Key": self.asking.key(self.name)}

    def _details(self) -> Any:
        return {
            "ContentType": "application/octet-stream",
            "Metadata": {MARK: self.mark},
            **lock_arguments(self.asking.place),
        }
