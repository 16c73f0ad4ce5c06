"""What `restore` does about folders of files: the files alone, or database and files as one act."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from backups.models import Archive
from backups.services import folders, work
from backups.services.preflight import preflight
from backups.services.preview import FilesPreview, FolderChanges, preview_files
from backups.services.refusals import Usage
from backups.services.restore_request import refuse_without

from ._base import Answer
from ._confirm import confirm
from ._preflight import check_values, preflight_lines, rewrite_lines, rewrite_values
from ._request import requested
from ._terminal import terminal
from ._words import application, findings, rewritten, safety, size

WHAT = {"comes_back": "+", "changes": "~", "goes": "-"}


def add_file_arguments(parser: CommandParser) -> None:
    parser.add_argument(
        "--files", action="store_true", help="the files of the archive alone; without it, the database alone"
    )
    parser.add_argument(
        "--into",
        metavar="FOLDER",
        help="with --files: into this new or empty folder instead",
    )
    parser.add_argument("--all", action="store_true", help="database and files, as one act with one undo")


def wanted_scope(options: dict[str, Any]) -> str:
    """By default the database; the files stay as they are, and newer uploads with them."""
    if options["files"] and options["all"]:
        raise Usage(reason="--files means the files alone and --all both; give one of them")
    if options["into"] and not options["files"]:
        raise Usage(reason="--into is for files alone: --files --into FOLDER")
    if not (options["files"] or options["all"]):
        return folders.DATABASE
    for other in ("database", "tables", "beside"):
        if options.get(other):
            raise Usage(reason=f"--{other} is about the database; leave out --files and --all")
    return folders.FILES if options["files"] else folders.EVERYTHING


def restore_files(wanted: Archive, scope: str, options: dict[str, Any]) -> Answer:
    refuse_without(wanted, scope)
    into = options["into"] or ""
    if options["dry_run"]:
        return _dry_run(wanted, scope, into)
    if not into:
        _confirm(wanted, scope, yes=options["yes"])
    job = requested(wanted, scope, (), options)
    with terminal() as shown:
        done = work.run_here(job, listener=shown)
    return Answer(done.result, _told_apart(done.result) if into else _told(done.result))


def _confirm(wanted: Archive, scope: str, *, yes: bool) -> None:
    if not yes and sys.stdin.isatty():
        sys.stderr.write("\n".join(_preview(wanted, scope, preview_files(wanted))) + "\n")
    what = "the live folders" if scope == folders.FILES else "the live database and the live folders"
    confirm(f"Replace {what} by the archive {wanted.pk}?", command="restore", yes=yes)


def _dry_run(wanted: Archive, scope: str, into: str) -> Answer:
    with_database = scope == folders.EVERYTHING
    looked = preflight(wanted, scope=scope, into=into)
    files = None if into else preview_files(wanted)
    values = {
        "id": wanted.pk,
        "restore": None,
        "target": into or wanted.database,
        "dry_run": True,
        "scope": scope,
        "tables": wanted.tables if with_database else 0,
        "rows": wanted.rows if with_database else 0,
        "files": wanted.file_count,
        "file_bytes": wanted.file_bytes,
        "folders": wanted.folders,
        "file_changes": [asdict(folder) for folder in files.folders] if files else [],
        "seconds": None,
        "swap_ms": None,
        "undo_until": None,
        "new_findings": [],
        "known_findings": [],
        "may_go": looked.may_go,
        "preflight": [check_values(check) for check in looked.checks],
        "rewrites": rewrite_values(looked),
    }
    told = (
        _preview(wanted, scope, files)
        if files
        else [f"The files of {wanted.pk} would come to lie in {into}."]
    )
    text = ["Nothing was changed. This is what would happen:", *told, ""]
    return Answer(values, "\n".join([*text, *preflight_lines(looked), *rewrite_lines(looked)]))


def _preview(wanted: Archive, scope: str, files: FilesPreview) -> list[str]:
    lines = [f"{wanted.pk} of {wanted.created:%Y-%m-%d %H:%M} UTC would replace:"]
    if scope == folders.EVERYTHING:
        lines.append(f"  the database {wanted.database}: {wanted.tables} tables, {wanted.rows} rows")
    lines += [
        f"  {folder['path']}: {folder['files']} files, {size(folder['bytes'])}" for folder in wanted.folders
    ]
    for changes in files.folders:
        lines += _change_lines(changes)
    return [*lines, "What is there now is kept beside it, so that it can be undone."]


def _change_lines(changes: FolderChanges) -> Iterator[str]:
    yield f"In {changes.folder}" + (":" if changes.there else ", which is gone:")
    for words, counted in (
        ("come back", changes.comes_back),
        ("become the older ones again", changes.changes),
        ("are set aside", changes.goes),
    ):
        yield f"  {counted.files} files {words} ({size(counted.bytes)})"
    yield f"  {changes.same} stay as they are"
    yield from (f"    {WHAT[what]} {path}" for what, path in changes.names)


def _told_apart(result: dict[str, Any]) -> str:
    figures = f"{result['files']} files of {size(result['file_bytes'])} in {result['seconds']:.1f} s"
    places = [f"  {live} lies now as {place}" for live, place in result["places"]]
    return "\n".join([f"Put apart from {result['id']}: {figures}", *places, *_owners(result)])


def _owners(result: dict[str, Any]) -> list[str]:
    lost = result["owners_lost"]
    return [f"The owners of {lost} entries could not be given back: only root may do that."] if lost else []


def _told(result: dict[str, Any]) -> str:
    figures = f"{result['files']} files of {size(result['file_bytes'])}"
    if result["tables"]:
        figures = f"{result['tables']} tables, {result['rows']} rows, {figures}"
    lines = [f"Restored {result['id']}: {figures} in {result['seconds']:.1f} s"]
    lines.append(
        f"Changed over in {result['swap_ms']} ms. Until {result['undo_until'][:16]} it can be undone:"
    )
    lines.append(f"  manage.py undo_restore {result['restore']}")
    lines += safety(result)
    lines += _owners(result)
    lines += rewritten(result["rewritten"])
    lines += application(result["application"])
    lines += findings("Accepted findings", result["new_findings"])
    return "\n".join([*lines, *findings("Known defects of the application", result["known_findings"])])
