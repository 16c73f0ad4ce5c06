"""`manage.py check_connection`: does the server answer, what may the accounts do, and what reads the rows?"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from backups.services import connections, rights

from ._base import Answer, PanelCommand

ROWS = {
    "ready": "Rows are read fast, by the helper in C.",
    "off": "Rows are read without the helper in C, since QPARKIN_FAST_ROWS=0. Slower, the same bytes.",
    "absent": "Rows are read without the helper in C, which is not built here: bin/demo builds it where "
    "there are cc and Python.h. Slower, the same bytes.",
    "stale": "Rows are read without the helper in C, which was built from another source: bin/demo builds it "
    "anew. Slower, the same bytes.",
}


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
        helper = connections.row_helper()
        lines += ["", ROWS[helper]]
        return Answer({**asdict(found), "row_helper": helper}, "\n".join(lines))
