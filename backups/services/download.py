"""Handing out an archive as it is: encrypted, and on the record."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, ClassVar

from backups.engine import pipeline
from backups.engine.pipeline import HandedOut
from backups.engine.storage import LocalStorage
from backups.engine.stream import Progress
from backups.models import Archive, AuditEvent, DownloadLink, User

from . import acts, approvals, audit, keys, reading
from .refusals import NameTaken, OutputFailed


@dataclass(slots=True)
class Download:
    """An open archive. Whoever reads it closes it, and how much was handed out is recorded once.

    Where no copy gives what is next, it ends there with an error: less than was announced, and never another.
    """

    media: ClassVar[str] = "application/octet-stream"
    archive: Archive
    name: str
    handed_out: HandedOut
    open: ExitStack
    by: User | None
    address: str
    sent: int = 0
    closed: bool = False

    @property
    def size(self) -> int:
        return self.handed_out.size

    def __iter__(self) -> Generator[bytes]:
        try:
            for block in self.handed_out.blocks:
                self.sent += len(block)
                yield block
        finally:
            self.close()

    def close(self) -> None:
        """Also when nobody ever read from it: who asked for the page may have gone at once."""
        if not self.closed:
            self.closed = True
            self.open.close()
            self._record()

    def _record(self) -> None:
        outcome = AuditEvent.Outcome.OK if self.sent == self.size else AuditEvent.Outcome.FAILED
        details = {"bytes": self.sent, "of": self.size}
        audit.record(
            "download_end",
            actor=self.by,
            about=self.archive,
            outcome=outcome,
            address=self.address,
            details=details,
        )


def open_download(archive: Archive, *, by: User | None, address: str = "") -> Download:
    """Whatever can be refused is refused here, before anything is handed out."""
    with ExitStack() as stack:
        found = stack.enter_context(pipeline.handed_out(reading.source(archive, keys.to_check())))
        audit.record("download", actor=by, about=archive, address=address, details={"bytes": found.size})
        name = pipeline.archive_name(archive.database, archive.pk)
        return Download(archive, name, found, stack.pop_all(), by, address)


def save_download(archive: Archive, output: Path, *, by: User | None, progress: Progress) -> int:
    """Write the archive to a new file and check it there; one that is cut off or damaged is removed.

    Returns the bytes written.
    """
    # Before the archive is opened: a name that is taken is no download, and its file is not ours.
    target = new_file(output)
    try:
        with target, approvals.used(acts.handing_out(archive, DownloadLink.What.ARCHIVE), by=by):
            size = _copy(open_download(archive, by=by), target, progress)
        # What lies on that disk now, not what was handed out.
        saved = pipeline.Source(LocalStorage(output.parent), output.name, archive.pk, keys.to_check())
        pipeline.verify(saved, deep=False, progress=progress)
        return size
    except OSError as error:
        output.unlink(missing_ok=True)
        raise OutputFailed(path=str(output), reason=error.strerror or "no reason given") from None
    except BaseException:
        output.unlink(missing_ok=True)
        raise


def _copy(download: Download, target: IO[bytes], progress: Progress) -> int:
    progress.phase("download", download.size)
    with closing(iter(download)) as blocks:
        for block in blocks:
            progress.check()
            target.write(block)
            progress.advance(len(block))
    target.flush()
    os.fsync(target.fileno())
    return download.size


def new_file(output: Path) -> IO[bytes]:
    try:
        return os.fdopen(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except FileExistsError:
        raise NameTaken(name=str(output)) from None
    except OSError as error:
        raise OutputFailed(path=str(output), reason=error.strerror or "no reason given") from None
