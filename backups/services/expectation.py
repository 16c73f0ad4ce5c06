"""How long a job still takes, by what its like took before on this very system; None while unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from django.utils import timezone

from backups.models import Job
from backups.models.job import State

LOOKED_BACK = 12
# What makes two jobs of one kind alike.
SHAPE = ("content", "scope", "storage", "target", "beside")


@dataclass(frozen=True, slots=True)
class Expectation:
    """`usual` is what such a job took, `left` and `percent` are of the whole job."""

    usual: float | None = None
    left: float | None = None
    percent: int | None = None


Spans = list[tuple[str, float]]


def of_each(jobs: Iterable[Job]) -> Mapping[Any, Expectation]:
    """Of those that run, by their ids; one question for each kind among them."""
    running = [job for job in jobs if job.state == State.RUNNING]
    past = {kind: _past(kind) for kind in {job.kind for job in running}}
    return {job.pk: _expected(job, [it for it in past[job.kind] if _alike(it, job)]) for job in running}


def of(job: Job) -> Expectation:
    return of_each([job]).get(job.pk, Expectation())


def _past(kind: str) -> list[Job]:
    ended = Job.objects.filter(kind=kind, state=State.DONE, started_at__isnull=False)
    return list(ended.only("kind", "options", "log", "started_at", "finished_at", "state")[:LOOKED_BACK])


def _alike(past: Job, job: Job) -> bool:
    if bool(past.options.get("tables")) != bool(job.options.get("tables")):
        return False
    return all(past.options.get(name) == job.options.get(name) for name in SHAPE)


def _expected(job: Job, past: Sequence[Job]) -> Expectation:
    elapsed = job.seconds
    took = [it.seconds for it in past if it.seconds is not None]
    if not took or elapsed is None:
        return Expectation()
    usual = median(took)
    left = _left(job, past)
    if left is None:
        left = usual - elapsed if usual > elapsed else None
    # 100 is said by whoever has ended.
    percent = None if left is None else min(99, int(100 * elapsed / max(elapsed + left, 0.1)))
    return Expectation(usual, left, percent)


def _left(job: Job, past: Sequence[Job]) -> float | None:
    """By the phases of those that went the same way so far: the rest of this one, and all that follow."""
    way = [phase for phase, _ in spans(job)]
    same = [found for found in map(spans, past) if way and [p for p, _ in found[: len(way)]] == way]
    if not same:
        return None
    here = _left_here(job, median(found[len(way) - 1][1] for found in same))
    if here is None:
        return None
    return here + median(sum(seconds for _, seconds in found[len(way) :]) for found in same)


def _left_here(job: Job, usual: float) -> float | None:
    """By its own speed, where it has one; what takes longer than ever ends nobody knows when."""
    if job.seconds_left is not None:
        return job.seconds_left
    since = job.phase_started_at
    left = usual - (timezone.now() - since).total_seconds() if since else usual
    return left if left > 0 else None


def spans(job: Job) -> Spans:
    """Each phase of the log with its seconds; the last one until the job's end, or now."""
    begun = [(str(it["phase"]), datetime.fromisoformat(it["at"])) for it in job.log if "phase" in it]
    ends = [*(at for _, at in begun), job.finished_at or timezone.now()][1:]
    return [(phase, (end - at).total_seconds()) for (phase, at), end in zip(begun, ends, strict=True)]
