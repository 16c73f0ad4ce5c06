"""What somebody did. Events are only ever added, and each carries the digest of the one before."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _


class Outcome(models.TextChoices):
    OK = "ok", _("Done")
    REFUSED = "refused", _("Refused")
    FAILED = "failed", _("Failed")


class AppendOnly(models.QuerySet["AuditEvent"]):
    def update(self, **_: Any) -> NoReturn:
        raise TypeError("an audit event is never changed")

    def delete(self) -> NoReturn:
        raise TypeError("an audit event is never deleted")


class AuditEvent(models.Model):
    Outcome = Outcome

    at = models.DateTimeField(db_index=True)
    # PROTECT: a person who did something is switched off, not deleted.
    actor = models.ForeignKey(
        "backups.User", null=True, on_delete=models.PROTECT, related_name="audit_events"
    )
    actor_label = models.CharField(max_length=254)
    action = models.SlugField(max_length=50)
    object_kind = models.CharField(max_length=30, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.OK)
    address = models.CharField(max_length=45, blank=True)
    details = models.JSONField(default=dict)
    # Unique: of two events that follow the same one only the first is stored, so the chain never forks.
    previous = models.CharField(max_length=64, unique=True)
    digest = models.CharField(max_length=64, unique=True)

    objects: ClassVar[models.Manager[AuditEvent]] = AppendOnly.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_label} {self.action}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("an audit event is never changed")
        super().save(*args, **kwargs)

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("an audit event is never deleted")
