"""Reading an archive from whichever copy gives it; what is wrong with another is noted on the way."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from django.db import DatabaseError, InterfaceError, connection

from backups.engine.errors import ArchiveUnknown, BackupError, StorageFailed
from backups.engine.pipeline import Keys, Source
from backups.models import Archive

from . import copy_rows, job_log, storage_look, storages

log = logging.getLogger(__name__)

# As a job keeps it: storage, code and params of each copy that was of no use.
PassedOver = list[dict[str, Any]]
_passed_over: ContextVar[PassedOver | None] = ContextVar("passed_over", default=None)


@contextmanager
def noticing() -> Iterator[PassedOver]:
    """What is passed over by whatever is read within."""
    noticed: PassedOver = []
    token = _passed_over.set(noticed)
    try:
        yield noticed
    finally:
        _passed_over.reset(token)


def source(archive: Archive, keys: Keys) -> Source:
    """The archive with all its copies, in the order in which they are read."""
    notes = _Notes(archive, _passed_over.get(), threading.get_ident(), job_log.current())
    copies = [
        Source(storage, name, archive.pk, keys, told=notes.told, digest=archive.seal_digest)
        for storage, name in storages.in_turn(archive)
    ]
    if not copies:
        raise ArchiveUnknown(archive=archive.pk)
    return replace(copies[0], others=tuple(copies[1:]))


def pass_over(archive: Archive, storage: str, problem: BackupError) -> None:
    """Of whoever takes one copy after the other by himself."""
    _Notes(archive, _passed_over.get(), threading.get_ident(), job_log.current()).told(storage, problem)


def note(archive: Archive, storage: str, problem: BackupError) -> None:
    """On the copy's row, by what kind of problem it is."""
    if isinstance(problem, ArchiveUnknown):
        _look_again(storage)
    elif isinstance(problem, StorageFailed):
        copy_rows.mark_unread(archive, storage=storage, problem=problem)
        storage_look.look_soon()
    else:
        copy_rows.note_damage(archive, storage=storage, problem=problem)


def _look_again(storage: str) -> None:
    """What is not found is not taken for gone: the list decides, and may ask for a second look."""
    place = storages.named(storage)
    if place is None:
        return
    try:
        storage_look.look_at(place, quick=True)
    except BackupError as error:
        log.warning("the storage %s was not listed: %s", storage, error)


@dataclass(frozen=True, slots=True)
class _Notes:
    archive: Archive
    passed_over: PassedOver | None
    thread: int
    job_log: job_log.JobLog | None

    def told(self, storage: str, problem: BackupError | None) -> None:
        """Called by whichever thread reads; never a reason for the reading to fail."""
        if problem is None:
            return
        log.warning("%s is not read from %s: %s", self.archive.pk, storage, problem)
        if self.passed_over is not None:
            told = {"storage": storage, "code": problem.code, "params": dict(problem.params)}
            self.passed_over.append(told)
        if self.job_log is not None:
            self.job_log.note("passed_over", storage=storage, code=problem.code)
        try:
            note(self.archive, storage, problem)
        except (DatabaseError, InterfaceError):
            log.exception("what is wrong with %s at %s was not noted", self.archive.pk, storage)
        finally:
            if threading.get_ident() != self.thread:
                connection.close()
