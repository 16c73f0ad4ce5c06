"""Doing a job: claim it, watch it, end it. The one place where an error becomes a row."""

from __future__ import annotations

import logging
import multiprocessing
import os
from collections.abc import Mapping
from typing import Protocol

from backups.engine.errors import BackupError, Busy
from backups.engine.stream import Progress
from backups.models import AuditEvent, Job
from backups.models.job import Kind, Trigger
from qparkin_backup.logs import named_in_the_log

from . import (
    abilities,
    approvals,
    audit,
    backup,
    copies,
    drill,
    inspect,
    jobs,
    lease,
    prune,
    reading,
    restore_files,
    undo,
    verify,
)
from .finished import Finished
from .refusals import Interrupted, Unexpected
from .s3.patience import patiently
from .watch import Watch

log = logging.getLogger(__name__)

NICE = 10


class Runner(Protocol):
    def __call__(self, job: Job, progress: Watch, /) -> Finished: ...


RUNNERS: Mapping[str, Runner] = {
    Kind.BACKUP: backup.run_backup,
    Kind.COPY: copies.run_copy,
    Kind.VERIFY: verify.run_verify,
    Kind.DRILL: drill.run_drill,
    Kind.RESTORE: restore_files.run_restore,
    Kind.UNDO: undo.run_undo,
    Kind.PRUNE: prune.run_prune,
    Kind.INSPECT: inspect.run_inspect,
    Kind.ADOPT: inspect.run_adopt,
}


def run_from_queue(job_id: str) -> None:
    """For a worker: a job that somebody else has, that is busy or not for this host, is left alone."""
    waiting = Job.objects.filter(pk=job_id).first()
    if waiting is None or not abilities.can_do(waiting):
        return
    try:
        job = lease.claim(job_id, lease.new_worker_name())
    except Busy:
        jobs.reap()
        return
    if job is not None:
        _step_back(job)
        try:
            perform(job)
        except BackupError as error:
            log.warning("the %s job %s ended: %s", job.kind, job.pk, error)


def _step_back(job: Job) -> None:
    """Nobody waits for what runs by schedule. A worker's process does one job, and nothing after it."""
    if job.trigger == Trigger.SCHEDULE and multiprocessing.parent_process() is not None:
        os.nice(NICE)


def run_here(job: Job, *, listener: Progress | None = None) -> Job:
    """For a command: do it in this process, or refuse when the system is busy."""
    try:
        mine = lease.claim(job.pk, lease.new_worker_name())
    except Busy as error:
        Job.objects.filter(pk=job.pk).delete()
        raise error from None
    if mine is None:
        raise Interrupted(reason="another process took it")
    return perform(mine, listener=listener, by_operator=True)


def perform(job: Job, *, listener: Progress | None = None, by_operator: bool = False) -> Job:
    """Run a claimed job to its end; what goes wrong is on its row, in the audit and raised."""
    run = RUNNERS[job.kind] if by_operator else _confirmed
    with named_in_the_log(job.pk), patiently(), reading.noticing() as passed_over:
        return _perform(job, run, listener, passed_over)


def _confirmed(job: Job, progress: Watch) -> Finished:
    """What lay in a queue is looked at once more: it is still what a second person agreed to."""
    approvals.confirm(job)
    return RUNNERS[job.kind](job, progress)


def _perform(job: Job, run: Runner, listener: Progress | None, passed_over: reading.PassedOver) -> Job:
    try:
        with Watch(job, listener=listener) as watch:
            finished = run(job, watch)
    except BackupError as error:
        _tell(job, passed_over)
        _failed(job, error)
        raise
    except KeyboardInterrupt:
        _failed(job, Interrupted(reason="it was stopped at the keyboard"))
        raise
    except Exception as error:
        log.exception("the %s job %s failed", job.kind, job.pk)
        unexpected = Unexpected(reason=type(error).__name__)
        _failed(job, unexpected)
        raise unexpected from error
    result = {**finished.result, **_told(passed_over)}
    if not lease.finish(job, result=result, archive=finished.archive):
        # It was given up for dead. What it did stands; whoever waits is told what the row says.
        lost = Interrupted(reason="it was not heard of for too long")
        _failed(job, lost)
        raise lost
    audit.record(job.kind, actor=job.requested_by, about=job, details=finished.audited)
    if finished.follow_up:
        finished.follow_up()
    return job


def _tell(job: Job, passed_over: reading.PassedOver) -> None:
    """Also of one that fails, whose runner may have told something already."""
    if passed_over:
        told = Job.objects.values_list("result", flat=True).get(pk=job.pk)
        Job.objects.filter(pk=job.pk).update(result={**told, **_told(passed_over)})


def _told(passed_over: reading.PassedOver) -> dict[str, reading.PassedOver]:
    return {"passed_over": passed_over} if passed_over else {}


def _failed(job: Job, error: BackupError) -> None:
    lease.fail(job, error)
    audit.record(
        job.kind,
        actor=job.requested_by,
        about=job,
        outcome=AuditEvent.Outcome.FAILED,
        details={"code": error.code},
    )
