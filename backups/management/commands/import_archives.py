"""`manage.py import_archives`: the index made anew from the storages; a file adopted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from backups.services.adopt import import_archives

from ._base import Answer, PanelCommand
from ._terminal import terminal


class Command(PanelCommand):
    help = "Rebuild the index from what the storages hold, or adopt archive files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", metavar="FILE", nargs="*", type=Path, help="an archive file to take in")

    def answer(self, *, files: list[Path], **_: Any) -> Answer:
        with terminal() as shown:
            imported = import_archives(files, progress=shown)
        names = [archive.pk for archive in imported]
        told = "\n".join(f"Imported {name}" for name in names) or "Every archive was known already."
        return Answer({"imported": names}, told)
