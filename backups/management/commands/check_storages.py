"""`manage.py check_storages`: can each storage be written, read, listed and cleared?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from backups.services import storage_needs, storages
from backups.services.refusals import StorageUnfit, Usage
from backups.services.storage_test import MEANING, Tested

from ._base import Answer, PanelCommand


class Command(PanelCommand):
    help = "Test each storage: write, read, list and delete a probe."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", metavar="NAME", help="one storage; without it, every one")

    def answer(self, *, name: str | None, **_: Any) -> Answer:
        found = [storage for storage in storages.every() if name in (None, storage.name)]
        if not found:
            raise Usage(reason=f"there is no storage {name}")
        tested = [storage_needs.tested(storage) for storage in found]
        unfit = [one.storage for one in tested if not one.enough]
        lines = [line for one in tested for line in _lines(one)]
        values = {"storages": [_told(one) for one in tested]}
        return Answer(values, "\n".join(lines), StorageUnfit(storages=", ".join(unfit)) if unfit else None)


def _told(tested: Tested) -> dict[str, Any]:
    steps = {
        step.name: {"ok": step.ok, "code": step.problem.code if step.problem else None}
        for step in tested.steps
    }
    rights = list(storage_needs.needs(tested).rights)
    return {"name": tested.storage, "enough": tested.enough, "steps": steps, "rights": rights}


def _lines(tested: Tested) -> list[str]:
    if not tested.missing:
        return [f"{tested.storage}: written, read, listed and deleted; all is well."]
    told = [f"{tested.storage}:"]
    for step in tested.missing:
        why = str(step.problem) if step.problem else "Not tried, since nothing could be written."
        told.append(f"  {step.name}: {why} {MEANING[step.name]}")
    needs = storage_needs.needs(tested)
    if needs.policy:
        told += ["  The key needs these rights more, as a policy like Amazon's says them:", needs.policy]
    if needs.command:
        told.append(f"  The folder belongs to another account: {needs.command}")
    return told
