"""`manage.py init`: settings and fresh keys, without a question asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from backups.services.init import Installation, initialise
from backups.services.key_files import PANEL, RECOVERY
from backups.services.refusals import FirstCheckFailed

from ._base import Answer, PanelCommand
from ._passphrase import add_passphrase_file, passphrases

PROTECTED = {"panel": (PANEL,), "recovery": (RECOVERY,), "both": (PANEL, RECOVERY)}


class Command(PanelCommand):
    help = "Write a settings file with fresh keys, make the panel's database, check connection and rights."
    needs_control_database = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--env-file", type=Path, default=settings.ENV_FILE, help="default: %(default)s")
        parser.add_argument(
            "--keys", type=Path, default=settings.BASE_DIR / "keys", help="default: %(default)s"
        )
        parser.add_argument(
            "--from-kit", metavar="FOLDER", type=Path, help="adopt the keys of a recovery kit"
        )
        parser.add_argument(
            "--passphrase",
            nargs="?",
            const="both",
            choices=PROTECTED,
            help="keep new identities under a passphrase, which is asked for: panel, recovery or both",
        )
        add_passphrase_file(parser)
        parser.add_argument("--no-check", action="store_true", help="do not look at the protected server")

    def answer(
        self, *, env_file: Path, keys: Path, from_kit: Path | None, no_check: bool, **options: Any
    ) -> Answer:
        wanted = dict.fromkeys(PROTECTED.get(options.get("passphrase") or "", ()), True)
        held = settings.BACKUP_IDENTITY_PASSPHRASE
        secrets_of = passphrases(wanted, options.get("passphrase_file"), held)
        made = initialise(
            env_file, keys, real=os.environ, defaults=_defaults(), kit=from_kit, secrets_of=secrets_of
        )
        rights, error = _check(made, no_check=no_check)
        values = {
            "env_file": str(made.env_file),
            "recipients": list(made.recipients),
            "recovery_identity": str(made.recovery_identity) if made.recovery_identity else None,
            "grants": {"backup": rights.get("backup", []), "restore": rights.get("restore", [])},
            "missing_grants": [*rights.get("missing_backup", []), *rights.get("missing_restore", [])],
        }
        return Answer(values, _told(made, rights), error)


def _defaults() -> dict[str, str]:
    """Absolute, so that the file means the same wherever it is read from."""
    return {
        "CONTROL_DATABASE_URL": f"sqlite:///{settings.VAR / 'control.sqlite3'}",
        "BACKUP_LOCAL_ROOT": str(settings.VAR / "archives"),
    }


def _check(made: Installation, *, no_check: bool) -> tuple[dict[str, Any], FirstCheckFailed | None]:
    """In a process of its own, which reads the new file: what it says is what the panel will see."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "check_connection", "--json"]
    done = subprocess.run(
        [*command, *(["--no-check"] if no_check else [])],
        env={**os.environ, "QPARKIN_ENV_FILE": str(made.env_file)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        check=False,
    )
    answer: dict[str, Any] = json.loads(done.stdout or b'{"error": "the settings could not be read"}')
    if done.returncode:
        return {}, FirstCheckFailed(env_file=str(made.env_file), reason=str(answer["error"]).rstrip("."))
    if answer["missing_backup"]:
        statements = " ".join(answer["missing_backup"])
        return answer, FirstCheckFailed(
            env_file=str(made.env_file), reason=f"rights are missing: {statements}"
        )
    return answer, None


def _told(made: Installation, rights: dict[str, Any]) -> str:
    lines = [f"Settings: {made.env_file}" + ("" if made.written else " (was complete already)")]
    lines += [f"Recipient: {recipient}" for recipient in made.recipients]
    if made.recovery_identity:
        lines.append(
            f"Recovery key: {made.recovery_identity} - copy it to a safe place and take it off this machine."
        )
    if made.locked:
        lines.append(
            "The panel's identity is under the passphrase: name a file that holds it in "
            "BACKUP_IDENTITY_PASSPHRASE_FILE, for whatever opens archives here."
        )
    lines += [
        f"Made for the uploads to come back to: {folder}. If it belongs on another disk, mount that first."
        for folder in made.room
    ]
    for title, name in (("back up", "backup"), ("restore", "restore")):
        if rights.get(name):
            lines += ["", f"Rights to {title}:", *rights[name]]
    if rights.get("missing_restore"):
        lines += ["", "Missing to restore; run these as an administrator:", *rights["missing_restore"]]
    return "\n".join(lines)
