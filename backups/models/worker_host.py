"""A host whose workers answer: what it is able to do, and when it was last heard of."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class WorkerHost(models.Model):
    name = models.CharField(max_length=64, unique=True)
    version = models.CharField(max_length=20, blank=True)
    # Kinds of jobs, keys, folders: what of a job's `needs` it meets (services/abilities.py).
    offers = models.JSONField(default=list)
    started_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def can_meet(self, needs: list[str]) -> bool:
        return set(needs) <= set(self.offers)
