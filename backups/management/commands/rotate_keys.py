"""`manage.py rotate_keys`: new keys for old ones, here at the machine and never from a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from backups.services import hosts, rotation
from backups.services.key_files import RECOVERY
from backups.services.refusals import Usage
from backups.services.rotation import Plan, Rotated

from ._base import Answer, PanelCommand
from ._confirm import confirm
from ._passphrase import add_passphrase_file, passphrases

NEXT = {
    "panel": "New backups are made for the new key; the file of identities holds the old one too, and opens "
    "everything. The recovery kit stays as it is.",
    "recovery": "Now hand out the new kit: manage.py recovery_kit --output FOLDER. Keep the old kit: the "
    "backups made until now open with that one (and with the panel's key), not with the new one.",
    "signing": "The old public key stays trusted. Put what this writes beside the recovery key, so that a "
    "fresh machine trusts the new one too: manage.py recovery_kit --output FOLDER",
    "secret": "People stay signed in, and stored addresses are locked with the new key within minutes. An "  # nosec B105 # told
    "hour after that SECRET_KEY_FALLBACKS may be emptied.",
}


class Command(PanelCommand):
    help = "Make a new key in place of an old one. Nothing is deleted; older archives go on opening."

    def add_arguments(self, parser: CommandParser) -> None:
        kind = parser.add_mutually_exclusive_group(required=True)
        for name, told in (
            ("panel", "the age key that opens archives here"),
            ("recovery", "the age key of the recovery kit"),
            ("signing", "the key that signs seals"),
            ("secret", "SECRET_KEY, which locks sessions and stored addresses"),
        ):
            kind.add_argument(
                f"--{name}", dest="kind", action="store_const", const=name, help=f"replace {told}"
            )
        parser.add_argument(
            "--replace", metavar="FINGERPRINT", default="", help="of several recovery keys, this one"
        )
        parser.add_argument(
            "--by-hand",
            action="store_true",
            help="make the key, leave the settings file alone and say what to set",
        )
        parser.add_argument(
            "--passphrase", action="store_true", help="the new recovery key under a passphrase, asked for"
        )
        add_passphrase_file(parser)
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def answer(self, *, kind: str, by_hand: bool, yes: bool, **options: Any) -> Answer:
        if by_hand and kind == "secret":
            raise Usage(reason="--by-hand would show SECRET_KEY; make one with: openssl rand -base64 48")
        plan = _plan(kind, **options)
        confirm(f"Make a new {kind} key and write it into the settings?", command="rotate_keys", yes=yes)
        done = rotation.carry_out(plan, by_hand=by_hand, by=None)
        answers = [host.name for host in hosts.live()]
        values = {
            "kind": kind,
            "old": plan.old or None,
            "new": plan.new or None,
            "files": [str(path) for path in plan.files],
            "settings_before": str(done.kept) if done.kept else None,
            "set": dict(plan.values) if by_hand else {},
            "restart": answers,
        }
        return Answer(values, "\n".join(_told(plan, done, answers)))


def _plan(kind: str, *, replace: str, passphrase: bool, passphrase_file: Path | None, **_: Any) -> Plan:
    if kind == "recovery":
        wanted = {RECOVERY: passphrase or passphrase_file is not None}
        secret = passphrases(wanted, passphrase_file)(RECOVERY, True)
        return rotation.plan_recovery(replace=replace, secret=secret)
    return {"panel": rotation.plan_panel, "signing": rotation.plan_signing, "secret": rotation.plan_secret}[
        kind
    ]()


def _told(plan: Plan, done: Rotated, answering: list[str]) -> list[str]:
    lines = [f"New {plan.kind} key{f' {plan.new}' if plan.new else ''}."]
    lines += [f"Written: {path}" for path in plan.files]
    if done.kept:
        lines.append(f"Changed: {settings.ENV_FILE}; as it was before: {done.kept}")
        lines.append("Restart the web server and the workers now; until then they go on with the old key.")
    else:
        lines += ["Set this, then restart the web server and the workers:"]
        lines += [f"    {name}={value}" for name, value in plan.values.items()]
    others = [name for name in answering if name != settings.WORKER_NAME]
    if answering:
        lines.append(f"Workers answer on: {', '.join(answering)}.")
    if others:
        lines.append("The other hosts have settings of their own: change them likewise.")
    return [*lines, NEXT[plan.kind]]
