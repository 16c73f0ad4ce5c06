"""One restore: what it put where, and until when it can be undone."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    BUILDING = "building", _("Being built")
    SWAPPED = "swapped", _("Live")
    UNDONE = "undone", _("Undone")
    FAILED = "failed", _("Failed")
    ELSEWHERE = "elsewhere", _("In another database")


class Restore(models.Model):
    State = State

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.ForeignKey("backups.Job", null=True, on_delete=models.SET_NULL, related_name="restores")
    archive = models.ForeignKey(
        "backups.Archive", null=True, on_delete=models.SET_NULL, related_name="restores"
    )
    target = models.CharField(max_length=64)
    scope = models.CharField(max_length=20, default="database")
    state = models.CharField(max_length=10, choices=State.choices, default=State.BUILDING, db_index=True)
    before_schema = models.CharField(max_length=64, blank=True)
    undone_schema = models.CharField(max_length=64, blank=True)
    # What was set aside of folders of files is still there, beside the live ones.
    keeps_files = models.BooleanField(default=False)
    swap_ms = models.IntegerField(null=True)
    tables = models.PositiveIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    seconds = models.FloatField(default=0)
    # When it went live: of two restores the later one here lies on top, whichever was asked for first.
    swapped_at = models.DateTimeField(null=True, db_index=True)
    # Until then what was set aside is kept: by the restore, and once undone by the undo.
    undo_until = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    safety_archive = models.ForeignKey(
        "backups.Archive", null=True, blank=True, on_delete=models.SET_NULL, related_name="safety_for"
    )
    safety_skipped = models.BooleanField(default=False)
    # not_wanted, nothing_there, gone or unreadable; '' in rows of before, and where there is one.
    safety_why = models.CharField(max_length=20, blank=True)
    # Where files went instead of into their own place.
    folder = models.TextField(blank=True)
    new_findings = models.JSONField(default=list)
    known_findings = models.JSONField(default=list)
    accepted = models.JSONField(default=list)
    # Statements whose tables were spelled anew, in which what was restored does not equal the archive.
    rewritten = models.JSONField(default=list)
    lost_rows = models.JSONField(default=list)
    requested_by = models.ForeignKey(
        "backups.User", null=True, on_delete=models.SET_NULL, related_name="restores"
    )
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.archive_id} into {self.target}"

    @property
    def window_closed(self) -> bool:
        """It went live, and the way back is over."""
        over = self.undo_until is not None and timezone.now() > self.undo_until
        return self.state == State.SWAPPED and over

    @property
    def keeps_something(self) -> bool:
        """What was set aside is still there, by what the panel knows."""
        return bool(self.before_schema or self.undone_schema) or self.keeps_files

    @property
    def can_undo(self) -> bool:
        within = self.undo_until is not None and timezone.now() <= self.undo_until
        return self.state == State.SWAPPED and (bool(self.before_schema) or self.keeps_files) and within
