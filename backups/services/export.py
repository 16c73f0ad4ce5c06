"""Handing out an archive as plain SQL: not encrypted any more, and on the record."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from backups.engine import pipeline
from backups.engine.stream import Progress, Silent
from backups.models import Archive, AuditEvent, DownloadLink, User

from . import acts, approvals, audit, keys, reading
from .download import new_file
from .refusals import OutputFailed


@dataclass(slots=True)
class Export:
    """An export that has begun. Whoever reads it closes it; how it ended is recorded once."""

    media: ClassVar[str] = "application/gzip"
    archive: Archive
    name: str
    by: User | None
    address: str
    tables: Sequence[str] | None
    first: bytes
    rest: Iterator[bytes]
    sent: int = 0
    whole: bool = False
    closed: bool = False

    @property
    def size(self) -> None:
        """Nobody knows before the last row is written."""

    def __iter__(self) -> Generator[bytes]:
        try:
            yield self._counted(self.first)
            for block in self.rest:
                yield self._counted(block)
            self.whole = True
        finally:
            self.close()

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            outcome = AuditEvent.Outcome.OK if self.whole else AuditEvent.Outcome.FAILED
            audit.record(
                "export_end",
                actor=self.by,
                about=self.archive,
                outcome=outcome,
                address=self.address,
                details={"bytes": self.sent},
            )

    def _counted(self, block: bytes) -> bytes:
        self.sent += len(block)
        return block


def open_export(
    archive: Archive,
    *,
    tables: Sequence[str] | None,
    by: User | None,
    address: str = "",
    progress: Progress | None = None,
) -> Export:
    """Whatever can be refused is refused here, before anything is handed out."""
    source = reading.source(archive, keys.to_open())
    blocks = pipeline.export_sql(source, tables=tables, progress=progress or Silent())
    first = next(blocks)
    details = {"tables": list(tables) if tables is not None else None}
    audit.record("export", actor=by, about=archive, address=address, details=details)
    return Export(archive, f"{source.name.removesuffix('.zip')}.sql.gz", by, address, tables, first, blocks)


def save_export(
    archive: Archive, output: Path, *, tables: Sequence[str] | None, by: User | None, progress: Progress
) -> int:
    """Write the export to a new file that only its owner reads; one that is not whole is removed."""
    target = new_file(output)
    try:
        with target:
            with approvals.used(acts.handing_out(archive, DownloadLink.What.SQL), by=by):
                export = open_export(archive, tables=tables, by=by, progress=progress)
                for block in export:
                    target.write(block)
            target.flush()
            os.fsync(target.fileno())
    except OSError as error:
        output.unlink(missing_ok=True)
        raise OutputFailed(path=str(output), reason=error.strerror or "no reason given") from None
    except BaseException:
        output.unlink(missing_ok=True)
        raise
    return export.sent
