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

    def answer(self, *, files: list[Path], json: bool, **_: Any) -> Answer:
        with terminal() as shown:
            adopted = import_archives(files, progress=shown)
        names = [archive.pk for archive in adopted.imported]
        told = "\n".join(f"Imported {name}" for name in names) or "Every archive was known already."
        problems = [
            {"name": problem.name, "error": str(problem.error), "code": problem.error.code}
            for problem in adopted.problems
        ]
        failed = next((problem.error for problem in adopted.problems if problem.asked_for), None)
        if not json:
            for problem in problems:
                self.stderr.write(f"{problem['name']}: {problem['error']}")
        return Answer({"imported": names, "problems": problems}, told, failed)
