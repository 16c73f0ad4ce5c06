"""`manage.py copy`: what is still to be copied to the further storages, now and in this process."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from backups.models import Archive
from backups.services import archives, catalogue, copies, copying_due, work
from backups.services.refusals import BackupError

from ._base import Answer, PanelCommand
from ._terminal import terminal


class Command(PanelCommand):
    help = "Copy archives to the storages that lack them: all that are due, or one archive."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("archive", metavar="ID|latest", nargs="?", help="only this archive")
        parser.add_argument("--storage", help="only to this storage")

    def answer(self, *, archive: str | None, storage: str | None, **_: Any) -> Answer:
        catalogue.look()
        wanted = archives.find_archive(archive) if archive else None
        made, problems = [], []
        with terminal() as shown:
            for where, what in _wanted(wanted, storage):
                job = copies.request_copy(what, where, requested_by=None, trigger="command")
                try:
                    made.append(work.run_here(job, listener=shown).result)
                except BackupError as error:
                    problems.append((where, what.pk, error))
        told = [f"Copied {item['id']} to {item['storage']}" for item in made]
        told += [f"Not copied: {pk} to {where}" for where, pk, _ in problems]
        failed = [
            {"id": pk, "storage": where, "code": problem.code, "error": str(problem)}
            for where, pk, problem in problems
        ]
        first = problems[0][2] if problems else None
        words = "\n".join(told) or "Every archive has its copies."
        return Answer({"copied": made, "failed": failed}, words, first)


def _wanted(archive: Archive | None, storage: str | None) -> list[tuple[str, Archive]]:
    lacking = copying_due.all_lacking()
    return [
        (where, found)
        for where, found in lacking
        if storage in (None, where) and (archive is None or archive == found)
    ]
