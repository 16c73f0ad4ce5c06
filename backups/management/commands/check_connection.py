"""`manage.py check_connection`: does the protected server answer, and what may the accounts do?"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from backups.services import rights

from ._base import Answer, PanelCommand


class Command(PanelCommand):
    help = "Check the connection to the protected database and the rights of both accounts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-check", action="store_true", help="only say which rights are needed")

    def answer(self, *, no_check: bool, **_: Any) -> Answer:
        found = rights.needed() if no_check else rights.checked()
        lines = ["Rights to back up:", *found.backup, "", "Rights to restore:", *found.restore]
        missing = (*found.missing_backup, *found.missing_restore)
        if missing:
            lines += ["", "Missing; run these as an administrator:", *missing]
        return Answer(asdict(found), "\n".join(lines))
