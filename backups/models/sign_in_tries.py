"""Wrong passwords, counted for one account or one address within one window of time."""

from django.db import models


class SignInTries(models.Model):
    # A digest: what was typed into the field for the address may be anything, even a password.
    key = models.CharField(max_length=64, unique=True)
    failures = models.PositiveIntegerField(default=0)
    until = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "sign-in tries"

    def __str__(self) -> str:
        return f"{self.failures} until {self.until:%Y-%m-%d %H:%M}"
