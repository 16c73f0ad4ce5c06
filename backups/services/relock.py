"""After a new SECRET_KEY: what the one before it locked, so that it can be forgotten."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Model

from backups.models import Channel, Schedule

from . import secret_text

LOCKED: tuple[tuple[type[Model], str], ...] = ((Schedule, "heartbeat"), (Channel, "locked_address"))


# Within the one value that allauth keeps for a second factor.
IN_FACTORS = ("secret", "seed", "kept", "unseen")


def lock_anew() -> None:
    _factors_anew()
    for model, field in LOCKED:
        rows = model._default_manager.exclude(**{field: ""})
        for pk, token in rows.values_list("pk", field):
            anew = secret_text.locked_anew(token)
            if anew != token:
                # Unless somebody wrote another one meanwhile.
                model._default_manager.filter(pk=pk, **{field: token}).update(**{field: anew})


def _factors_anew() -> None:
    for pk in Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).values_list("pk", flat=True):
        with transaction.atomic():
            # Held meanwhile: a recovery code that is just being used is noted in the same value.
            factor = Authenticator.objects.select_for_update().filter(pk=pk).first()
            told = factor.data if factor else {}
            anew = {name: secret_text.locked_anew(told[name]) for name in IN_FACTORS if name in told}
            if factor and any(told[name] != token for name, token in anew.items()):
                factor.data = {**told, **anew}
                factor.save(update_fields=["data"])
