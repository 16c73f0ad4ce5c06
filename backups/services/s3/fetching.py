"""Pieces of one object: each byte that was asked for, or an error; never less as if it were the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from backups.engine.errors import ArchiveUnknown, StorageFailed, StorageUnfaithful

from .asking import Asking
from .explain import FAILURES, READ, code_of, explained, is_passing
from .look import whole_size

if TYPE_CHECKING:
    from botocore.response import StreamingBody

BLOCK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Fetching:
    """One object of which size and mark are known; if it changes meanwhile, reading ends with an error."""

    asking: Asking
    name: str
    size: int
    etag: str

    def fetch(self, start: int, end: int) -> bytearray:
        """A body that breaks off is taken up where it ended, with new patience for each block that came."""
        found = bytearray(end - start)
        done = failures = 0
        while done < len(found):
            came = _Progress()
            try:
                self._take(memoryview(found)[done:], start + done, came)
            except FAILURES as error:
                failures = 1 if came.bytes >= BLOCK else failures + 1
                self._refuse_lasting(error, failures)
                self.asking.patience.wait(failures)
            done += came.bytes
        return found

    def _refuse_lasting(self, error: BaseException, failures: int) -> None:
        if code_of(error) == "NoSuchKey":
            raise ArchiveUnknown(archive=self.name) from None
        if failures >= self.asking.patience.attempts or not is_passing(error):
            raise explained(error, place=self.asking.place, action=READ) from None

    def _take(self, room: memoryview, start: int, came: _Progress) -> None:
        try:
            answer = self.asking.client.get_object(
                Bucket=self.asking.place.bucket,
                Key=self.asking.key(self.name),
                Range=f"bytes={start}-{start + len(room) - 1}",
            )
        except ClientError as error:
            if code_of(error) == "InvalidRange":
                raise self._changed() from None
            raise
        with answer["Body"] as body:
            whole = whole_size(answer, storage=self.asking.place.name)
            if (whole, answer.get("ETag", "").strip('"')) != (self.size, self.etag):
                raise self._changed()
            if not answer.get("ContentRange", "").startswith(f"bytes {start}-"):
                raise StorageFailed(storage=self.asking.place.name, reason="it does not know ranges")
            self._fill(room, body, came)

    def _fill(self, room: memoryview, body: StreamingBody, came: _Progress) -> None:
        while came.bytes < len(room):
            block = body.read(min(BLOCK, len(room) - came.bytes))
            if not block:
                raise ConnectionError
            room[came.bytes : came.bytes + len(block)] = block
            came.bytes += len(block)

    def _changed(self) -> StorageUnfaithful:
        return StorageUnfaithful(
            storage=self.asking.place.name, name=self.name, reason="it changed while it was read"
        )


class _Progress:
    """How much of one answer came, also when it ends with an error."""

    def __init__(self) -> None:
        self.bytes = 0
