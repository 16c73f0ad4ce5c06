"""`manage.py inspect_dump`: a dump from elsewhere in quarantine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from backups.services import work
from backups.services.inspect import request_inspect
from backups.services.refusals import DumpBreaks

from ._base import Answer, PanelCommand
from ._terminal import terminal
from ._words import findings

SHOWN = 20


class Command(PanelCommand):
    help = "Load a dump from elsewhere into a disposable server, and say where it breaks and what works."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="a .sql, .sql.gz or .zip file")
        parser.add_argument(
            "--adopt", action="store_true", help="store what could be saved as an archive of ours"
        )

    def answer(self, *, file: Path, adopt: bool, **_: Any) -> Answer:
        asked = request_inspect(file, name=file.name, adopt=adopt, requested_by=None, trigger="command")
        with terminal() as shown:
            found = work.run_here(asked, listener=shown).result
        error = None
        if not found["loads"]:
            error = DumpBreaks(name=found["file"], line=found["line"] or 0, what=found["error"] or "")
        return Answer(found, _told(found), error)


def _told(found: dict[str, Any]) -> str:
    verdict = "loads" if found["loads"] else f"does not load: {found['lost_count']} statements are lost"
    lines = [
        f"{found['file']}: {verdict}",
        f"Saved: {_counts(found)}",
        *_listed("Lost", found["lost"], found["lost_count"]),
        *_listed("Not let in", found["left_out"], found["left_out_count"]),
        *findings("What would not work", found["findings"]),
    ]
    if found["adopted"]:
        lines.append(f"Taken over as archive {found['adopted']}")
    return "\n".join(lines)


def _counts(found: dict[str, Any]) -> str:
    kinds = ("tables", "rows", "triggers", "views", "routines", "events")
    return ", ".join(f"{found[kind]} {kind}" for kind in kinds)


def _listed(title: str, troubles: list[dict[str, Any]], count: int) -> list[str]:
    if not troubles:
        return []
    lines = [f"  line {t['line']}: {t['kind']} {t['name']} {_why(t)}".rstrip() for t in troubles[:SHOWN]]
    more = [f"  and {count - SHOWN} more"] if count > SHOWN else []
    return [f"{title}:", *lines, *more]


def _why(trouble: dict[str, Any]) -> str:
    said = f"{trouble['errno']} {trouble['message']}" if trouble["errno"] else trouble["message"]
    return f"({said})" if said else ""
