"""Asking for work, and calling it off. The queue only knocks: it carries the id of a job and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from backups.engine.errors import Busy, Cancelled
from backups.models import Archive, AuditEvent, Job, User
from backups.models.job import ACTIVE, Kind, State, Trigger

from . import abilities, acts, audit, hosts, queue, reaper
from .connections import protected_database

# A drill fills the server, and pruning takes away what others read. A slow copy holds nobody up.
READ_ONLY = {Kind.COPY, Kind.VERIFY, Kind.INSPECT}
# Data is lost or wrong while these wait.
URGENT = {Kind.RESTORE, Kind.UNDO}
# A knock is answered within a second or two, and repeated every five.
TAKEN_WITHIN = timedelta(seconds=20)

# A drill that was told to make way for somebody at the screen.
ENDING = Q(kind=Kind.DRILL, state=State.RUNNING, cancel_requested_at__isnull=False)


def request(
    kind: str,
    *,
    requested_by: User | None,
    trigger: str,
    archive: Archive | None = None,
    options: Mapping[str, Any] | None = None,
    idempotency_key: str | None = None,
    address: str = "",
) -> Job:
    """Ask for work. The same key asks for the same job; a person is told at once when the system is busy."""
    known = Job.objects.filter(idempotency_key=idempotency_key).first() if idempotency_key else None
    if known:
        return known
    wanted = Job(
        kind=kind, system=protected_database(), writes=kind not in READ_ONLY, archive=archive,
        options=dict(options or {}), requested_by=requested_by, trigger=trigger,
        idempotency_key=idempotency_key, needs=abilities.needed(kind, options or {}),
    )  # fmt: skip
    if trigger == Trigger.PERSON:
        hosts.refuse_unless_offered(wanted.needs)
    elif trigger == Trigger.COMMAND:
        # It is done in this very process.
        hosts.refuse_without_the_key(wanted.needs)
    if wanted.writes and trigger != Trigger.SCHEDULE:
        _refuse_when_busy(wanted, address)
    return _asked(wanted, address)


def _make_way(wanted: Job, address: str) -> Q:
    """A drill can be had again at any time: it ends for whoever is at the screen with data lost.

    Returns the jobs that need not be waited for to be asked; the lock is theirs until they have ended.
    """
    if wanted.kind not in URGENT or wanted.trigger != Trigger.PERSON:
        return Q(pk=None)
    for drill in Job.objects.filter(kind=Kind.DRILL, system=wanted.system, state__in=ACTIVE):
        cancel(drill, by=wanted.requested_by, address=address)
    return ENDING


def _refuse_when_busy(wanted: Job, address: str) -> None:
    reap()
    ending = _make_way(wanted, address)
    # Work that waits for a worker does not hold up a command: the worker may never come.
    states = ACTIVE if wanted.trigger == Trigger.PERSON else (State.RUNNING,)
    at_work = Q(state__in=states, system=wanted.system, writes=True)
    # A job that was interrupted holds the system until what it left is settled.
    if Job.objects.filter(at_work | Q(lock=wanted.system)).exclude(ending).exists():
        raise _refused(wanted, address)


def _refused(wanted: Job, address: str) -> Busy:
    audit.record(
        f"request_{wanted.kind}",
        actor=wanted.requested_by,
        outcome=AuditEvent.Outcome.REFUSED,
        address=address,
        details={"code": Busy.code, "archive": wanted.archive_id},
    )
    return Busy(system=wanted.system)


def _refuse_second(wanted: Job) -> None:
    """Of several clicks at the same moment. The audit's head was locked just now, so they come one by one."""
    if wanted.trigger != Trigger.PERSON or not wanted.writes:
        return
    others = Job.objects.filter(state__in=ACTIVE, system=wanted.system, writes=True).exclude(pk=wanted.pk)
    if others.exclude(ENDING).exists():
        raise Busy(system=wanted.system)


def _asked(wanted: Job, address: str) -> Job:
    try:
        with transaction.atomic():
            wanted.save(force_insert=True)
            audit.record(
                f"request_{wanted.kind}", actor=wanted.requested_by, about=wanted, address=address,
                details=_details(wanted),
            )  # fmt: skip
            _refuse_second(wanted)
            if wanted.trigger != Trigger.COMMAND:
                transaction.on_commit(lambda: enqueue(wanted))
    except Busy:
        raise _refused(wanted, address) from None
    except IntegrityError:
        # Somebody asked with the same key at the same moment.
        return Job.objects.get(idempotency_key=wanted.idempotency_key)
    return wanted


# What of a job's options is worth keeping for ever.
ON_RECORD = ("reason", "tables", "target", "scope", "into", "fix_case", acts.TICKET)


def _details(wanted: Job) -> dict[str, Any]:
    details = {"trigger": str(wanted.trigger), "archive": wanted.archive_id}
    return {**details, **{name: wanted.options[name] for name in ON_RECORD if wanted.options.get(name)}}


def enqueue(job: Job) -> None:
    queue.knock(str(job.pk), hosts.doors(job))


def cancel(job: Job, *, by: User | None, address: str = "") -> None:
    """A waiting job is cancelled at once, a running one at its next look."""
    now = timezone.now()
    waiting = Job.objects.filter(pk=job.pk, state=State.QUEUED).update(
        state=State.CANCELLED, cancel_requested_at=now, finished_at=now, error_code=Cancelled.code
    )
    if not waiting:
        Job.objects.filter(pk=job.pk, state=State.RUNNING).update(cancel_requested_at=now)
    audit.record("cancel_job", actor=by, about=job, address=address, details={"kind": job.kind})
    job.refresh_from_db()


def cancel_all_of(cluster: str) -> int:
    """Cancel what the workers of a cluster that is being stopped are at; returns how many jobs."""
    running = Job.objects.filter(state=State.RUNNING, worker__startswith=f"{cluster}:")
    return running.update(cancel_requested_at=timezone.now())


def reap(now: datetime | None = None) -> list[Job]:
    """End jobs whose worker fell silent, and clear up after them."""
    return reaper.reap(now or timezone.now())


def knock_again() -> int:
    """Knock here for jobs that wait although nothing holds them up: a knock was lost, or came too early."""
    if not queue.is_empty():
        return 0
    free = _free_to_start()
    for job in free:
        queue.knock(str(job.pk), [settings.WORKER_NAME])
    return len(free)


def nobody_takes_work(cluster: str) -> bool:
    """A job was free to start for a while, and the workers of this cluster, all idle, did not take it."""
    early = timezone.now() - TAKEN_WITHIN
    if not any(_since(job) < early for job in _free_to_start()):
        return False
    return not Job.objects.filter(state=State.RUNNING, worker__startswith=f"{cluster}:").exists()


def _free_to_start() -> list[Job]:
    """By this host."""
    held = set(Job.objects.filter(lock__isnull=False).values_list("lock", flat=True))
    waiting = Job.objects.filter(state=State.QUEUED).exclude(trigger=Trigger.COMMAND).order_by("created_at")
    return [job for job in waiting if abilities.can_do(job) and not (job.writes and job.system in held)]


def _since(job: Job) -> datetime:
    """When the job became free to start: asked for, and the one before it ended."""
    before = Job.objects.filter(system=job.system, finished_at__isnull=False).order_by("-finished_at").first()
    ended = before.finished_at if before and job.writes else None
    return max(job.created_at, ended) if ended else job.created_at
