"""Clearing: what retention lets go is taken off its storage, one archive after the other."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from backups.engine.errors import DeleteRefused
from backups.models import Job, User
from backups.models.job import Kind

from . import departures, jobs, policies, retained, shelves, storages, verify
from .catalogue import sync
from .finished import Finished
from .refusals import NothingWhole
from .retention import Plan, Purpose, Reason, Shelf
from .watch import Watch

log = logging.getLogger(__name__)

Plans = Mapping[str, Plan]
# By storage and archive.
Stayed = Mapping[tuple[str, str], Reason]


def request_prune(
    *, requested_by: User | None, trigger: str, storage: str = "", idempotency_key: str | None = None
) -> Job:
    """Of one storage, or of all of them."""
    if storage:
        policies.of(storage)
    options = {"storage": storage} if storage else {}
    return jobs.request(
        Kind.PRUNE,
        requested_by=requested_by,
        trigger=trigger,
        options=options,
        idempotency_key=idempotency_key,
    )


def look(storage: str = "") -> tuple[dict[str, Shelf], dict[str, Plan]]:
    """What would stay and go by what the storages hold at this moment."""
    sync()
    found, plans = shelves.plan(timezone.now())
    if storage:
        policies.of(storage)
        plans = {storage: plans[storage]}
    return found, plans


def run_prune(job: Job, progress: Watch) -> Finished:
    departures.settle()
    found, plans = look(job.options.get("storage", ""))
    progress.phase("verify", 0)
    for name, plan in plans.items():
        if plan.dropped:
            _refuse_without_a_whole_one(found[name], name, plan, progress)
    stayed = _let_go(plans, job, progress)
    gone = [pk for name, plan in plans.items() for pk in plan.dropped if (name, pk) not in stayed]
    return Finished(result=told(plans, stayed), audited={"dropped": gone})


def _let_go(plans: Plans, job: Job, progress: Watch) -> Stayed:
    """Returns what stayed after all, and why. A storage that refuses to delete is asked no further."""
    stayed: dict[tuple[str, str], Reason] = {}
    elsewhere = Reason("elsewhere")
    progress.phase("prune", sum(len(plan.dropped) for plan in plans.values()))
    for name, plan in plans.items():
        refused = False
        for pk, reason in plan.dropped.items():
            progress.check()
            if refused:
                stayed[name, pk] = elsewhere
            elif kept := _why_it_stays(name, pk):
                stayed[name, pk] = kept
            elif refused := not _taken_away(name, pk, reason, job):
                stayed[name, pk] = elsewhere
            progress.advance()
    return stayed


def _why_it_stays(storage: str, archive: str) -> Reason | None:
    """Asked once more: meanwhile somebody may have pinned it, or the copy elsewhere was found damaged.

    The storage too, which may hold it back by a lock that the index does not know of.
    """
    place = storages.named(storage)
    if place is not None:
        retained.note(archive, place)
    _, plans = shelves.plan(timezone.now())
    return None if archive in plans[storage].leaving else plans[storage].kept.get(archive)


def _taken_away(storage: str, archive: str, reason: Reason, job: Job) -> bool:
    try:
        departures.take_away(archive, storage=storage, reason=reason, by=job.requested_by)
    except DeleteRefused as error:
        # A key that may only put and get: somebody else clears that storage, or nobody.
        log.warning("%s", error)
        policies.note_refusal(storage, refused=True)
        return False
    policies.note_refusal(storage, refused=False)
    return True


def _refuse_without_a_whole_one(shelf: Shelf, storage: str, plan: Plan, progress: Watch) -> None:
    """Before anything goes, the newest that stays there is read byte for byte: listings can lie."""
    staying = [
        held
        for held in shelf.held
        if held.whole and held.purpose == Purpose.REGULAR and held.id not in plan.leaving
    ]
    # Files alone bring no parking system back: they do only where nothing else is kept.
    best = max(staying, key=lambda held: (held.content != {"files"}, held.created), default=None)
    if best is None:
        raise NothingWhole
    verify.check_copy(best.id, storage=storage, progress=progress)


def told(plans: Plans, stayed: Stayed | None = None) -> dict[str, Any]:
    """As scripts and the job's page see it. `stayed`: what did not go, although it was to."""
    back = stayed or {}
    kept = [(name, pk, reason) for name, plan in plans.items() for pk, reason in plan.kept.items()]
    kept += [(name, pk, reason) for (name, pk), reason in back.items()]
    going = [(name, pk, reason) for name, plan in plans.items() for pk, reason in plan.dropped.items()]
    return {
        "kept": [_line(*line) for line in kept],
        "dropped": [_line(*line) for line in going if line[:2] not in back],
    }


def _line(storage: str, archive: str, reason: Reason) -> dict[str, Any]:
    return {"id": archive, "storage": storage, "reason": reason.code, "params": dict(reason.params)}
