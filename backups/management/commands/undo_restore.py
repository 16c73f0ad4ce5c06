"""`manage.py undo_restore`: swap back."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandParser

from backups.services import work
from backups.services.undo import find_restore, refuse_impossible, request_undo
from backups.services.undo_ahead import undo_outlook

from ._base import Answer, PanelCommand
from ._confirm import confirm
from ._terminal import terminal
from ._undo_ahead import undo_lines, undo_values
from ._words import application


class Command(PanelCommand):
    help = "Take a restore back: what was there before becomes live again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("restore", metavar="RESTORE|latest", help="the restore's id")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what undo itself would set aside; change nothing"
        )
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def answer(self, *, restore: str, yes: bool, dry_run: bool = False, **_: Any) -> Answer:
        wanted = find_restore(restore)
        if dry_run:
            refuse_impossible(wanted)
            ahead = undo_outlook(wanted)
            return Answer(undo_values(wanted, ahead), "\n".join(["Nothing was changed.", *undo_lines(ahead)]))
        if not yes and sys.stdin.isatty() and wanted.can_undo:
            sys.stderr.write("\n".join(undo_lines(undo_outlook(wanted))) + "\n")
        confirm(
            f"Take back the restore of {wanted.archive_id or 'an archive'} in {wanted.target}?",
            command="undo_restore",
            yes=yes,
        )
        with terminal() as shown:
            job = work.run_here(request_undo(wanted, requested_by=None, trigger="command"), listener=shown)
        done = job.result
        kept = f"Safety backup: {done['safety_archive']}"
        if done["safety_archive"] is None:
            kept = f"No safety backup was made ({done['safety_skipped']})."
        told = f"{wanted.target} is again what it was before; changed over in {done['swap_ms']} ms."
        return Answer(done, "\n".join([told, kept, *application(done["application"])]))
