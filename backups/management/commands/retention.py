"""`manage.py retention`: how long a storage keeps its archives; shown, or changed."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from django.core.management.base import CommandParser

from backups.services import policies
from backups.services.refusals import Usage
from backups.services.retention import PRESET, Policy

from ._base import Answer, PanelCommand
from ._words import size

FIELDS = {
    "all_days": "every archive of so many days",
    "daily": "then one a day for so many days",
    "weekly": "then one a week for so many weeks",
    "monthly": "then one a month for so many months",
    "yearly": "then one a year for so many years",
}


class Command(PanelCommand):
    help = (
        "Show how long archives are kept, or change it for one storage. Nothing goes before the next prune."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--storage", metavar="NAME", default="", help="of this storage only")
        for name, words in FIELDS.items():
            parser.add_argument(f"--{name.replace('_', '-')}", type=int, metavar="N", help=words)
        parser.add_argument("--max-bytes", type=int, metavar="N", help="at most so many bytes; 0: no limit")
        parser.add_argument("--preset", action="store_true", help="begin with the preset: 7, 16, 8, 4, 2")

    def answer(self, *, storage: str, **options: Any) -> Answer:
        given = {name: options[name] for name in (*FIELDS, "max_bytes") if options[name] is not None}
        if given or options["preset"]:
            _change(storage, given, preset=options["preset"])
        kept = policies.every()
        shown = {storage: policies.of(storage)} if storage else kept
        lines = [_line(name, policy) for name, policy in shown.items()]
        return Answer(
            {"policies": {name: asdict(policy) for name, policy in shown.items()}}, "\n".join(lines)
        )


def _change(storage: str, given: dict[str, int], *, preset: bool) -> None:
    if not storage:
        raise Usage(reason="say of which storage: --storage NAME")
    # The columns that keep them are small; and no disk outlives 500 years.
    if wrong := [name for name, value in given.items() if value < 0 or (name in FIELDS and value > 999)]:
        raise Usage(reason=f"--{wrong[0].replace('_', '-')} is a number from 0 to 999")
    begun = PRESET if preset else policies.of(storage)
    values: dict[str, int | None] = dict(given)
    if "max_bytes" in values:
        values["max_bytes"] = values["max_bytes"] or None
    policies.change(storage, replace(begun, **values), by=None)  # type: ignore[arg-type]


def _line(name: str, policy: Policy) -> str:
    cap = f", at most {size(policy.max_bytes)}" if policy.max_bytes else ""
    return (
        f"{name}: all of {policy.all_days} days, then {policy.daily} daily, {policy.weekly} weekly, "
        f"{policy.monthly} monthly, {policy.yearly} yearly{cap}"
    )
