"""`manage.py verify`: the seal and every member."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from backups.services import work
from backups.services.verify import request_verify

from ._archive import add_archive_argument, wanted_archive
from ._base import Answer, PanelCommand
from ._terminal import terminal


class Command(PanelCommand):
    help = "Check the seal and every member of an archive, at each storage that holds it or at one."

    def add_arguments(self, parser: CommandParser) -> None:
        add_archive_argument(parser)
        parser.add_argument("--deep", action="store_true", help="decrypt and decompress every member too")
        parser.add_argument("--storage", metavar="NAME", default="", help="only the copy at this storage")

    def answer(self, *, archive: str, deep: bool, storage: str, **_: Any) -> Answer:
        wanted = wanted_archive(archive)
        with terminal() as shown:
            asked = request_verify(wanted, requested_by=None, trigger="command", deep=deep, storage=storage)
            job = work.run_here(asked, listener=shown)
        where = ", ".join(copy["storage"] for copy in job.result["copies"])
        return Answer(job.result, f"{wanted.pk} is whole at {where}: {job.result['members']} members hold.")
