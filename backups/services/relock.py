"""After a new SECRET_KEY: what the one before it locked, so that it can be forgotten."""

from __future__ import annotations

from django.db.models import Model

from backups.models import Channel, Schedule

from . import secret_text

LOCKED: tuple[tuple[type[Model], str], ...] = ((Schedule, "heartbeat"), (Channel, "locked_address"))


def lock_anew() -> None:
    for model, field in LOCKED:
        rows = model._default_manager.exclude(**{field: ""})
        for pk, token in rows.values_list("pk", field):
            anew = secret_text.locked_anew(token)
            if anew != token:
                # Unless somebody wrote another one meanwhile.
                model._default_manager.filter(pk=pk, **{field: token}).update(**{field: anew})
