"""A piece of long work: claimed by one worker, watched, cancellable."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    BACKUP = "backup", _("Backup")
    COPY = "copy", _("Copy to another storage")
    VERIFY = "verify", _("Verification")
    DRILL = "drill", _("Restore drill")
    RESTORE = "restore", _("Restore")
    UNDO = "undo", _("Undo of a restore")
    PRUNE = "prune", _("Clearing of old archives")
    INSPECT = "inspect", _("Look at a dump from elsewhere")
    ADOPT = "adopt", _("Taking over of a dump from elsewhere")


class State(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    INTERRUPTED = "interrupted", _("Interrupted")


class Trigger(models.TextChoices):
    PERSON = "person", _("by a person")
    SCHEDULE = "schedule", _("by schedule")
    COMMAND = "command", _("from the command line")


ACTIVE = (State.QUEUED, State.RUNNING)


class Job(models.Model):
    Kind, State, Trigger = Kind, State, Trigger

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED, db_index=True)
    system = models.CharField(max_length=64)
    writes = models.BooleanField(default=False)
    # The system's name while a writing job holds it: unique, so there is never a second one.
    lock = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001 - NULLs are not equal, '' is
    archive = models.ForeignKey(
        "backups.Archive", null=True, blank=True, on_delete=models.SET_NULL, related_name="jobs"
    )
    options = models.JSONField(default=dict)
    # What the host that does it must offer (services/abilities.py).
    needs = models.JSONField(default=list)
    result = models.JSONField(default=dict)
    phase = models.CharField(max_length=30, blank=True)
    phase_started_at = models.DateTimeField(null=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)
    requested_by = models.ForeignKey(
        "backups.User", null=True, on_delete=models.SET_NULL, related_name="jobs"
    )
    trigger = models.CharField(max_length=10, choices=Trigger.choices, default=Trigger.PERSON)
    error_code = models.CharField(max_length=50, blank=True)
    error_params = models.JSONField(default=dict)
    idempotency_key = models.CharField(max_length=100, null=True, unique=True)  # noqa: DJ001 - as for lock
    worker = models.CharField(max_length=100, blank=True)
    # The archive that it began to write or to let go: what is half there of it may go when the job is over.
    archive_begun = models.CharField(max_length=64, blank=True)
    # What it did and met (services/job_log.py).
    log = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ["-created_at"]
        # Tens of thousands, most of one state: the newest of a kind are asked for on every page.
        indexes = [
            models.Index(fields=["kind", "-created_at"], name="job_kind_newest"),
            models.Index(fields=["state", "-created_at"], name="job_state_newest"),
            models.Index(fields=["trigger", "-created_at"], name="job_trigger_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @property
    def is_finished(self) -> bool:
        return not self.is_active

    @property
    def percent(self) -> int | None:
        """Of the current phase; None where its length is unknown."""
        if self.state == State.DONE:
            return 100
        return min(100, self.done * 100 // self.total) if self.total else None

    @property
    def rate(self) -> float | None:
        """Steps (mostly bytes) a second in the current phase."""
        if self.state != State.RUNNING or not self.phase_started_at or not self.heartbeat_at or not self.done:
            return None
        seconds = (self.heartbeat_at - self.phase_started_at).total_seconds()
        return self.done / seconds if seconds > 0 else None

    @property
    def seconds_left(self) -> int | None:
        rate = self.rate
        return round(max(0, self.total - self.done) / rate) if rate and self.total else None

    @property
    def seconds(self) -> float | None:
        """How long it has taken so far, or took."""
        if not self.started_at:
            return None
        return ((self.finished_at or timezone.now()) - self.started_at).total_seconds()
