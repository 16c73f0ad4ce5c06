"""A way to reach somebody: an address book entry for notices, its secrets encrypted."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    MAIL = "mail", _("E-mail")
    TELEGRAM = "telegram", _("Telegram")
    WHATSAPP = "whatsapp", _("WhatsApp")
    SLACK = "slack", _("Slack")
    WEBHOOK = "webhook", _("Webhook")


class Channel(models.Model):
    Kind = Kind

    name = models.CharField(_("name"), max_length=100, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    # Where to send, with its token or password: encrypted, and never shown again.
    locked_address = models.TextField()
    # What may be shown of it.
    hint = models.CharField(max_length=200, blank=True)
    language = models.CharField(
        _("language"), max_length=2, choices=[("id", _("Indonesian")), ("en", _("English"))], default="id"
    )
    enabled = models.BooleanField(_("on"), default=True)
    # Only what is urgent, or all.
    urgent_only = models.BooleanField(default=False)
    # By the panel's clock; both empty: no quiet hours. What is urgent rings all the same, unless it may not.
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    urgent_rings = models.BooleanField(default=True)
    # A person's own, by mail to their own address: it hears of `kinds` only, and of what concerns them alone.
    person = models.OneToOneField(
        "backups.User", null=True, blank=True, on_delete=models.CASCADE, related_name="channel"
    )
    kinds = models.JSONField(default=list, blank=True)
    busy_until = models.DateTimeField(null=True)
    last_sent_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
