"""The progress of one running job: written down by a heartbeat, ended by cancel, deadline or a lost lease."""

from __future__ import annotations

import logging
import threading
import time
from types import TracebackType
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.utils import timezone

from backups.engine.errors import Cancelled, DeadlinePassed
from backups.engine.stream import Progress, Silent
from backups.models import Job

from . import job_log, lease
from .refusals import Interrupted

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
# Also how soon a cancel is noticed.
BEAT_SECONDS = 1.0


class Watch:
    """The engine tells it what happens; one thread of its own writes that down, at most twice a second."""

    def __init__(self, job: Job, *, listener: Progress | None = None, deadline: int | None = None) -> None:
        self._job = job
        self._listener = listener or Silent()
        self._seconds = deadline or settings.JOB_DEADLINE_SECONDS
        self._deadline = time.monotonic() + self._seconds
        self._guard = threading.Lock()
        self.log = job_log.JobLog(job.log)
        self._values: dict[str, Any] = {"phase": "", "done": 0, "total": 0}
        self._written: dict[str, Any] = {}
        self._kept_until = time.monotonic() + lease.LEASE.total_seconds()
        self._cancelled = self._lost = self._silent = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat {job.pk}", daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        job_log.set_current(self.log)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        job_log.set_current(None)
        self._stop.set()
        self._thread.join()
        self._keep_log()

    def _keep_log(self) -> None:
        """What came after the last beat; the job is ended without it where it cannot be written."""
        try:
            lease.keep_log(self._job, self.log.entries())
        except Error as error:
            log.warning("the last of the log of job %s was not written: %s", self._job.pk, error)
            connection.close_if_unusable_or_obsolete()

    def phase(self, slug: str, total: int = 0) -> None:
        # Never a place to stop: a phase may begin where there is no way back.
        with self._guard:
            self._values = {"phase": slug, "done": 0, "total": total, "phase_started_at": timezone.now()}
        self.log.phase(slug)
        self._listener.phase(slug, total)

    def advance(self, steps: int = 1) -> None:
        with self._guard:
            self._values["done"] += steps
        self._listener.advance(steps)

    def check(self) -> None:
        self._listener.check()
        if self._lost or time.monotonic() > self._kept_until:
            raise Interrupted(reason="it was not heard of for too long")
        if self._cancelled:
            raise Cancelled
        if time.monotonic() > self._deadline:
            raise DeadlinePassed(seconds=self._seconds)

    def confirm(self) -> None:
        """Before a step that cannot be taken back: ask the row itself whether the job is still ours."""
        self._renew()
        self.check()

    def _beat(self) -> None:
        try:
            last = time.monotonic()
            while not self._stop.wait(LOOK_SECONDS):
                due = time.monotonic() - last >= BEAT_SECONDS
                if due or self._snapshot() != self._written:
                    last = time.monotonic()
                    self._try_to_renew()
        finally:
            connection.close()

    def _try_to_renew(self) -> None:
        try:
            self._renew()
        except Error as error:
            # The lease outlasts several beats; only when it runs out does the work stop.
            log.warning("the heartbeat of job %s was not written: %s", self._job.pk, error)
            self._note_silence()
            connection.close_if_unusable_or_obsolete()

    def _note_silence(self) -> None:
        """Once for each time that the panel's own database is away, not with every beat."""
        if not self._silent:
            self._silent = True
            self.log.note("panel_silent")

    def _renew(self) -> None:
        values = self._snapshot()
        # Eighty entries are not written every second when nothing was added.
        spared = {"log"} if values["log"] == self._written.get("log") else set()
        began = time.monotonic()
        now = lease.renew(self._job, **{name: it for name, it in values.items() if name not in spared})
        self._silent = False
        if now is None:
            self._lost = True
            return
        self._written = values
        self._kept_until = began + lease.LEASE.total_seconds()
        self._cancelled = now.cancel_requested_at is not None

    def _snapshot(self) -> dict[str, Any]:
        with self._guard:
            return {**self._values, "log": self.log.entries()}
