"""What happened to one of the keys: it was made, handed out, proven, replaced or revoked."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# A key that nobody has tried for half a year may be a key that nobody finds.
PROOF_COUNTS = timedelta(days=180)


class What(models.TextChoices):
    MADE = "made", _("Made")
    REPLACED = "replaced", _("Replaced by a new one")
    REVOKED = "revoked", _("Revoked")
    KIT = "kit", _("Handed out in a recovery kit")
    PROVED = "proved", _("Opened an archive")


class KeyEvent(models.Model):
    """Of keys themselves the panel's own data holds nothing, only fingerprints of their public halves."""

    What = What

    what = models.CharField(max_length=10, choices=What.choices)
    # panel, recovery or signing.
    kind = models.CharField(max_length=10)
    fingerprint = models.CharField(max_length=16, db_index=True)
    at = models.DateTimeField(default=timezone.now)
    host = models.CharField(max_length=64, blank=True)
    # Of a proof: what was opened, and what the panel signed then.
    archive = models.CharField(max_length=64, blank=True)
    statement = models.TextField(blank=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.fingerprint} {self.what}"
