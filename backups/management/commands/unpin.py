"""`manage.py unpin`: retention may take the archive again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from backups.services import archives, pin_notes, pins

from ._archive import add_archive_argument, wanted_archive
from ._base import Answer, PanelCommand


class Command(PanelCommand):
    help = "Take the pin off an archive."

    def add_arguments(self, parser: CommandParser) -> None:
        add_archive_argument(parser)

    def answer(self, *, archive: str, **_: Any) -> Answer:
        pinned = wanted_archive(archive)
        pins.unpin(pinned, by=None)
        pin_notes.write_due()
        return Answer(archives.listing_of(pinned), f"{pinned.pk} is no longer pinned.")
