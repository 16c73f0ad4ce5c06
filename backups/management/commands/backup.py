"""`manage.py backup`: one backup now, in this process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser

from backups.services import work
from backups.services.backup import request_backup

from ._base import Answer, PanelCommand
from ._terminal import terminal
from ._words import size


class Command(PanelCommand):
    help = "Make one backup now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", choices=["database", "files"], help="only this part of the system")
        parser.add_argument("--label", default="", help="a word to find it again by")
        parser.add_argument(
            "--keep-days", type=int, default=0, metavar="N", help="pin it for so long; the label says why"
        )

    def answer(self, *, only: str | None, label: str, keep_days: int, **_: Any) -> Answer:
        with terminal() as shown:
            job = work.run_here(
                request_backup(
                    requested_by=None,
                    trigger="command",
                    label=label,
                    content=only or "everything",
                    keep_days=keep_days,
                ),
                listener=shown,
            )
        made = job.result
        held = f"{made['tables']} tables, {made['rows']} rows, " if only != "files" else ""
        files = f"{made['files']} files of {size(made['file_bytes'])}, " if made["files"] else ""
        summary = f"Backup {made['id']}: {held}{files}{size(made['bytes'])}"
        told = f"{summary} in {made['seconds']:.1f} s\n{made['archive']}{late(made['burden'])}"
        return Answer(made, told)


def late(burden: Mapping[str, Any]) -> str:
    """A line for a backup that is not of the newest data."""
    replica = burden.get("replica")
    if not replica or not (replica["broken"] or replica["too_far"]):
        return ""
    if replica["broken"]:
        return "\nIt was read from a replica whose replication had stopped."
    return f"\nIt was read from a replica that was {replica['behind']} s behind its primary."
