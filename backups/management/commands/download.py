"""`manage.py download`: the archive as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from backups.services.download import save_download

from ._archive import add_archive_argument, wanted_archive
from ._base import Answer, PanelCommand
from ._terminal import terminal
from ._words import size


class Command(PanelCommand):
    help = "Write an archive, encrypted as it is, to a new file."

    def add_arguments(self, parser: CommandParser) -> None:
        add_archive_argument(parser)
        parser.add_argument(
            "--output", metavar="FILE", type=Path, required=True, help="a file that is not there yet"
        )

    def answer(self, *, archive: str, output: Path, **_: Any) -> Answer:
        wanted = wanted_archive(archive)
        with terminal() as shown:
            written = save_download(wanted, output, by=None, progress=shown)
        values = {"id": wanted.pk, "output": str(output.absolute()), "bytes": written}
        return Answer(values, f"{output}: {size(written)}")
