"""One archive at one storage: there, on its way, or lost."""

from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .archive import Archive


class State(models.TextChoices):
    WHOLE = "whole", _("Whole")
    DAMAGED = "damaged", _("Damaged")
    MISSING = "missing", _("Missing")
    # On its way; nothing of it counts yet.
    PENDING = "pending", _("On its way")
    # Tried so often that a person has to look; it is still tried, once a day.
    FAILED = "failed", _("Not copied")


# Something lies at the storage under this copy's name.
LYING = (State.WHOLE, State.DAMAGED)


class Copy(models.Model):
    State = State

    archive = models.ForeignKey(Archive, on_delete=models.CASCADE, related_name="copies")
    storage = models.CharField(max_length=50)
    name = models.CharField(max_length=255)
    location = models.CharField(max_length=1000)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WHOLE)
    bytes = models.BigIntegerField(default=0)
    # Of the whole file, as it was read back; empty: it was never read whole by this panel.
    sha256 = models.CharField(max_length=64, blank=True)
    # When anybody last looked, and when each byte was last read and compared.
    checked_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True, db_index=True)
    # When it first lay there, as far as this panel knows: until it is read, its age counts from then.
    arrived_at = models.DateTimeField(default=timezone.now)
    # When reading it last failed for no fault of its own, and why; until it has been read whole again.
    unread_at = models.DateTimeField(null=True, blank=True)
    unread_code = models.CharField(max_length=50, blank=True)
    unread_params = models.JSONField(default=dict)
    # The storage keeps it from being deleted until then.
    retained_until = models.DateTimeField(null=True, blank=True)
    # How often copying it failed since it was last whole, when it may be tried again, and why it failed.
    tries = models.PositiveIntegerField(default=0)
    try_after = models.DateTimeField(null=True, blank=True)
    problem_code = models.CharField(max_length=50, blank=True)
    problem_params = models.JSONField(default=dict)

    # The last pin of which a note lies beside this copy.
    pin_noted = models.PositiveIntegerField(default=0)
    # Why retention is taking it away, from before its first byte goes until its row does.
    leaving = models.JSONField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "copies"
        ordering = ["storage"]
        constraints = [
            models.UniqueConstraint(
                fields=["archive", "storage"], name="one_copy_for_each_archive_and_storage"
            )
        ]

    def __str__(self) -> str:
        return f"{self.archive_id} at {self.storage}"

    @property
    def known_since(self) -> datetime:
        """Since when nobody has read it whole."""
        return self.read_at or self.arrived_at

    @property
    def is_whole(self) -> bool:
        return self.state == State.WHOLE

    @property
    def is_lying(self) -> bool:
        return self.state in LYING
