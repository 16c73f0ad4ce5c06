"""Handing out an archive as it is: encrypted, and on the record."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from backups.engine import pipeline
from backups.engine.storage import LocalStorage
from backups.engine.stream import Progress
from backups.models import Archive, AuditEvent, User

from . import audit, keys, storages
from .refusals import NameTaken, OutputFailed

BLOCK = 1024 * 1024


@dataclass(slots=True)
class Download:
    """An open archive. Whoever reads it closes it, and how much was handed out is recorded once."""

    archive: Archive
    name: str
    size: int
    file: IO[bytes]
    by: User | None
    address: str
    sent: int = 0

    def __iter__(self) -> Generator[bytes]:
        try:
            while block := self.file.read(BLOCK):
                self.sent += len(block)
                yield block
        finally:
            self.close()

    def close(self) -> None:
        """Also when nobody ever read from it: who asked for the page may have gone at once."""
        if not self.file.closed:
            self.file.close()
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
    storage, name = storages.holding(archive)
    file = storage.open(name)
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    audit.record("download", actor=by, about=archive, address=address, details={"bytes": size})
    return Download(archive, name, size, file, by, address)


def save_download(archive: Archive, output: Path, *, by: User | None, progress: Progress) -> int:
    """Write the archive to a new file and check it there; one that is cut off or damaged is removed.

    Returns the bytes written.
    """
    # Before the archive is opened: a name that is taken is no download, and its file is not ours.
    target = new_file(output)
    try:
        with target:
            size = _copy(open_download(archive, by=by), target, progress)
        # What was handed out, not what lies in the storage: a copy that is not whole is no download.
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
