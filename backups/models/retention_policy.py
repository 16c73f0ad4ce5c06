"""How long archives are kept at one storage. Without a row, the preset."""

from django.db import models


class RetentionPolicy(models.Model):
    storage = models.CharField(max_length=50, unique=True)
    # Each number begins where the one before it ends.
    all_days = models.PositiveSmallIntegerField(default=7)
    daily = models.PositiveSmallIntegerField(default=16)
    weekly = models.PositiveSmallIntegerField(default=8)
    monthly = models.PositiveSmallIntegerField(default=4)
    yearly = models.PositiveSmallIntegerField(default=2)
    max_bytes = models.BigIntegerField(null=True, blank=True)
    # When the storage last refused to let us delete: then somebody else clears it, or nobody.
    refused_at = models.DateTimeField(null=True, blank=True)
    # How often it was changed, and which of them is noted at the storage.
    number = models.PositiveIntegerField(default=0)
    noted = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "retention policies"
        ordering = ["storage"]

    def __str__(self) -> str:
        return self.storage
