"""Work that nobody waits for stops when somebody waits for its worker."""

from __future__ import annotations

import time
from datetime import timedelta

from django.utils import timezone

from backups.engine.errors import Cancelled, gettext_noop
from backups.engine.stream import Progress
from backups.models import Job
from backups.models.job import State

LOOK_SECONDS = 5.0
# A worker that is free takes a job within a few seconds.
WAITED = timedelta(seconds=15)


class GaveWay(Cancelled):
    code = "gave_way"
    sentence = gettext_noop("Something more urgent was waiting, so it was put off; nothing was left behind.")


class GivingWay:
    """A progress that ends the work, at its next look, once a backup or a restore finds no free worker."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._look_at = time.monotonic() + LOOK_SECONDS

    def phase(self, slug: str, total: int = 0) -> None:
        self._progress.phase(slug, total)

    def advance(self, steps: int = 1) -> None:
        self._progress.advance(steps)

    def check(self) -> None:
        self._progress.check()
        if time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + LOOK_SECONDS
            if somebody_waits():
                raise GaveWay


def somebody_waits() -> bool:
    """For a worker: what waits for another job to end would wait all the same."""
    waiting = Job.objects.filter(state=State.QUEUED, writes=True, created_at__lt=timezone.now() - WAITED)
    held = Job.objects.filter(lock__isnull=False).values("lock")
    return waiting.exclude(system__in=held).exists()
