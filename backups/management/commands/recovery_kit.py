"""`manage.py recovery_kit`: what a fresh machine needs, to print and lock away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from backups.services.recovery_kit import make_recovery_kit

from ._base import Answer, PanelCommand


class Command(PanelCommand):
    help = "Write the recovery kit; the recovery identity moves into the first one and is kept nowhere else."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--output", metavar="FOLDER", type=Path, required=True, help="a new or empty folder"
        )

    def answer(self, *, output: Path, **_: Any) -> Answer:
        made = make_recovery_kit(output, by=None)
        values = {
            "folder": str(made.folder),
            "files": list(made.files),
            "recovery_identity": made.recovery_identity,
        }
        held = (
            "It holds the recovery identity, which is now nowhere else: take it off this machine."
            if made.recovery_identity
            else "It does not hold the recovery identity, which was handed out before."
        )
        return Answer(values, f"{made.folder}: {', '.join(made.files)}\n{held}")
