"""The newest code of an authenticator app that was accepted: none as old as that is accepted again."""

from django.db import models


class LastCode(models.Model):
    authenticator = models.OneToOneField("mfa.Authenticator", on_delete=models.CASCADE, primary_key=True)
    # The number of the half minute that the code was made for.
    counter = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.counter}"
