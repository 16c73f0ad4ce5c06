"""A drill that a crash broke off is begun anew: nobody else would ask for the proof of that archive."""

from __future__ import annotations

from datetime import datetime, timedelta

from backups.models import Archive, Job
from backups.models.job import Kind, State, Trigger

from . import drill

# What has waited longer is an old archive, and a newer one has been proven meanwhile or is worth more.
SINCE = timedelta(days=1)
# An archive whose drill takes the worker down with it must not do so for ever.
MOST_TRIES = 3


def ask_for_what_broke_off(now: datetime) -> list[Job]:
    """A person who asked for one sees that it was interrupted, and asks again; a storage's turn returns."""
    broken = Job.objects.filter(
        kind=Kind.DRILL, state=State.INTERRUPTED, trigger=Trigger.SCHEDULE, finished_at__gte=now - SINCE,
        lock=None, archive__pruned_at=None, archive__state=Archive.State.WHOLE,
    )  # fmt: skip
    return [
        drill.request_drill(
            archive, requested_by=None, trigger=Trigger.SCHEDULE, idempotency_key=f"drill again {job.pk}"
        )
        for job in broken.select_related("archive")
        if not job.options.get("storage") and (archive := job.archive) and _is_the_last_word(job, archive)
    ]


def _is_the_last_word(job: Job, archive: Archive) -> bool:
    drills = Job.objects.filter(kind=Kind.DRILL, archive=archive)
    return drills.count() < MOST_TRIES and not drills.filter(created_at__gt=job.created_at).exists()
