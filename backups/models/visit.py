"""Somebody's time in the panel, from signing in to the end: where from, with what, and whether it holds.

The session of Django carries the number of its visit, and the visit knows nothing of the session: whoever
reads this table can sign in as nobody.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Ended(models.TextChoices):
    SIGNED_OUT = "signed_out", _("signed out")
    IDLE = "idle", _("nothing was done for a while")
    TOO_LONG = "too_long", _("the longest time was over")
    TAKEN_BACK = "taken_back", _("ended from elsewhere")
    PASSWORD = "password", _("the password was changed")
    SWITCHED_OFF = "switched_off", _("the account was switched off")


class Visit(models.Model):
    Ended = Ended

    person = models.ForeignKey("backups.User", on_delete=models.CASCADE, related_name="visits")
    began_at = models.DateTimeField()
    # What the person did, to the minute; what a page asks for by itself does not count.
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=12, choices=Ended.choices, blank=True)
    address = models.CharField(max_length=45, blank=True)
    # The neighbourhood of the address, by which a place is known again.
    network = models.CharField(max_length=50, blank=True)
    browser = models.CharField(max_length=30, blank=True)
    system = models.CharField(max_length=30, blank=True)
    new_place = models.BooleanField(default=False)

    class Meta:
        ordering = ["-began_at"]
        indexes = [models.Index(fields=["person", "ended_at", "seen_at"], name="visits_of_a_person")]

    def __str__(self) -> str:
        return f"{self.person_id} since {self.began_at:%Y-%m-%d %H:%M}"
