"""What `restore` does about folders of files: the files alone, or database and files as one act."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandParser

from backups.models import Archive
from backups.services import folders, work
from backups.services.preflight import preflight
from backups.services.refusals import Usage
from backups.services.restore_files import refuse_without, request_restore_of_files

from ._base import Answer
from ._confirm import confirm
from ._preflight import check_values, preflight_lines
from ._terminal import terminal
from ._words import application, findings, size


def add_file_arguments(parser: CommandParser) -> None:
    parser.add_argument(
        "--files", action="store_true", help="the files of the archive alone; without it, the database alone"
    )
    parser.add_argument("--all", action="store_true", help="database and files, as one act with one undo")


def wanted_scope(options: dict[str, Any]) -> str:
    """By default the database; the files stay as they are, and newer uploads with them."""
    if options["files"] and options["all"]:
        raise Usage(reason="--files means the files alone and --all both; give one of them")
    if not (options["files"] or options["all"]):
        return folders.DATABASE
    for other in ("database", "tables", "beside"):
        if options.get(other):
            raise Usage(reason=f"--{other} is about the database; leave out --files and --all")
    return folders.FILES if options["files"] else folders.EVERYTHING


def restore_files(wanted: Archive, scope: str, options: dict[str, Any]) -> Answer:
    refuse_without(wanted, scope)
    if options["dry_run"]:
        return _dry_run(wanted, scope)
    if not options["yes"] and sys.stdin.isatty():
        sys.stderr.write(_preview(wanted, scope) + "\n")
    what = "the live folders" if scope == folders.FILES else "the live database and the live folders"
    confirm(f"Replace {what} by the archive {wanted.pk}?", command="restore", yes=options["yes"])
    job = request_restore_of_files(
        wanted,
        requested_by=None,
        trigger="command",
        scope=scope,
        accepted=[name.strip() for name in options["accept_findings"].split(",") if name.strip()],
        safety_backup=not options["no_safety_backup"],
        enable_events=options["enable_events"],
    )
    with terminal() as shown:
        done = work.run_here(job, listener=shown)
    return Answer(done.result, _told(done.result))


def _dry_run(wanted: Archive, scope: str) -> Answer:
    with_database = scope == folders.EVERYTHING
    looked = preflight(wanted, scope=scope)
    values = {
        "id": wanted.pk,
        "restore": None,
        "target": wanted.database,
        "dry_run": True,
        "scope": scope,
        "tables": wanted.tables if with_database else 0,
        "rows": wanted.rows if with_database else 0,
        "files": wanted.file_count,
        "file_bytes": wanted.file_bytes,
        "folders": wanted.folders,
        "seconds": None,
        "swap_ms": None,
        "undo_until": None,
        "new_findings": [],
        "known_findings": [],
        "may_go": looked.may_go,
        "preflight": [check_values(check) for check in looked.checks],
    }
    text = ["Nothing was changed. This is what would happen:", _preview(wanted, scope), ""]
    return Answer(values, "\n".join([*text, *preflight_lines(looked)]))


def _preview(wanted: Archive, scope: str) -> str:
    lines = [f"{wanted.pk} of {wanted.created:%Y-%m-%d %H:%M} UTC would replace:"]
    if scope == folders.EVERYTHING:
        lines.append(f"  the database {wanted.database}: {wanted.tables} tables, {wanted.rows} rows")
    lines += [
        f"  {folder['path']}: {folder['files']} files, {size(folder['bytes'])}" for folder in wanted.folders
    ]
    return "\n".join([*lines, "What is there now is kept beside it, so that it can be undone."])


def _told(result: dict[str, Any]) -> str:
    figures = f"{result['files']} files of {size(result['file_bytes'])}"
    if result["tables"]:
        figures = f"{result['tables']} tables, {result['rows']} rows, {figures}"
    lines = [f"Restored {result['id']}: {figures} in {result['seconds']:.1f} s"]
    lines.append(
        f"Changed over in {result['swap_ms']} ms. Until {result['undo_until'][:16]} it can be undone:"
    )
    lines.append(f"  manage.py undo_restore {result['restore']}")
    if result["owners_lost"]:
        lines.append(
            f"The owners of {result['owners_lost']} entries could not be given back: only root may do that."
        )
    lines += application(result["application"])
    lines += findings("Accepted findings", result["new_findings"])
    return "\n".join([*lines, *findings("Known defects of the application", result["known_findings"])])
