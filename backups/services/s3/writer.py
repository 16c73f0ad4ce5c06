"""A file that is an upload: it fills a part of 64 MiB in memory while the one before it travels.

Two parts and no more: one would leave the line idle while the database is read, and each further one costs
64 MiB without making the line any faster. Parts of 64 MiB, since nobody knows beforehand how large a backup
gets, and S3 takes 10,000 of them: 625 GiB.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from backups.engine.errors import BackupError, StorageUnfaithful

from . import unfinished
from .asking import Asking
from .lock import lock_if_dropped
from .look import look
from .removing import delete
from .upload import Upload

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

log = logging.getLogger(__name__)

PART = 64 * 1024 * 1024


@contextmanager
def writing(asking: Asking, name: str, *, part_size: int = PART) -> Iterator[Writer]:
    """The name exists, whole and looked at, only after the block ended without an error."""
    upload = Upload(asking, name)
    upload.refuse_taken()
    with ThreadPoolExecutor(1, thread_name_prefix="upload") as road:
        writer = Writer(upload, road, part_size)
        try:
            yield writer
            writer.finish()
            _refuse_unlike(upload, writer.size)
            if asking.place.retain_days:
                lock_if_dropped(asking, name)
        except BaseException:
            upload.stop.set()
            writer.wait_for_the_last()
            _take_back(upload)
            raise


class Writer(io.RawIOBase):
    def __init__(self, upload: Upload, road: ThreadPoolExecutor, part_size: int) -> None:
        super().__init__()
        self._upload, self._road = upload, road
        # Pages of memory are only taken once they are written to, so a small file costs little.
        self._filling, self._spare = bytearray(part_size), bytearray()
        self._filled = 0
        self._travelling: Future[None] | None = None
        self.size = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.size

    def write(self, block: ReadableBuffer) -> int:
        view = memoryview(block).cast("B")
        taken = 0
        while taken < len(view):
            if self._filled == len(self._filling):
                self._hand_over()
            room = min(len(view) - taken, len(self._filling) - self._filled)
            self._filling[self._filled : self._filled + room] = view[taken : taken + room]
            self._filled += room
            taken += room
        self.size += len(view)
        return len(view)

    def finish(self) -> None:
        last = memoryview(self._filling)[: self._filled]
        if not self._upload.id:
            self._upload.put(last)
            return
        self._arrived()
        self._upload.send(last)
        self._upload.complete()

    def wait_for_the_last(self) -> None:
        """A part that arrives after its upload was aborted would stay there for good."""
        if self._travelling is not None:
            self._travelling.exception()

    def _hand_over(self) -> None:
        """What is full travels; what has arrived is filled anew."""
        self._arrived()
        if not self._upload.id:
            self._upload.begin()
            self._spare = bytearray(len(self._filling))
        travelling = memoryview(self._filling)
        self._filling, self._spare, self._filled = self._spare, self._filling, 0
        self._travelling = self._road.submit(self._upload.send, travelling)

    def _arrived(self) -> None:
        if self._travelling is not None:
            self._travelling.result()
            self._travelling = None


def _refuse_unlike(upload: Upload, size: int) -> None:
    """What the bucket says of the object it has made, beside what was sent."""
    seen = look(upload.asking, upload.name)
    if seen is None:
        why = "it is not there"
    elif seen.mark and seen.mark != upload.mark:
        why = "somebody else wrote it at the same moment"
    elif seen.stored.size != size:
        why = "it has another size there"
    elif "-" in seen.stored.etag and upload.id and seen.stored.etag != upload.whole_etag:
        why = "it has another checksum there"
    else:
        return
    raise StorageUnfaithful(storage=upload.asking.place.name, name=upload.name, reason=why)


def _take_back(upload: Upload) -> None:
    """Nothing of a write that failed stays. What cannot be taken back is logged, and swept later."""
    try:
        if upload.id:
            unfinished.abort(upload.asking, upload.name, upload.id)
        if upload.may_exist:
            _take_away(upload)
    except BackupError as error:
        log.warning("of %s something may be left at %s: %s", upload.name, upload.asking.place.name, error)


def _take_away(upload: Upload) -> None:
    """Only what bears the mark of this very write: another one may have been first."""
    seen = look(upload.asking, upload.name)
    if seen is not None and seen.mark == upload.mark:
        delete(upload.asking, upload.name)
