"""The panel's own calendar: what is kept and reckoned by days is the same for whoever looks."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone


def panel_day(moment: datetime | None = None) -> date:
    """Now, or of that moment."""
    return timezone.localdate(moment, timezone.get_default_timezone())
