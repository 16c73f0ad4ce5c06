"""How many audit events there are, and the last one's digest: kept apart, so that a cut tail shows."""

from django.db import models


class AuditHead(models.Model):
    """One row. `signature` is over the signed count and digest, by the panel's signing key."""

    count = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    # Behind the others while the signing key cannot be read.
    signed_count = models.BigIntegerField(default=0)
    signed_digest = models.CharField(max_length=64, blank=True)
    signature = models.CharField(max_length=100, blank=True)

    def __str__(self) -> str:
        return f"{self.count} events"
