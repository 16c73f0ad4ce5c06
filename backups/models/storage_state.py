"""How a storage was when it was last looked at. What lies there is in the rows of copies."""

from django.db import models


class StorageState(models.Model):
    storage = models.CharField(max_length=50, unique=True)
    # The last look that succeeded, and what was wrong at the last one; empty: nothing.
    listed_at = models.DateTimeField(null=True, blank=True)
    problem_code = models.CharField(max_length=50, blank=True)
    problem_params = models.JSONField(default=dict)
    problem_since = models.DateTimeField(null=True, blank=True)
    # When an archive was last written there and read back.
    written_at = models.DateTimeField(null=True, blank=True)
    # Most of what was known to lie there was not found: first seen then, not believed at first sight.
    doubted_at = models.DateTimeField(null=True, blank=True)
    # Found gone by two looks, and how many archives; stands until a person has taken note of it.
    lost_at = models.DateTimeField(null=True, blank=True)
    lost_count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["storage"]

    def __str__(self) -> str:
        return self.storage
