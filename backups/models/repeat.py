"""What was recorded once and goes on: counted here, and recorded with its number when its window ends."""

from django.db import models


class Repeat(models.Model):
    key = models.CharField(max_length=64, unique=True)
    # Since the event that told of the first.
    times = models.PositiveIntegerField(default=0)
    until = models.DateTimeField(db_index=True)
    action = models.SlugField(max_length=50)
    actor = models.ForeignKey("backups.User", null=True, on_delete=models.CASCADE, related_name="repeats")
    outcome = models.CharField(max_length=10)
    address = models.CharField(max_length=45, blank=True)
    details = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.action} {self.times} times until {self.until:%Y-%m-%d %H:%M}"
