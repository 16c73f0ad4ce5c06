"""Work as somebody asks for it on a page, done here and now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from backups.engine.errors import BackupError
from backups.engine.stream import Progress
from backups.models import Archive, Job, Restore
from backups.services import work
from backups.services.backup import request_backup
from backups.services.copies import request_copy
from backups.services.drill import request_drill
from backups.services.restore import request_restore
from backups.services.undo import request_undo
from backups.services.verify import request_verify
from tests.faults import rule
from tests.faults.killing import At, Counting
from tests.faults.rule import Panel

Asking = Callable[[Panel, Archive], Job]
ASKING: Mapping[str, Asking] = {
    "backup": lambda panel, _: request_backup(requested_by=panel.person, trigger="person"),
    "verify": lambda panel, archive: request_verify(
        archive, requested_by=panel.person, trigger="person", deep=True
    ),
    "drill": lambda panel, archive: request_drill(archive, requested_by=panel.person, trigger="person"),
    "restore": lambda panel, archive: request_restore(archive, requested_by=panel.person, trigger="person"),
}


def asked(kind: str, panel: Panel, archive: Archive) -> Job:
    return ASKING[kind](panel, archive)


def copy_of(archive: Archive, storage: str) -> Job:
    return request_copy(archive, storage, requested_by=None, trigger="schedule")


def ended(job: Job, *, listener: Progress | None = None) -> Job:
    """Done, or failed with a reason that is on its row."""
    with suppress(BackupError):
        work.run_here(job, listener=listener)
    job.refresh_from_db()
    assert job.state == "done" or (job.state == "failed" and job.error_code)
    return job


def at(step: int, act: Callable[[], None], job: Job) -> Job:
    return ended(job, listener=At(step, act))


def steps_of(job: Job) -> int:
    """Of a run that comes through."""
    listener = Counting()
    assert work.run_here(job, listener=listener).state == "done"
    return listener.steps


def backed_up(panel: Panel) -> Archive:
    """Made, listed and proven before anything goes wrong."""
    job = request_backup(requested_by=panel.person, trigger="person")
    rule.work_off()
    job.refresh_from_db()
    assert job.archive is not None
    assert job.archive.proven_at
    return job.archive


def take_back() -> None:
    """A restore that came through is undone, so that live is what it was."""
    restore = Restore.objects.filter(state="swapped").first()
    if restore:
        work.run_here(request_undo(restore, requested_by=None, trigger="command"))
