"""`manage.py prove_recovery_key`: the key from the kit opens a backup, before it has to."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from backups.services.archives import find_archive
from backups.services.key_files import RECOVERY
from backups.services.key_proof import prove
from backups.services.keys import is_under_passphrase
from backups.services.refusals import InputMissing

from ._base import Answer, PanelCommand
from ._passphrase import add_passphrase_file, passphrases

# No identity file is longer.
MOST_BYTES = 64 * 1024


class Command(PanelCommand):
    help = "See that the recovery key opens a backup, and remember when. The key is read, and not kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("archive", nargs="?", default="", help="its id; default: the newest it is for")
        parser.add_argument(
            "--identity",
            metavar="FILE",
            required=True,
            help="recovery.identity of the kit, or - to read it from standard input",
        )
        add_passphrase_file(parser)

    def answer(self, *, archive: str, identity: str, passphrase_file: Path | None, **_: Any) -> Answer:
        text = _read(identity)
        held = settings.BACKUP_IDENTITY_PASSPHRASE if not passphrase_file and not sys.stdin.isatty() else ""
        secret = ""  # nosec B105 # none
        if is_under_passphrase(text):
            secret = passphrases({}, passphrase_file, held)(RECOVERY, False)
        done = prove(text, secret=secret, archive=find_archive(archive) if archive else None, by=None)
        values = {
            "key": done.fingerprint,
            "archive": done.archive,
            "tables": done.tables,
            "opens": done.opens,
            "signed": done.signed,
        }
        told = (
            f"The recovery key {done.fingerprint} opens the backup {done.archive} ({done.tables} tables); it "
            f"is made for {done.opens} of those in the list.\nNoted"
            + (" and signed" if done.signed else "; this host has no key to sign that with")
            + ". Put the kit back where it was."
        )
        return Answer(values, told)


def _read(identity: str) -> bytes:
    if identity == "-":
        return sys.stdin.buffer.read(MOST_BYTES)
    path = Path(identity)
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES)
    except OSError as error:
        raise InputMissing(path=str(path), reason=error.strerror or "there is no such file") from None
