"""Whom a mall admin calls: what the settings say, or else the superadmins by name."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext

from backups.models import User

# More than these nobody rings up.
NAMED = 3


def whom_to_call() -> str:
    """As the settings have it, or names with their addresses; empty where there is nobody."""
    if settings.SUPPORT_CONTACT:
        return str(settings.SUPPORT_CONTACT)
    there = User.objects.filter(role=User.Role.SUPERADMIN, is_active=True).order_by("name", "email")
    # Somebody without a name goes by the address, which is then said once.
    names = [f"{one.name} ({one.email})" if one.name else one.email for one in there[:NAMED]]
    if len(names) < 2:
        return "".join(names)
    return gettext("%(some)s or %(last)s") % {"some": ", ".join(names[:-1]), "last": names[-1]}
