"""`manage.py archives`: what the storages hold."""

from __future__ import annotations

from typing import Any

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
        lines = [
            f"{item['id']}  {item['created'][:19]}  {size(item['bytes']):>10}  "
            f"{'proven' if item['proven_at'] else 'not proven':<10}  {item['state']}"
            for item in listed
        ]
        return Answer({"archives": listed}, "\n".join(lines) or "There is no archive yet.")
