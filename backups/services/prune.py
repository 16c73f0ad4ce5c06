"""Clearing: what retention lets go is taken off its storage, one archive after the other."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from backups.engine.errors import BackupError, Cancelled, DeleteRefused, ListRefused
from backups.models import Job, User
from backups.models.archive import AHEAD
from backups.models.job import Kind, Trigger

from . import approvals, catalogue, departures, jobs, last_look, policies, shelves, storages, verify
from .acts import Act
from .finished import Finished
from .refusals import NothingWhole
from .retention import ELSEWHERE, Plan, Purpose, Reason, Shelf
from .watch import Watch

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Look:
    """`failed` are the storages that could not be listed, and why."""

    shelves: Mapping[str, Shelf]
    plans: Mapping[str, Plan]
    failed: Mapping[str, BackupError] = field(default_factory=dict)

    @property
    def silent(self) -> frozenset[str]:
        return _silent(self.failed)


# By storage and archive: what did not go although it was to, and why.
Stayed = dict[tuple[str, str], Reason]


def request_prune(
    *, requested_by: User | None, trigger: str, storage: str = "", idempotency_key: str | None = None
) -> Job:
    """Of one storage, or of all of them."""
    if storage:
        policies.of(storage)
    options = {"storage": storage} if storage else {}
    # By the clock it only does what the policies say, and those are for two.
    act = None if trigger == Trigger.SCHEDULE else Act("prune", options)
    with approvals.used(act, by=requested_by):
        return jobs.request(
            Kind.PRUNE,
            requested_by=requested_by,
            trigger=trigger,
            options=options,
            idempotency_key=idempotency_key,
        )


def look(storage: str = "") -> Look:
    """What would stay and go by what the storages hold at this moment.

    Where one cannot be listed nothing goes there, and nothing goes elsewhere that it is to keep; the others
    are cleared all the same.
    """
    failed = catalogue.silent()
    if len(_silent(failed)) == len(storages.every()):
        raise next(iter(failed.values()))
    found, plans = shelves.plan(timezone.now(), _silent(failed))
    if storage:
        policies.of(storage)
        plans = {storage: plans[storage]}
    return Look(found, plans, failed)


def _silent(failed: Mapping[str, BackupError]) -> frozenset[str]:
    """Of which nobody knows what is there. One whose key may not list is known by what was written to it."""
    return frozenset(name for name, error in failed.items() if not isinstance(error, ListRefused))


def run_prune(job: Job, progress: Watch) -> Finished:
    """One storage that fails in the middle keeps no other from being cleared; then its problem is raised."""
    departures.settle()
    seen, stayed = look(job.options.get("storage", "")), Stayed()
    problems: list[BackupError] = []
    for name, plan in seen.plans.items():
        try:
            stayed |= _cleared(name, seen, job, progress) if plan.dropped else {}
        except Cancelled:
            raise
        except BackupError as error:
            problems.append(error)
            failed = Reason("failed", {"code": error.code})
            stayed |= {(name, pk): failed for pk in plan.dropped if departures.is_there(pk, name)}
    result = told(seen, stayed)
    Job.objects.filter(pk=job.pk).update(result=result)
    if problems:
        raise problems[0]
    gone = [line["id"] for line in result["dropped"]]
    return Finished(result=result, audited={"dropped": gone})


def _cleared(storage: str, seen: Look, job: Job, progress: Watch) -> Stayed:
    """A storage that refuses to delete is asked no further."""
    plan, stayed, refused = seen.plans[storage], Stayed(), False
    progress.phase("verify", 0)
    _refuse_without_a_whole_one(seen.shelves[storage], storage, plan, progress)
    progress.phase("prune", len(plan.dropped))
    for pk, reason in plan.dropped.items():
        progress.check()
        kept = ELSEWHERE if refused else last_look.why_it_stays(pk, storage=storage, silent=seen.silent)
        kept = kept or _why_not_taken_away(pk, storage, reason, job)
        refused = kept == ELSEWHERE
        if kept:
            stayed[storage, pk] = kept
        progress.advance()
    return stayed


def _why_not_taken_away(archive: str, storage: str, reason: Reason, job: Job) -> Reason | None:
    try:
        kept = departures.take_away(archive, storage=storage, reason=reason, by=job.requested_by)
    except DeleteRefused as error:
        # A key that may only put and get: somebody else clears that storage, or nobody.
        log.warning("%s", error)
        policies.note_refusal(storage, refused=True)
        return ELSEWHERE
    policies.note_refusal(storage, refused=False)
    return kept


def _refuse_without_a_whole_one(shelf: Shelf, storage: str, plan: Plan, progress: Watch) -> None:
    """Before anything goes, the newest that stays there is read byte for byte: listings can lie."""
    staying = [
        held
        for held in shelf.held
        if held.whole and held.purpose == Purpose.REGULAR and held.id not in plan.leaving
    ]
    soon = timezone.now() + AHEAD
    # Files alone bring no parking system back: they do only where nothing else is kept.
    best = max(
        staying,
        key=lambda held: (held.content != {"files"}, held.created <= soon, held.created),
        default=None,
    )
    if best is None:
        raise NothingWhole
    verify.check_copy(best.id, storage=storage, progress=progress)


def told(seen: Look, stayed: Stayed | None = None) -> dict[str, Any]:
    """As scripts and the job's page see it."""
    back, plans = stayed or {}, seen.plans
    kept = [(name, pk, reason) for name, plan in plans.items() for pk, reason in plan.kept.items()]
    kept += [(name, pk, reason) for (name, pk), reason in back.items()]
    going = [(name, pk, reason) for name, plan in plans.items() for pk, reason in plan.dropped.items()]
    skipped = [(name, error.code) for name, error in seen.failed.items() if name in plans]
    return {
        "kept": [_line(*line) for line in kept],
        "dropped": [_line(*line) for line in going if line[:2] not in back],
        "skipped": [{"storage": name, "code": code} for name, code in skipped],
    }


def _line(storage: str, archive: str, reason: Reason) -> dict[str, Any]:
    return {"id": archive, "storage": storage, "reason": reason.code, "params": dict(reason.params)}
