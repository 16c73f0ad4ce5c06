"""`manage.py drill`: the full proof in a throw-away schema."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from backups.services import work
from backups.services.drill import request_drill
from backups.services.refusals import NotProven

from ._archive import add_archive_argument, wanted_archive
from ._base import Answer, PanelCommand
from ._terminal import terminal
from ._words import findings


class Command(PanelCommand):
    help = "Prove that an archive restores: in a throw-away schema of the configured server."

    def add_arguments(self, parser: CommandParser) -> None:
        add_archive_argument(parser)

    def answer(self, *, archive: str, **_: Any) -> Answer:
        wanted = wanted_archive(archive)
        with terminal() as shown:
            job = work.run_here(request_drill(wanted, requested_by=None, trigger="command"), listener=shown)
        proof = job.result
        verdict = "proven" if proof["proven"] else "not proven"
        figures = f"{proof['tables']} tables, {proof['rows']} rows in {proof['seconds']:.1f} s"
        lines = [
            f"{wanted.pk}: {verdict}; {figures}",
            *(f"  differs: {difference}" for difference in proof["differences"]),
            *findings("New findings", proof["new_findings"]),
            *findings("Known defects of the application", proof["known_findings"]),
            *(f"  not exercised: {item['name']} ({item['why']})" for item in proof["not_exercised"]),
        ]
        error = None if proof["proven"] else NotProven(archive=wanted.pk, why=_why(proof))
        return Answer(proof, "\n".join(lines), error)


def _why(proof: dict[str, Any]) -> str:
    if not proof["equal"]:
        return "it does not equal its source"
    return "these would no longer work: " + ", ".join(item["name"] for item in proof["new_findings"])
