"""A question before what changes the live database."""

from __future__ import annotations

import sys

from backups.services.refusals import Cancelled, ConfirmationMissing


def confirm(question: str, *, command: str, yes: bool) -> None:
    """Nobody there to ask is a no."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise ConfirmationMissing(command=command)
    sys.stderr.write(f"{question} Type yes: ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() != "yes":
        raise Cancelled
