"""One moment at which a schedule fell due, and what became of it."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SlotState(models.TextChoices):
    CLAIMED = "claimed", _("Waiting")
    STARTED = "started", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    MISSED = "missed", _("Missed")


UNDER_WAY = (SlotState.CLAIMED, SlotState.STARTED)


class Slot(models.Model):
    State = SlotState

    # What was done stays when the schedule goes.
    schedule = models.ForeignKey(
        "backups.Schedule", null=True, on_delete=models.SET_NULL, related_name="slots"
    )
    at = models.DateTimeField(db_index=True)
    state = models.CharField(max_length=10, choices=SlotState.choices, default=SlotState.CLAIMED)
    # Begun well after its time: the machine was off, or the clock stood.
    late = models.BooleanField(default=False)
    job = models.ForeignKey("backups.Job", null=True, on_delete=models.SET_NULL, related_name="slots")
    # A backup that a crash broke off is begun anew.
    tries = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(default=timezone.now)
    # What the outside heartbeat was told last: start, success or fail; and the next try to tell it more.
    told = models.CharField(max_length=10, blank=True)
    tell_after = models.DateTimeField(null=True)
    tell_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["schedule", "at"], name="one_slot_per_moment")]

    def __str__(self) -> str:
        return f"{self.schedule_id} {self.at.isoformat()}"
