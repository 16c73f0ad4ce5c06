"""When backups are made by themselves."""

from datetime import time

from django.db import models
from django.utils.translation import gettext_lazy as _


class Every(models.TextChoices):
    DAILY = "daily", _("Every day")
    HOURLY = "hourly", _("Every hour")


class Schedule(models.Model):
    Every = Every

    name = models.CharField(_("name"), max_length=100, unique=True)
    every = models.CharField(_("how often"), max_length=10, choices=Every.choices, default=Every.DAILY)
    # Local time of the panel; of an hourly schedule only the minute counts.
    at = models.TimeField(_("time"), default=time(2, 0))
    enabled = models.BooleanField(_("on"), default=True)
    next_run = models.DateTimeField(null=True, blank=True)
    last_slot = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
