"""`manage.py pin`: an archive that retention leaves alone until a day."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from backups.services import archives, pin_notes, pins
from backups.services.refusals import Usage

from ._archive import add_archive_argument, wanted_archive
from ._base import Answer, PanelCommand


class Command(PanelCommand):
    help = "Pin an archive: retention leaves it alone to the end of that day."

    def add_arguments(self, parser: CommandParser) -> None:
        add_archive_argument(parser)
        parser.add_argument("--until", metavar="DATE", required=True, help="a day, as 2027-03-31")
        parser.add_argument("--reason", metavar="TEXT", required=True, help="why, for whoever asks later")

    def answer(self, *, archive: str, until: str, reason: str, **_: Any) -> Answer:
        if not reason.strip():
            raise Usage(reason="give a reason: --reason TEXT")
        pinned = wanted_archive(archive)
        pins.pin(pinned, until=_end_of(until), reason=reason.strip(), by=None)
        pin_notes.write_due()
        return Answer(archives.listing_of(pinned), f"{pinned.pk} is pinned until {until}.")


def _end_of(day: str) -> datetime:
    try:
        last = datetime.combine(datetime.fromisoformat(day).date(), time(23, 59, 59))
    except ValueError:
        raise Usage(reason=f"{day} is not a day; write it as 2027-03-31") from None
    return timezone.make_aware(last)
