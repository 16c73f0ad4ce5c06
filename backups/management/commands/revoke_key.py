"""`manage.py revoke_key`: a key that somebody else may hold."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from backups.services.key_refusals import MomentUnknown
from backups.services.revoke import SIGNING, Withdrawn, revoke

from ._base import Answer, PanelCommand
from ._confirm import confirm


class Command(PanelCommand):
    help = "Stop believing a signing key from a moment on, or never encrypt for a key again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("key", help="its fingerprint, as the page of keys shows it, or the public key")
        parser.add_argument(
            "--since", metavar="WHEN", default="", help="when it may have been stolen; default: now"
        )
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def answer(self, *, key: str, since: str, yes: bool, **_: Any) -> Answer:
        moment = _moment(since)
        confirm(f"Revoke the key {key} as of {moment:%Y-%m-%d %H:%M %Z}?", command="revoke_key", yes=yes)
        done = revoke(key, since=moment, by=None)
        values = {
            "key": done.fingerprint,
            "kind": done.kind,
            "since": done.since.isoformat(),
            "refused": list(done.refused),
            "still_held": done.still_held,
            "settings_before": str(done.kept),
        }
        return Answer(values, "\n".join(_told(done)))


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text) if text else timezone.now()
    except ValueError:
        raise MomentUnknown(text=text) from None
    return found if found.tzinfo else found.replace(tzinfo=timezone.get_current_timezone())


def _told(done: Withdrawn) -> list[str]:
    lines = [f"Revoked: {done.fingerprint}. The settings as they were before: {done.kept}"]
    if done.kind == SIGNING:
        lines.append(f"Of its archives {len(done.refused)} are refused from now on, {done.still_held} hold.")
        lines += [f"    refused: {archive}" for archive in done.refused]
    else:
        lines.append(
            f"No backup is made for it again. It still opens {done.still_held} that were: whoever has it and "
            "gets at their files can read them. Let them go when you no longer need them."
        )
    return [*lines, "Restart the web server and the workers now, and set the same on other hosts."]
