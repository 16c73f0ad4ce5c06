"""What one superadmin wants to do, and what a second one said to it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    WANTED = "wanted", _("Waiting for a second person")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    # The asker went on without a second person.
    ALONE = "alone", _("Going on alone")
    USED = "used", _("Done")
    LAPSED = "lapsed", _("Time over")


# Somebody may still do something about it.
OPEN = (State.WANTED, State.APPROVED, State.ALONE)
# The asker may do it.
GOOD = (State.APPROVED, State.ALONE)


class Approval(models.Model):
    """Rows are never deleted: each is one decision of two people."""

    State = State

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WANTED, db_index=True)
    kind = models.SlugField(max_length=40)
    # Of all that makes it this act and no other: services/acts.py.
    digest = models.CharField(max_length=64, db_index=True)
    archive = models.ForeignKey(
        "backups.Archive", null=True, blank=True, on_delete=models.SET_NULL, related_name="approvals"
    )
    seal = models.CharField(max_length=64, blank=True)
    about = models.JSONField(default=dict)
    # Where the wish was sent to, and what was sent, encrypted: gone when the wish is over.
    path = models.TextField()
    locked_sent = models.TextField(blank=True)
    asked_by = models.ForeignKey("backups.User", on_delete=models.PROTECT, related_name="approvals_asked")
    asked_at = models.DateTimeField(default=timezone.now, db_index=True)
    decided_by = models.ForeignKey(
        "backups.User", null=True, blank=True, on_delete=models.PROTECT, related_name="approvals_decided"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    # Why it was refused.
    reason = models.CharField(max_length=500, blank=True)
    # Of the state it is in: until then somebody may approve, and after that the asker may do it.
    until = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    # The one job that it was used for.
    job = models.OneToOneField(
        "backups.Job", null=True, blank=True, on_delete=models.SET_NULL, related_name="approval"
    )
    # Done without a second person: when, why, and which other superadmin has taken note.
    alone_at = models.DateTimeField(null=True, blank=True, db_index=True)
    alone_reason = models.CharField(max_length=500, blank=True)
    noted_by = models.ForeignKey(
        "backups.User", null=True, blank=True, on_delete=models.PROTECT, related_name="approvals_noted"
    )
    noted_at = models.DateTimeField(null=True, blank=True)
    # Over nearly all of the above, under a key that is not in this database: services/approval_mark.py.
    mark = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=models.F("asked_by")),
                name="nobody_approves_their_own_wish",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.asked_by_id}: {self.state}"

    @property
    def began(self) -> bool:
        """A clock that was set back does not give more time."""
        return (self.decided_at or self.alone_at or self.asked_at) <= timezone.now()

    @property
    def in_time(self) -> bool:
        return self.began and timezone.now() < self.until

    @property
    def is_wanted(self) -> bool:
        return self.state == State.WANTED and self.in_time

    @property
    def is_good(self) -> bool:
        return self.state in GOOD and self.in_time

    @property
    def shown_state(self) -> str:
        """Its time may be over before the clock has said so."""
        return State.LAPSED if self.state in OPEN and not self.in_time else State(self.state)

    @property
    def went_alone(self) -> bool:
        return self.alone_at is not None
