"""`manage.py schedules`: when backups are made by themselves; pause one, or switch it on again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from backups import runs
from backups.models import Schedule, Slot
from backups.services import schedules
from backups.services.refusals import Usage
from backups.templatetags.schedules import content_words, times_words

from ._base import Answer, PanelCommand


class Command(PanelCommand):
    help = "List the schedules; --pause or --resume one by its name."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--pause", metavar="NAME", help="it makes no backup until it is resumed")
        parser.add_argument("--resume", metavar="NAME", help="from now on it does again")

    def answer(self, *, pause: str | None = None, resume: str | None = None, **_: Any) -> Answer:
        if pause:
            schedules.pause(_named(pause), by=None)
        if resume:
            schedules.resume(_named(resume), by=None)
        last = runs.last_slots()
        listed = [_listing(schedule, last.get(schedule.pk)) for schedule in runs.schedules()]
        lines = [
            f"{item['name']}  {item['times']}, {item['content']}  next: {item['next']}" for item in listed
        ]
        return Answer({"schedules": listed}, "\n".join(lines) or "There is no schedule yet.")


def _named(name: str) -> Schedule:
    schedule = runs.schedules().filter(name=name).first()
    if schedule is None:
        raise Usage(reason=f"there is no schedule {name}")
    return schedule


def _listing(schedule: Schedule, last: Slot | None) -> dict[str, Any]:
    return {
        "name": schedule.name,
        "times": times_words(schedule),
        "content": content_words(schedule),
        "paused": not schedule.enabled,
        "next": schedule.next_run.isoformat() if schedule.next_run else None,
        "last": {"at": last.at.isoformat(), "state": str(last.state), "late": last.late} if last else None,
    }
