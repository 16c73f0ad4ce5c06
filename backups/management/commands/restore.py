"""`manage.py restore`: shadow, prove, swap."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandParser

from backups.models import Archive
from backups.services import archives, work
from backups.services.connections import protected_database
from backups.services.folders import DATABASE, FILES
from backups.services.preview import scope_preview
from backups.services.refusals import Usage
from backups.services.restore_request import refuse_unknown

from ._archive import add_archive_argument, wanted_archive
from ._base import Answer, PanelCommand
from ._confirm import confirm
from ._dry_run import dry_run, preview_text
from ._files import add_file_arguments, restore_files, wanted_scope
from ._request import requested
from ._scope import scope_text, told_of_scope, wanted_tables
from ._terminal import terminal
from ._words import application, findings, rewritten, safety


class Command(PanelCommand):
    help = "Restore an archive: built beside the live database, proven, then swapped in."

    def add_arguments(self, parser: CommandParser) -> None:
        add_archive_argument(parser)
        parser.add_argument(
            "--database", metavar="NAME", help="a new or empty database instead of the live one"
        )
        parser.add_argument("--tables", metavar="a,b", help="only these tables")
        parser.add_argument(
            "--beside", action="store_true", help="the tables under other names beside the live ones"
        )
        parser.add_argument(
            "--accept-dangling",
            action="store_true",
            help="though rows would refer to no row",
        )
        add_file_arguments(parser)
        parser.add_argument("--dry-run", action="store_true", help="say what would happen; change nothing")
        parser.add_argument("--accept-findings", metavar="name,name", default="", help="findings to accept")
        parser.add_argument(
            "--fix-case",
            action="store_true",
            help="spell tables in triggers, procedures and views as they are called on this server",
        )
        parser.add_argument("--no-safety-backup", action="store_true", help="no backup of what is there now")
        parser.add_argument("--enable-events", action="store_true", help="wake the events at once")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def answer(self, *, archive: str, **options: Any) -> Answer:
        scope = wanted_scope(options)
        tables = _tables(options)
        wanted = wanted_archive(archive, holds=FILES if scope == FILES else DATABASE)
        if scope != DATABASE or not (tables or wanted.holds_database):
            return restore_files(wanted, scope if wanted.holds_database else FILES, options)
        refuse_unknown(wanted, tables)
        if not options["database"]:
            archives.refuse_other(wanted)
        if options["dry_run"]:
            return dry_run(wanted, options["database"], tables, beside=options["beside"])
        if not options["database"] and not options["beside"]:
            _confirm(wanted, tables, yes=options["yes"])
        with terminal() as shown:
            job = work.run_here(requested(wanted, DATABASE, tables, options), listener=shown)
        return Answer(job.result, _told(job.result))


def _tables(options: dict[str, Any]) -> tuple[str, ...]:
    tables = wanted_tables(options["tables"])
    if options["tables"] is not None and not tables:
        raise Usage(reason="--tables names no table")
    if options["beside"] and (options["database"] or not tables):
        raise Usage(reason="--beside goes with --tables a,b and without --database")
    return tables


def _confirm(wanted: Archive, tables: tuple[str, ...], *, yes: bool) -> None:
    if not yes and sys.stdin.isatty():
        told = scope_text(wanted, scope_preview(wanted, tables)) if tables else preview_text(wanted, None)
        sys.stderr.write(told + "\n")
    what = f"the tables {', '.join(tables)} of " if tables else ""
    question = f"Replace {what}the live database {protected_database()} by the archive {wanted.pk}?"
    confirm(question, command="restore", yes=yes)


def _told(result: dict[str, Any]) -> str:
    figures = f"{result['tables']} tables, {result['rows']} rows in {result['seconds']:.1f} s"
    lines = [f"Restored {result['id']} into {result['target']}: {figures}"]
    if result["undo_until"]:
        lines.append(
            f"Changed over in {result['swap_ms']} ms. Until {result['undo_until'][:16]} it can be undone:"
        )
        lines.append(f"  manage.py undo_restore {result['restore']}")
    lines += safety(result)
    lines += told_of_scope(result["scope"])
    lines += rewritten(result["rewritten"])
    lines += application(result["application"])
    lines += findings("Accepted findings", result["new_findings"])
    return "\n".join([*lines, *findings("Known defects of the application", result["known_findings"])])
