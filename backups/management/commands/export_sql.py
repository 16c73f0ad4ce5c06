"""`manage.py export_sql`: an archive as one plain SQL file, for whoever does without us."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from backups.services.export import save_export

from ._archive import add_archive_argument, wanted_archive
from ._base import Answer, PanelCommand
from ._terminal import terminal
from ._words import size


class Command(PanelCommand):
    help = "Write an archive as one plain .sql.gz, NOT encrypted, that phpMyAdmin, mariadb and mysql load."

    def add_arguments(self, parser: CommandParser) -> None:
        add_archive_argument(parser)
        parser.add_argument(
            "--output", metavar="FILE", type=Path, required=True, help="a file that is not there yet"
        )
        parser.add_argument("--tables", metavar="a,b", help="only these tables, with their triggers")

    def answer(self, *, archive: str, output: Path, tables: str | None, json: bool, **_: Any) -> Answer:
        wanted = wanted_archive(archive)
        chosen = None if tables is None else [name.strip() for name in tables.split(",")]
        with terminal() as shown:
            written = save_export(wanted, output, tables=chosen, by=None, progress=shown)
        values = {"id": wanted.pk, "output": str(output.absolute()), "bytes": written}
        if not json:
            self.stderr.write("This file is not encrypted: whoever reads it reads the database.")
        return Answer(values, f"{output}: {size(written)}")
