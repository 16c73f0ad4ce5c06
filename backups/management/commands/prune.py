"""`manage.py prune`: retention."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from backups.services import prune, work
from backups.templatetags.retention import line_words

from ._base import Answer, PanelCommand
from ._terminal import terminal


class Command(PanelCommand):
    help = "Drop the archives that retention does not keep."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would go; drop nothing")
        parser.add_argument("--storage", metavar="NAME", default="", help="at this storage only")

    def answer(self, *, dry_run: bool, storage: str, **_: Any) -> Answer:
        if dry_run:
            return _told(prune.told(prune.look(storage)), verb="Would drop")
        with terminal() as shown:
            asked = prune.request_prune(requested_by=None, trigger="command", storage=storage)
            job = work.run_here(asked, listener=shown)
        return _told(job.result, verb="Dropped")


def _told(result: dict[str, Any], *, verb: str) -> Answer:
    lines = [_line("Kept", item) for item in result["kept"]]
    lines += [_line(verb, item) for item in result["dropped"]]
    lines += [f"Skipped {item['storage']}: {item['code'].replace('_', ' ')}" for item in result["skipped"]]
    return Answer(result, "\n".join(lines) or "There is no archive yet.")


def _line(verb: str, item: dict[str, Any]) -> str:
    return f"{verb} {item['id']} at {item['storage']}: {line_words(item)}"
