"""Something that people should hear of, and its way to each of them."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .channel import Channel


class Urgency(models.TextChoices):
    CALM = "calm", _("Good to know")
    URGENT = "urgent", _("Urgent")


class Notice(models.Model):
    Urgency = Urgency

    kind = models.SlugField(max_length=40)
    urgency = models.CharField(max_length=10, choices=Urgency.choices)
    params = models.JSONField(default=dict)
    # Of the page that says more, within the panel.
    path = models.CharField(max_length=200, blank=True)
    # Told once for each key.
    key = models.CharField(max_length=150, null=True, unique=True)  # noqa: DJ001 - NULLs are not equal, '' is
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.kind} {self.created_at:%Y-%m-%d %H:%M}"


class DeliveryState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Given up")


class Delivery(models.Model):
    """One notice to one channel."""

    State = DeliveryState

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="deliveries")
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    tries = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(db_index=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "channel"], name="one_delivery_for_each_notice_and_channel"
            )
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} to {self.channel_id}: {self.state}"
