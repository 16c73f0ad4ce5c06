"""`manage.py archives`: what the storages hold."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from backups import queries
from backups.services import archives, catalogue

from ._base import Answer, PanelCommand
from ._words import size


class Command(PanelCommand):
    help = "List the archives that the storages hold."

    def answer(self, **_: Any) -> Answer:
        catalogue.look()
        listed = [
            archives.listing_of(archive) for archive in queries.archives() if archive.state != "missing"
        ]
        return Answer({"archives": listed}, "\n".join(map(_line, listed)) or "There is no archive yet.")


def _line(item: dict[str, Any]) -> str:
    """By the clock on the wall: who looks for the last one before it happened is in no mood to convert."""
    made = timezone.localtime(datetime.fromisoformat(item["created"]))
    proven = "proven" if item["proven_at"] else "not proven"
    return (
        f"{item['id']}  {made:%Y-%m-%d %H:%M %Z}  {size(item['bytes']):>10}  "
        f"{proven:<10}  {item['state']:<8} {item['purpose']}"
    )
