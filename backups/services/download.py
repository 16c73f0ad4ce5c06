"""Handing out an archive as it is: encrypted, and on the record."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from backups.engine.stream import Progress
from backups.models import Archive, AuditEvent, User

from . import audit, storages
from .refusals import NameTaken, OutputFailed

BLOCK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Download:
    """An open archive. Iterating reads it to its end, closes it and records how much was handed out."""

    archive: Archive
    name: str
    size: int
    file: IO[bytes]
    by: User | None
    address: str

    def __iter__(self) -> Generator[bytes]:
        sent = 0
        try:
            while block := self.file.read(BLOCK):
                sent += len(block)
                yield block
        finally:
            self.file.close()
            self._record(sent)

    def _record(self, sent: int) -> None:
        outcome = AuditEvent.Outcome.OK if sent == self.size else AuditEvent.Outcome.FAILED
        details = {"bytes": sent, "of": self.size}
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
    """Write the archive to a new file; a broken-off one is removed. Returns the bytes written."""
    # Before the archive is opened: a name that is taken is no download, and its file is not ours.
    target = _new_file(output)
    try:
        with target:
            return _copy(open_download(archive, by=by), target, progress)
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


def _new_file(output: Path) -> IO[bytes]:
    try:
        return os.fdopen(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except FileExistsError:
        raise NameTaken(name=str(output)) from None
    except OSError as error:
        raise OutputFailed(path=str(output), reason=error.strerror or "no reason given") from None
