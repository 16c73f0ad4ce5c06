"""One archive at one storage."""

from django.db import models

from .archive import Archive, State


class Copy(models.Model):
    State = State

    archive = models.ForeignKey(Archive, on_delete=models.CASCADE, related_name="copies")
    storage = models.CharField(max_length=50)
    name = models.CharField(max_length=255)
    location = models.CharField(max_length=1000)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WHOLE)
    bytes = models.BigIntegerField(default=0)
    checked_at = models.DateTimeField()

    # Why retention is taking it away, from before its first byte goes until its row does.
    leaving = models.JSONField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "copies"
        ordering = ["storage"]
        constraints = [
            models.UniqueConstraint(
                fields=["archive", "storage"], name="one_copy_for_each_archive_and_storage"
            )
        ]

    def __str__(self) -> str:
        return f"{self.archive_id} at {self.storage}"
