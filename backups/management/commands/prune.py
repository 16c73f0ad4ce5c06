"""`manage.py prune`: retention."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from backups.services import prune, work

from ._base import Answer, PanelCommand
from ._terminal import terminal


class Command(PanelCommand):
    help = "Drop the archives that retention does not keep."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would go; drop nothing")

    def answer(self, *, dry_run: bool, **_: Any) -> Answer:
        if dry_run:
            return _told(prune.prune_result(prune.choose_now()), verb="Would drop")
        with terminal() as shown:
            job = work.run_here(prune.request_prune(requested_by=None, trigger="command"), listener=shown)
        return _told(job.result, verb="Dropped")


def _told(result: dict[str, Any], *, verb: str) -> Answer:
    lines = [f"Kept {item['id']}: {item['reason']}" for item in result["kept"]]
    lines += [f"{verb} {item['id']}: {item['reason']}" for item in result["dropped"]]
    return Answer(result, "\n".join(lines) or "There is no archive yet.")
