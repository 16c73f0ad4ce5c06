"""`manage.py check_certificate FILE`: whether a drill's certificate is as the panel signed it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from backups.services.certificate import check
from backups.services.refusals import InputMissing

from ._base import Answer, PanelCommand


class Command(PanelCommand):
    help = "Hold a certificate's file, as the panel hands it out, against the signing keys trusted here."
    # A certificate is checked where there may be nothing else any more.
    needs_control_database = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")

    def answer(self, *, file: Path, **_: Any) -> Answer:
        try:
            text = file.read_bytes()
        except OSError as error:
            raise InputMissing(path=str(file), reason=error.strerror or "no reason given") from None
        said = check(text)
        return Answer(said, _text(said))


def _text(said: dict[str, Any]) -> str:
    verdict = "was restored, and it is proven" if said["proven"] else "was tried out, and it is NOT proven"
    return (
        f"The signature holds. Archive {said['archive']} of {said['database']} {verdict}, "
        f"{said['made_at']}: {said['tables']} tables, {said['rows']} rows, "
        f"read from {said['storage'] or 'its storage'}. Its seal has the SHA-256 {said['seal']}."
    )
