"""Something bad that happened, and what people did about it."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    LOST = "lost", _("Data was lost")
    DAMAGED = "damaged", _("Data was damaged or changed")
    STOLEN = "stolen", _("Data was stolen or seen by strangers")
    RANSOM = "ransom", _("Ransomware: files are encrypted, somebody demands money")
    SERVER = "server", _("The server is gone")


class Incident(models.Model):
    Kind = Kind

    what = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind.choices, blank=True)
    # The clock of the law runs from here.
    noticed_at = models.DateTimeField()
    opened_at = models.DateTimeField(default=timezone.now)
    opened_by = models.ForeignKey(
        "backups.User", null=True, on_delete=models.PROTECT, related_name="incidents"
    )
    closed_at = models.DateTimeField(null=True, db_index=True)
    # Mall admins see a banner while this is on and the incident is open.
    tells_malls = models.BooleanField(default=False)
    malls_do = models.CharField(max_length=500, blank=True)
    malls_call = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["-opened_at"]

    def __str__(self) -> str:
        return self.what

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class EntryKind(models.TextChoices):
    NOTE = "note", _("Note")
    STEP = "step", _("Step")
    FACT = "fact", _("For the report")
    MALLS = "malls", _("Told the malls")
    CLOSED = "closed", _("Closed")


class OnlyAdded(models.QuerySet["IncidentEntry"]):
    def update(self, **_: Any) -> NoReturn:
        raise TypeError("an entry of an incident is never changed")

    def delete(self) -> NoReturn:
        raise TypeError("an entry of an incident is never deleted")


class IncidentEntry(models.Model):
    """What somebody wrote or did. Of a step or a fact the newest entry counts, and those before it stay."""

    Kind = EntryKind

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=10, choices=EntryKind.choices)
    # Which step or fact; of a step `text` is done, skipped or open.
    name = models.SlugField(max_length=40, blank=True)
    text = models.TextField(blank=True)
    # When it happened, which somebody may write down later.
    at = models.DateTimeField(db_index=True)
    written_at = models.DateTimeField(default=timezone.now)
    author = models.ForeignKey("backups.User", on_delete=models.PROTECT, related_name="incident_entries")

    objects: ClassVar[models.Manager[IncidentEntry]] = OnlyAdded.as_manager()

    class Meta:
        verbose_name_plural = "incident entries"
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("an entry of an incident is never changed")
        super().save(*args, **kwargs)

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("an entry of an incident is never deleted")
