"""When backups are made by themselves."""

from __future__ import annotations

from datetime import time

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Every(models.TextChoices):
    HOURS = "hours", _("Every few hours")
    DAILY = "daily", _("Every day")
    WEEKLY = "weekly", _("On days of the week")
    MONTHLY = "monthly", _("Once a month")
    CRON = "cron", _("By a line of cron")


class Schedule(models.Model):
    Every = Every

    name = models.CharField(_("name"), max_length=100, unique=True)
    every = models.CharField(_("how often"), max_length=10, choices=Every.choices, default=Every.DAILY)
    # By the panel's clock; of one that runs every few hours, when the first of the day may begin.
    at = models.TimeField(_("time"), default=time(2, 0))
    hours = models.PositiveSmallIntegerField(default=6)
    # 0 is Monday.
    weekdays = models.JSONField(default=list)
    # 0 is a month's last.
    day = models.PositiveSmallIntegerField(default=1)
    cron = models.CharField(max_length=100, blank=True)
    # database, files or everything
    content = models.CharField(max_length=10, default="everything")
    enabled = models.BooleanField(_("on"), default=True)
    # Slots up to this moment are none of its: it was made, changed or switched on again then.
    since = models.DateTimeField(default=timezone.now)
    next_run = models.DateTimeField(null=True, blank=True)
    # Encrypted: whoever knows the address can report that all is well.
    heartbeat = models.TextField(blank=True)
    # Why it was not reached the last time, as a slug; empty when it was.
    heartbeat_problem = models.CharField(max_length=30, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
