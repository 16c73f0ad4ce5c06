"""The evidence that an archive restored and equalled its source, or did not."""

from django.db import models

from .archive import Archive


class Proof(models.Model):
    archive = models.ForeignKey(Archive, on_delete=models.CASCADE, related_name="proofs")
    job = models.ForeignKey("backups.Job", null=True, on_delete=models.SET_NULL, related_name="proofs")
    made_at = models.DateTimeField(db_index=True)
    proven = models.BooleanField()
    equal = models.BooleanField()
    new_findings = models.JSONField(default=list)
    known_findings = models.JSONField(default=list)
    not_exercised = models.JSONField(default=list)
    differences = models.JSONField(default=list)
    tables = models.PositiveIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    seconds = models.FloatField(default=0)
    # (table, rows) and (phase, seconds): of a drill, in the order in which they were.
    table_rows = models.JSONField(default=list)
    phases = models.JSONField(default=list)
    storage = models.CharField(max_length=50, blank=True)
    # Where it was tried out; '' stands for the protected server.
    server = models.CharField(max_length=255, blank=True)
    server_version = models.CharField(max_length=100, blank=True)
    # By the mall's id: what of its own is in the archive (services/mall_figures.py).
    mall_figures = models.JSONField(default=dict)
    # All of that, signed when it was found; '' where the host had no signing key.
    statement = models.TextField(blank=True)

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.archive_id}: {'proven' if self.proven else 'not proven'}"

    @property
    def works(self) -> bool:
        return not self.new_findings
