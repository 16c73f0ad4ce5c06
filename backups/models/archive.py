"""One backup, as the panel's index knows it. The storages hold the truth."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from .proof import Proof

SAFETY = "safety"
# Taken over from a dump of elsewhere: never `latest`, never cleared by itself.
ADOPTED = "adopted"
NOT_REGULAR = (SAFETY, ADOPTED)
# Two clocks may differ by so much; what lies further ahead was dated by one that was wrong.
AHEAD = timedelta(hours=1)
# What an archive can hold.
DATABASE, FILES = "database", "files"


class State(models.TextChoices):
    WHOLE = "whole", _("Whole")
    DAMAGED = "damaged", _("Damaged")
    MISSING = "missing", _("Missing")


class PresentArchives(models.Manager["Archive"]):
    """Archives that retention has not dropped."""

    def get_queryset(self) -> models.QuerySet[Archive]:
        return super().get_queryset().filter(pruned_at__isnull=True)


class EveryArchive(models.Manager["Archive"]):
    """Those too that retention has dropped: restores and jobs still speak of them."""


class Archive(models.Model):
    """An index row. Deleting it deletes no archive; `manage.py import_archives` makes it anew."""

    State = State

    id = models.CharField(primary_key=True, max_length=64)
    database = models.CharField(max_length=64)
    created = models.DateTimeField(db_index=True)
    purpose = models.CharField(max_length=20)
    label = models.CharField(max_length=200, blank=True)
    content = models.JSONField(default=list)
    bytes = models.BigIntegerField(default=0)
    tables = models.PositiveIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    seconds = models.FloatField(default=0)
    server_version = models.CharField(max_length=100, blank=True)
    sequence = models.BigIntegerField(default=0)
    seal_digest = models.CharField(max_length=64, blank=True)
    # Where the audit stood then, as the seal says it: "events:digest"; empty in older archives.
    audit_mark = models.CharField(max_length=90, blank=True)
    # Fingerprints: whose keys open it, joined by commas, and whose sealed it. Empty: its seal was read before
    # anybody asked.
    recipients = models.TextField(blank=True)
    signer = models.CharField(max_length=16, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WHOLE)
    problem_code = models.CharField(max_length=50, blank=True)
    problem_params = models.JSONField(default=dict)
    warnings = models.JSONField(default=list)
    table_rows = models.JSONField(default=list)
    # What its rows weigh in the archive: compressed and encrypted.
    stored_rows = models.BigIntegerField(default=0)
    # What is far from how the archives before it were, and when somebody looked at that.
    anomalies = models.JSONField(default=list)
    anomalies_seen_at = models.DateTimeField(null=True, blank=True)
    code_counts = models.JSONField(default=dict)
    # Of files: path, files and bytes of each folder. Empty too where the manifest cannot be opened here.
    folders = models.JSONField(default=list)
    # What the server and our process bore while it was made; empty: not measured then.
    burden = models.JSONField(default=dict)
    # The application then: framework, revision, how many migrations and the last; empty: not told.
    release = models.JSONField(default=dict)
    pinned_until = models.DateTimeField(null=True, blank=True)
    pin_reason = models.CharField(max_length=200, blank=True)
    # How often it was pinned or the pin taken off: the number of the note beside the archive.
    pin_number = models.PositiveIntegerField(default=0)
    requested_by = models.ForeignKey(
        "backups.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="archives"
    )
    job = models.ForeignKey(
        "backups.Job", null=True, blank=True, on_delete=models.SET_NULL, related_name="made_archives"
    )
    verified_at = models.DateTimeField(null=True, blank=True)
    pruned_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[PresentArchives] = PresentArchives()
    with_pruned: ClassVar[EveryArchive] = EveryArchive()

    class Meta:
        ordering = ["-created", "-sequence"]
        base_manager_name = "with_pruned"

    def __str__(self) -> str:
        return self.id

    @property
    def latest_proof(self) -> Proof | None:
        # In Python, so that a prefetch of a whole list is used.
        return max(self.proofs.all(), key=lambda proof: proof.made_at, default=None)

    @property
    def proven_at(self) -> datetime | None:
        proof = self.latest_proof
        return proof.made_at if proof and proof.proven else None

    @property
    def holds_files(self) -> bool:
        return "files" in self.content

    @property
    def holds_database(self) -> bool:
        return "database" in self.content

    @property
    def file_count(self) -> int:
        return sum(int(folder["files"]) for folder in self.folders)

    @property
    def file_bytes(self) -> int:
        return sum(int(folder["bytes"]) for folder in self.folders)

    @property
    def is_known(self) -> bool:
        """Whether its manifest was ever opened here; before that nobody knows what is in it."""
        return bool(self.code_counts or self.tables or self.folders)

    @property
    def lies_ahead(self) -> bool:
        return self.created > timezone.now() + AHEAD

    @property
    def is_safety(self) -> bool:
        return self.purpose == SAFETY

    @property
    def is_regular(self) -> bool:
        return self.purpose not in NOT_REGULAR

    @property
    def is_adopted(self) -> bool:
        return self.purpose == ADOPTED

    @property
    def is_whole(self) -> bool:
        return self.state == State.WHOLE
