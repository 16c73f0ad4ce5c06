"""`manage.py restore`: shadow, prove, swap."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandParser

from backups.models import Archive, Job
from backups.services import archives, work
from backups.services.connections import protected_database
from backups.services.outlook import outlook
from backups.services.preflight import preflight
from backups.services.refusals import NotYet
from backups.services.restore import preview_restore, request_restore

from ._archive import add_archive_argument, wanted_archive
from ._base import Answer, PanelCommand
from ._confirm import confirm
from ._preflight import check_values, outlook_lines, outlook_values, preflight_lines
from ._terminal import terminal
from ._words import application, findings


class Command(PanelCommand):
    help = "Restore an archive: built beside the live database, proven, then swapped in."

    def add_arguments(self, parser: CommandParser) -> None:
        add_archive_argument(parser)
        parser.add_argument(
            "--database", metavar="NAME", help="a new or empty database instead of the live one"
        )
        parser.add_argument("--tables", metavar="a,b", help="only these tables (not yet)")
        parser.add_argument("--files", action="store_true", help="the files too (not yet)")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen; change nothing")
        parser.add_argument("--accept-findings", metavar="name,name", default="", help="findings to accept")
        parser.add_argument("--no-safety-backup", action="store_true", help="no backup of what is there now")
        parser.add_argument("--enable-events", action="store_true", help="wake the events at once")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def answer(self, *, archive: str, **options: Any) -> Answer:
        for option in ("tables", "files"):
            if options[option]:
                raise NotYet(option=f"--{option}")
        wanted = wanted_archive(archive)
        if not options["database"]:
            archives.refuse_other(wanted)
        if options["dry_run"]:
            return _dry_run(wanted, options["database"])
        if not options["database"]:
            _confirm(wanted, yes=options["yes"])
        with terminal() as shown:
            job = work.run_here(_requested(wanted, options), listener=shown)
        return Answer(job.result, _told(job.result))


def _requested(wanted: Archive, options: dict[str, Any]) -> Job:
    return request_restore(
        wanted,
        requested_by=None,
        trigger="command",
        target=options["database"],
        accepted=[name.strip() for name in options["accept_findings"].split(",") if name.strip()],
        safety_backup=not options["no_safety_backup"],
        enable_events=options["enable_events"],
    )


def _confirm(wanted: Archive, *, yes: bool) -> None:
    if not yes and sys.stdin.isatty():
        sys.stderr.write(_preview_text(wanted, None) + "\n")
    question = f"Replace the live database {protected_database()} by the archive {wanted.pk}?"
    confirm(question, command="restore", yes=yes)


def _dry_run(wanted: Archive, target: str | None) -> Answer:
    looked, ahead = preflight(wanted, target=target), outlook(wanted, target=target)
    preview = ahead.preview
    values = {
        "id": wanted.pk,
        "restore": None,
        "target": target or protected_database(),
        "dry_run": True,
        "tables": wanted.tables,
        "rows": wanted.rows,
        "seconds": None,
        "swap_ms": None,
        "undo_until": None,
        "new_findings": [],
        "known_findings": [],
        "live": preview.live,
        "changes": [{"table": row.table, "now": row.now, "after": row.after} for row in preview.changed],
        "may_go": looked.may_go,
        "preflight": [check_values(check) for check in looked.checks],
        **outlook_values(ahead),
    }
    text = [
        "Nothing was changed. This is what would happen:",
        _preview_text(wanted, target),
        *outlook_lines(ahead),
        "",
        *preflight_lines(looked),
    ]
    return Answer(values, "\n".join(text))


def _preview_text(wanted: Archive, target: str | None) -> str:
    if target:
        return f"{wanted.pk} ({wanted.tables} tables, {wanted.rows} rows) would become the database {target}."
    preview = preview_restore(wanted)
    lines = [f"{wanted.pk} of {wanted.created:%Y-%m-%d %H:%M} UTC would replace {protected_database()}."]
    lines += [
        f"  {row.table}: {'unreadable' if row.unreadable else _count(row.now)} rows now, "
        f"{_count(row.after)} after"
        for row in preview.changed
    ]
    return "\n".join(lines if preview.changed else [*lines, "  Every table has as many rows as now."])


def _count(rows: int | None) -> str:
    return "no" if rows is None else str(rows)


def _told(result: dict[str, Any]) -> str:
    figures = f"{result['tables']} tables, {result['rows']} rows in {result['seconds']:.1f} s"
    lines = [f"Restored {result['id']} into {result['target']}: {figures}"]
    if result["undo_until"]:
        lines.append(
            f"Changed over in {result['swap_ms']} ms. Until {result['undo_until'][:16]} it can be undone:"
        )
        lines.append(f"  manage.py undo_restore {result['restore']}")
    lines += application(result["application"])
    lines += findings("Accepted findings", result["new_findings"])
    return "\n".join([*lines, *findings("Known defects of the application", result["known_findings"])])
